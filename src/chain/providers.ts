import type { PublicClient } from 'viem'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { Lie, toChainError, unavailability, unavailable } from './errors.ts'
import type { ChainMetrics } from './metrics.ts'

/** One configured endpoint of the chain. */
export interface Provider {
  /** Host and port: what may be shown. The rest of a URL often holds a secret. */
  readonly name: string
  readonly client: PublicClient
  /** Resolves when the provider is known to serve the configured chain; throws otherwise. */
  verify(): Promise<void>
  /** Makes the next `verify` look again. */
  doubt(): void
}

/**
 * How a provider stands. `ok`: it answers. `silent`: it did not answer when last asked. `stale`: its newest block is
 * older than that of others. `banned`: it was caught in a lie, and is asked only to make a number full.
 */
export type ProviderStatus = 'ok' | 'silent' | 'stale' | 'banned'

export interface ProviderStanding {
  readonly name: string
  readonly status: ProviderStatus
  /** What is wrong; undefined for `ok`. */
  readonly why: string | undefined
  /** ms since the epoch. */
  readonly since: number
}

/** The answer of one provider. */
export interface Answer<T> {
  readonly provider: string
  readonly value: T
}

/** What all providers answered to one question. */
export interface Answers<T> {
  readonly answers: readonly Answer<T>[]
  /** Why the others did not. */
  readonly silent: readonly { readonly provider: string; readonly error: LariatError }[]
}

/** The configured providers. What a statement rests on is asked of all (`collect`) or proven; see `facts/`. */
export interface Providers {
  /** Where the configuration has their chain, for errors: `chain`, `chains.base`. */
  readonly section: string
  /** How many are configured, whether or not they work. */
  readonly count: number
  /** How many must answer, and agree, for something to be signed over it: two thirds, and two; one when one is configured. */
  readonly needed: number
  /**
   * The first usable answer to one question: for what is not signed over, and for what proves itself. `question` may make
   * several requests; all of them go to the same provider. One that throws a `Lie` has its provider banned.
   * @param what names the question in errors
   * @throws LariatError `chain.unavailable` when no provider had a usable answer; whatever else `question` throws as LariatError
   */
  ask<T>(what: string, question: (client: PublicClient, provider: string) => Promise<T>): Promise<T>
  /**
   * What every provider answers, asked at the same time. Resolves when all did or failed to. Banned ones are asked only when
   * the others are fewer than `needed`, and heard only when those are at least half of `needed`: who was caught may make a
   * number full, never decide.
   */
  collect<T>(what: string, question: (client: PublicClient, provider: string) => Promise<T>): Promise<Answers<T>>
  /**
   * Tells every provider; resolves with the first answer, or rejects with every provider's error when none took it.
   * @throws AggregateError of what `tell` threw, unchanged
   */
  broadcast<T>(tell: (client: PublicClient) => Promise<T>): Promise<T>
  /** Bans the provider of that name for a proven lie. It still counts as configured. */
  accuse(name: string, lie: Lie): void
  /** Says how a provider does that is not banned. */
  report(name: string, status: Exclude<ProviderStatus, 'banned'>, why?: string): void
  standing(): readonly ProviderStanding[]
}

export interface ProvidersOptions {
  readonly list: readonly Provider[]
  readonly section?: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<ChainMetrics, 'lies' | 'providers'>
}

/** For so long a provider that failed is asked last, ms. */
const REST_MS = 10_000
/** For so long a provider that was caught in a lie decides nothing, ms: time for somebody to look. */
export const BAN_MS = 3_600_000

/** How many of `count` configured providers must agree: ⌈2·count/3⌉, and two unless there is one. */
export function neededOf(count: number): number {
  return Math.min(count, Math.max(2, Math.ceil((2 * count) / 3)))
}

