import type { PublicClient } from 'viem'
import type { Clock } from '../util/clock.ts'
import type { Log } from '../util/log.ts'
import { toChainError, unavailability } from './errors.ts'

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
 * All configured providers as one. Whatever a statement rests on goes through `ask`, so that agreement among providers
 * has one place to live in; `ask` takes the first answer that is usable.
 */
export interface Providers {
  /** How many are configured, whether or not they work. */
  readonly count: number
  /**
   * The answer to one question. `question` may make several requests; all of them go to the same provider.
   * @param what names the question in errors
   * @throws LariatError `chain.unavailable` when no provider had a usable answer; whatever else `question` throws as LariatError
   */
  ask<T>(what: string, question: (client: PublicClient, provider: string) => Promise<T>): Promise<T>
  /**
   * Tells every provider; resolves with the first answer, or rejects with every provider's error when none took it.
   * @throws AggregateError of what `tell` threw, unchanged
   */
  broadcast<T>(tell: (client: PublicClient) => Promise<T>): Promise<T>
}

/** For so long a provider that failed is asked last, ms. */
const REST_MS = 10_000

export function createProviders(list: readonly Provider[], clock: Clock, log: Log): Providers {
  const restsUntil = new Map<Provider, number>()

  function inOrder(): Provider[] {
    const now = clock.now()
    const rests = (provider: Provider) => (restsUntil.get(provider) ?? 0) > now
    return [...list.filter((p) => !rests(p)), ...list.filter(rests)]
  }

  return {
    count: list.length,
    async ask(what, question) {
      let last: unknown
      for (const provider of inOrder()) {
        try {
          await provider.verify()
          return await question(provider.client, provider.name)
        } catch (raw) {
          const error = toChainError(raw, provider.name, what)
          const why = unavailability(error)
          if (why === undefined) throw error
          last = error
          // A refusal may be the question's fault and a provider that is behind catches up: neither sends it to the back.
          if (why === 'unreachable' || why === 'timeout') restsUntil.set(provider, clock.now() + REST_MS)
          // Whatever answers at that address next may serve another chain.
          if (why === 'unreachable') provider.doubt()
          if (list.length > 1) log.debug('a provider failed, asking the next', { provider: provider.name, what, why })
        }
      }
      throw last
    },
    async broadcast(tell) {
      return Promise.any(
        list.map(async (provider) => {
          await provider.verify()
          return tell(provider.client)
        }),
      )
    },
  }
}
