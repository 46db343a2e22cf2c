import { equalBytes } from '../../util/hex.ts'
import { hasKey, type ServiceStanding } from './standing.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** What a check about one service's registration needs. */
export interface RegistrationOptions {
  readonly service: string
  readonly standing: () => Promise<ServiceStanding>
}

/** ms between two looks: a block of Ethereum. */
export const CHAIN_EVERY_MS = 12_000
/**
 * ms: registrations change by transactions of the operator, or of the AVS's owner, that are rare; an outage of all providers
 * for this long does not stop what needs no new look.
 */
export const CHAIN_TRUST_MS = 600_000
const rhythm = { everyMs: CHAIN_EVERY_MS, trustMs: CHAIN_TRUST_MS } as const

/** The key on chain is one that our signer holds. */
export function keyCheck({
  service,
  standing,
  keys,
  inUse,
}: RegistrationOptions & {
  /** Uncompressed, 96 bytes. */
  readonly keys: () => readonly Uint8Array[]
  /** Our key in the active epoch, uncompressed; undefined when we are not in it. */
  readonly inUse: () => Uint8Array | undefined
}): SelfCheck {
  return { name: 'key', service, ...rhythm, run: async () => findKey(service, await standing(), keys(), inUse()) }
}

export function findKey(
  service: string,
  standing: ServiceStanding,
  keys: readonly Uint8Array[],
  inUse: Uint8Array | undefined,
): Finding | undefined {
  // without a registration there is nothing that could be signed for it; `membership` tells of it
  if (standing.key === '0x' || hasKey(standing, keys)) return undefined
  const what = `the chain has another BLS key for this operator (${standing.key.slice(0, 18)}…)`
  // a key that replaces ours counts from the next epoch on: until then ours is right
  if (inUse !== undefined && keys.some((key) => equalBytes(key, inUse))) {
    return warn(
      `${what}, from the next epoch of ${service} on: put its keystore beside that of keys.bls, or of the remote signer, before then`,
    )
  }
  return fail(
    `${what}: name its keystore under keys.bls, or give it to the remote signer; until then nothing is signed for ${service}`,
  )
}

/** The operator is in the set. */
export function membershipCheck({ service, standing }: RegistrationOptions): SelfCheck {
  return { name: 'membership', service, ...rhythm, run: async () => findMembership(service, await standing()) }
}

export function findMembership(service: string, { member, slashable, key }: ServiceStanding): Finding | undefined {
  if (member) return undefined
  if (slashable) {
    return fail(
      `the operator has left operator set of ${service}, or was ejected by it, and stays slashable for the deallocation delay: keep the node running until lariat operator status says that nothing can be slashed there`,
    )
  }
  const why = key === '0x' ? 'never joined' : 'is no longer in'
  return fail(`the operator ${why} the operator set: run lariat operator opt-in ${service}, or take it out of services`)
}

/** The chain tells others the peer id and the addresses that we have. */
export function peerIdCheck({
  service,
  standing,
  self,
  announce,
}: RegistrationOptions & {
  readonly self: string
  /** As configured; empty when none is. */
  readonly announce: readonly string[]
}): SelfCheck {
  return {
    name: 'peer id',
    service,
    ...rhythm,
    run: async () => findPeerId(service, await standing(), self, announce),
  }
}

export function findPeerId(
  service: string,
  { member, peerId, addresses }: ServiceStanding,
  self: string,
  announce: readonly string[],
): Finding | undefined {
  if (!member) return undefined
  const mend = `run lariat operator opt-in ${service}`
  if (peerId !== self) {
    return fail(
      `the chain has peer id ${peerId ?? 'none'} for this operator and this node is ${self}: ${mend}, or restore p2p.key`,
    )
  }
  const missing = announce.filter((address) => !addresses.includes(address))
  return missing.length === 0
    ? undefined
    : warn(`the chain does not have ${missing.join(', ')} of p2p.announce, so that others do not dial it: ${mend}`)
}
