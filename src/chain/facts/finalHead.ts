import { LariatError } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import { Lie } from '../errors.ts'
import type { Answer, Providers } from '../providers.ts'
import type { Header } from './header.ts'
import { fetchHeader, type Headers } from './headers.ts'

/** The newest blocks as one provider has them. */
export interface Tips {
  readonly latest: Header
  readonly finalized: Header
}

/**
 * Seconds by which a provider's newest block may be older than the freshest provider's, judged by our own clock: ten of
 * mainnet's slots.
 */
const MAX_STALE_S = 120n
/** Blocks between two final heads up to which a chain is proven to go on from the other by its headers; beyond, by vote. */
export const MAX_WALK = 1_024n

/** What all providers say of the newest blocks. A provider that does not answer, or that is stale, is reported. @throws LariatError `chain.no-quorum`, `chain.unavailable` */
export async function collectTips(providers: Providers, now: number): Promise<readonly Answer<Tips>[]> {
  const { answers, silent } = await providers.collect('the newest blocks', async (client, provider) => {
    const [latest, finalized] = await Promise.all([
      fetchHeader(client, provider, 'latest'),
      fetchHeader(client, provider, 'finalized'),
    ])
    return { latest, finalized }
  })
  for (const { provider, error } of silent) providers.report(provider, 'silent', error.message)
  const [unheard] = silent
  if (answers.length === 0 && unheard !== undefined) throw unheard.error
  const fresh = leaveOutStale(providers, answers, BigInt(Math.floor(now / 1_000)))
  if (fresh.length < providers.needed) {
    throw noQuorum(providers, `${fresh.length} of ${providers.count} providers answer with fresh blocks`)
  }
  return fresh
}

function leaveOutStale(providers: Providers, answers: readonly Answer<Tips>[], now: bigint): readonly Answer<Tips>[] {
  // A time to come makes nobody else stale.
  const ages = answers.map(({ value }) => (value.latest.timestamp < now ? value.latest.timestamp : now))
  const freshest = ages.reduce((most, time) => (time > most ? time : most), 0n)
  return answers.filter(({ provider, value: { latest } }) => {
    const behind = freshest - latest.timestamp
    const stale = behind > MAX_STALE_S
    if (stale) {
      providers.report(provider, 'stale', `its newest block ${latest.number} is ${behind} s behind that of others`)
    } else providers.report(provider, 'ok')
    return !stale
  })
}

/**
 * The height at which to look for agreement: the highest that more than two thirds of all providers call final, or all that answer where
 * these are fewer, and that every fresh one has. Two thirds of them cannot push it above what an honest one calls final, so that a block
 * which may still be undone is none, and less than a third cannot hold it down.
 */
export function heightOf(providers: Providers, tips: readonly Answer<Tips>[]): bigint {
  const finals = tips.map(({ value }) => value.finalized.number).sort((a, b) => Number(b - a))
  const enough = finals[Math.floor((2 * providers.count) / 3)] ?? finals.at(-1) ?? 0n
  const lowest = tips.reduce((least, { value }) => (value.latest.number < least ? value.latest.number : least), enough)
  return lowest < enough ? lowest : enough
}

/** The newest block as enough providers have it or a newer one: one provider cannot push it up or hold it down. */
export function latestOf(providers: Providers, tips: readonly Answer<Tips>[]): Header {
  const sorted = tips.map(({ value }) => value.latest).sort((a, b) => Number(b.number - a.number))
  return sorted[providers.needed - 1] ?? (sorted.at(-1) as Header)
}

export interface AgreeOptions {
  readonly providers: Providers
  readonly headers: Headers
  readonly tips: readonly Answer<Tips>[]
  readonly height: bigint
  /** The final block that was agreed on last; not above `height`. */
  readonly known: Pick<Header, 'number' | 'hash'> | undefined
}

/** What all fresh providers agree on. */
export interface Agreed {
  readonly header: Header
  /** Hash of the block that they have in the place of the last one agreed on; undefined when the chain goes on from that. */
  readonly instead: Hex | undefined
}

