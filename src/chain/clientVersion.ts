import type { Clock } from '../util/clock.ts'

/** What is told before a provider has said, or when it does not. */
export const UNKNOWN_CLIENT = 'unknown'
/** Longest name and version, characters. */
const MAX_LENGTH = 48
/** Different versions that one provider may have as label values in the life of a process: it may be upgraded, or be several machines. */
const MAX_VERSIONS = 4
/** What further ones are told as. */
const OTHER_CLIENT = 'other'
/** ms after which a provider is asked again: it may have been upgraded. */
const AGAIN_MS = 3_600_000

/**
 * `name/version` of the answer to web3_clientVersion, lower case, as the AVS node specification shows it: `nethermind/v1.17.2`
 * of `Nethermind/v1.17.2+e7a8a1a/linux-x64/dotnet7.0.5`. What else there may be (builds, hosts, anything that a provider makes
 * up) is left out.
 */
export function clientVersionOf(answer: unknown): string {
  if (typeof answer !== 'string') return UNKNOWN_CLIENT
  const [name = '', version = ''] = answer
    .toLowerCase()
    .slice(0, 4 * MAX_LENGTH)
    .split('/')
    .map((part) => /^[a-z0-9._-]+/.exec(part.trim())?.[0] ?? '')
  if (name === '') return UNKNOWN_CLIENT
  return (version === '' ? name : `${name}/${version}`).slice(0, MAX_LENGTH)
}

export interface ClientVersion {
  /** For a metrics label: one of few values. Asks the provider again when the last answer is old; never waits. */
  current(): string
}

/** @param ask sends web3_clientVersion to one provider */
export function followClientVersion(ask: () => Promise<unknown>, clock: Clock): ClientVersion {
  const seen = new Set<string>()
  let version = UNKNOWN_CLIENT
  let askedAt: number | undefined
  async function learn(): Promise<void> {
    const said = clientVersionOf(await ask())
    if (seen.size < MAX_VERSIONS) seen.add(said)
    version = seen.has(said) ? said : OTHER_CLIENT
  }
  return {
    current() {
      const now = clock.now()
      if (askedAt === undefined || now - askedAt >= AGAIN_MS) {
        askedAt = now
        // a provider that does not say keeps the label that it had
        learn().catch(() => {})
      }
      return version
    },
  }
}