export function createProviders({ list, section = 'chain', clock, log, metrics }: ProvidersOptions): Providers {
  const needed = neededOf(list.length)
  const restsUntil = new Map<Provider, number>()
  const bannedUntil = new Map<Provider, number>()
  const standings = new Map<Provider, ProviderStanding>()
  for (const provider of list) {
    set(provider, 'ok', undefined)
    metrics.lies.inc({ provider: provider.name, kind: 'header' }, 0) // begins at 0, so that a first lie shows as a change
  }

  function set(provider: Provider, status: ProviderStatus, why: string | undefined): void {
    const before = standings.get(provider)
    if (before?.status === status && (before.why === why || status === 'silent')) return
    const since = before?.status === status ? before.since : clock.now()
    standings.set(provider, { name: provider.name, status, why, since })
    if (before?.status === status) return
    if (before !== undefined) metrics.providers.set({ provider: provider.name, status: before.status }, 0)
    metrics.providers.set({ provider: provider.name, status }, 1)
    if (before === undefined) return
    if (status === 'ok') log.info('a provider is well again', { provider: provider.name })
    else if (status !== 'banned') log.warn('a provider is not well', { provider: provider.name, status, why })
  }

  function isBanned(provider: Provider): boolean {
    const until = bannedUntil.get(provider)
    if (until === undefined) return false
    if (until > clock.now()) return true
    bannedUntil.delete(provider)
    set(provider, 'silent', 'its ban is over; it was not asked yet')
    return false
  }

  function ban(provider: Provider, lie: Lie): void {
    metrics.lies.inc({ provider: provider.name, kind: lie.kind })
    if (isBanned(provider)) {
      bannedUntil.set(provider, clock.now() + BAN_MS)
      return
    }
    log.error('a provider gave a false answer: replace it, or ask who runs it', {
      provider: provider.name,
      kind: lie.kind,
      lie: lie.message,
    })
    // With a single one there is nobody to ask instead; what it says is refuted each time.
    if (list.length === 1) return
    bannedUntil.set(provider, clock.now() + BAN_MS)
    set(provider, 'banned', lie.message)
  }

  function inOrder(): Provider[] {
    const now = clock.now()
    const rests = (provider: Provider) => (restsUntil.get(provider) ?? 0) > now
    const allowed = list.filter((provider) => !isBanned(provider))
    return [...allowed.filter((p) => !rests(p)), ...allowed.filter(rests)]
  }

  /** The error of one provider as ours; what follows from it is done. */
  function failed(provider: Provider, raw: unknown, what: string): LariatError {
    if (raw instanceof Lie) {
      ban(provider, raw)
      return unavailable('false', provider.name, what, raw.message)
    }
    const error = toChainError(raw, provider.name, what, section)
    const why = unavailability(error)
    // A refusal may be the question's fault and a provider that is behind catches up: neither sends it to the back.
    if (why === 'unreachable' || why === 'timeout') restsUntil.set(provider, clock.now() + REST_MS)
    // Whatever answers at that address next may serve another chain.
    if (why === 'unreachable') provider.doubt()
    return error
  }

  return {
    section,
    count: list.length,
    needed,
    async ask(what, question) {
      let last: unknown
      for (const provider of inOrder()) {
        try {
          await provider.verify()
          return await question(provider.client, provider.name)
        } catch (raw) {
          const error = failed(provider, raw, what)
          const why = unavailability(error)
          if (why === undefined) throw error
          last = error
          if (list.length > 1) log.debug('a provider failed, asking the next', { provider: provider.name, what, why })
        }
      }
      throw last ?? allBanned(what, section)
    },
    async collect(what, question) {
      type Value = Awaited<ReturnType<typeof question>>
      const answers: Answer<Value>[] = []
      const silent: { provider: string; error: LariatError }[] = []
      async function askAll(asked: readonly Provider[]): Promise<void> {
        const results = await Promise.allSettled(
          asked.map(async (provider) => {
            await provider.verify()
            return question(provider.client, provider.name)
          }),
        )
        for (const [i, result] of results.entries()) {
          const provider = asked[i] as Provider
          if (result.status === 'fulfilled') answers.push({ provider: provider.name, value: result.value })
          else silent.push({ provider: provider.name, error: failed(provider, result.reason, what) })
        }
      }
      const banned = list.filter(isBanned)
      await askAll(list.filter((provider) => !banned.includes(provider)))
      if (answers.length < needed && answers.length * 2 >= needed) await askAll(banned)
      return { answers, silent }
    },
    async broadcast(tell) {
      return Promise.any(
        list.map(async (provider) => {
          await provider.verify()
          return tell(provider.client)
        }),
      )
    },
    accuse(name, lie) {
      for (const provider of list) if (provider.name === name) ban(provider, lie)
    },
    report(name, status, why) {
      for (const provider of list) if (provider.name === name && !isBanned(provider)) set(provider, status, why)
    },
    standing: () => {
      for (const provider of list) isBanned(provider)
      return [...standings.values()]
    },
  }
}

function allBanned(what: string, section: string): LariatError {
  return new LariatError(
    'chain.unavailable',
    `${what}: every provider was caught in a false answer; replace them in ${section}.rpc, or update lariat if the chain has had a hard fork`,
    { why: 'false', what },
  )
}