/**
 * The block at a height that all fresh providers agree on, and whether it goes on from the last one agreed on.
 * @throws LariatError `chain.no-quorum`, `chain.contradiction`, `chain.unavailable`
 */
export async function agreeOn(options: AgreeOptions): Promise<Agreed> {
  const { providers, headers, tips, height, known } = options
  const finals = new Map(tips.map(({ provider, value }) => [provider, value.finalized]))
  const { answers } = await providers.collect(`block ${height}`, async (client, provider) => {
    const final = finals.get(provider)
    return final === undefined || final.number === height ? final : fetchHeader(client, provider, height)
  })
  const groups = new Map<string, { header: Header; members: string[] }>()
  for (const { provider, value: header } of answers) {
    // A stale provider has no say.
    if (header === undefined) continue
    const group = groups.get(header.hash) ?? { header, members: [] }
    group.members.push(provider)
    groups.set(header.hash, group)
  }
  let candidates = [...groups.values()]
  if (candidates.length > 1 && known !== undefined) candidates = await leaveOutForks(options, candidates)
  const [first, ...others] = candidates
  if (first === undefined) throw noQuorum(providers, `no provider has block ${height}`)
  if (others.length > 0) {
    const said = candidates.map(({ header, members }) => `${members.join(' and ')}: ${header.hash}`).join('; ')
    throw new LariatError(
      'chain.contradiction',
      `the providers have different blocks at the final height ${height} (${said}): nothing is signed until they agree; see which follows the chain and replace the others`,
      { height },
    )
  }
  if (first.members.length < providers.needed) {
    throw noQuorum(providers, `${first.members.length} of ${providers.count} providers agree on block ${height}`)
  }
  const below = known === undefined ? undefined : await hashBelow(options, first.header, known.number)
  headers.remember(first.header)
  return { header: first.header, instead: below === known?.hash ? undefined : below }
}

/** The hash of block `number` on the chain of `header`, which is not below it. */
async function hashBelow({ headers, providers, known }: AgreeOptions, header: Header, number: bigint): Promise<Hex> {
  if (header.number - number <= MAX_WALK) return (await headers.below(header, number)).hash
  const { answers } = await providers.collect(`block ${number}`, (client, provider) =>
    fetchHeader(client, provider, number),
  )
  const [first] = answers
  if (first === undefined || answers.length < providers.needed)
    throw noQuorum(providers, `${answers.length} of ${providers.count} have block ${number}`)
  return (answers.find(({ value }) => value.hash !== known?.hash) ?? first).value.hash
}

/** Those whose chain holds the block that all had agreed on; the others are caught, if somebody serves their headers. */
async function leaveOutForks(
  options: AgreeOptions,
  groups: { header: Header; members: string[] }[],
): Promise<{ header: Header; members: string[] }[]> {
  const { providers, known } = options
  if (known === undefined) return groups
  const { answers } = await providers.collect(`block ${known.number}`, (client, provider) =>
    groups.some(({ members }) => members.includes(provider))
      ? fetchHeader(client, provider, known.number)
      : Promise.resolve(undefined),
  )
  // Its own word on a block that it agreed to before is enough to convict; silence is not.
  const liars = answers.filter(({ value }) => value !== undefined && value.hash !== known.hash)
  const kept = groups
    .map(({ header, members }) => ({
      header,
      members: members.filter((member) => !liars.some(({ provider }) => provider === member)),
    }))
    .filter(({ members }) => members.length > 0)
  // When nobody is left, the final block itself is gone: that convicts nobody, and is for the caller to say.
  if (kept.length === 0) return groups
  for (const { provider, value } of liars) {
    const lie = `its block ${known.number} is ${value?.hash}, and all had agreed on ${known.hash}`
    providers.accuse(provider, new Lie('fork', lie))
  }
  return kept
}

export function noQuorum({ needed, section }: Providers, what: string): LariatError {
  return new LariatError(
    'chain.no-quorum',
    `${what}, and ${needed} are needed to sign over what they say: check ${section}.rpc and its providers`,
  )
}
