import { concatBytes } from '@noble/hashes/utils.js'
import { encodeAbiParameters, getAddress, keccak256, parseAbiParameters } from 'viem'
import { LariatError } from '../../util/errors.ts'
import { type Address, bigToBytes, bytesToBig, bytesToHex, equalBytes, type Hex, hexToBytes } from '../../util/hex.ts'
import { G1_BYTES, G2_BYTES } from './points.ts'
import { TAG, uint16 } from './transcript.ts'
import type { Member, Session, SessionFacts, Sharing } from './types.ts'

/** Members of a sharing, as KeyGeneration bounds them. */
export const MAX_MEMBERS = 32
/** Shares of a sharing, as KeyGeneration bounds them. */
export const MAX_SHARES = 64
/** Bytes of a member in the table: operator 20, encryption key 96, weight u64, shares u16. */
export const MEMBER_BYTES = 126

const NO_SHARING: Hex = `0x${'00'.repeat(32)}`
const ID_TYPES = parseAbiParameters(
  'string, uint256, address, uint64, uint64, uint32, bytes32, bytes32, uint16, uint16',
)
const SHARING_TYPES = parseAbiParameters('uint64, bytes32, bytes32, uint16')

/** The member table as KeyGeneration stores it. */
export function encodeMembers(members: readonly Member[]): Uint8Array {
  return concatBytes(
    ...members.flatMap(({ operator, encryptionKey, weight, shares }) => [
      hexToBytes(operator),
      encryptionKey,
      bigToBytes(weight, 8),
      uint16(shares),
    ]),
  )
}

/** @throws LariatError `bls.invalid-session` */
export function decodeMembers(table: Uint8Array): Member[] {
  if (table.length % MEMBER_BYTES !== 0 || table.length > MAX_MEMBERS * MEMBER_BYTES) {
    throw invalid(`${table.length} bytes are no member table`)
  }
  return Array.from({ length: table.length / MEMBER_BYTES }, (_, i) => {
    const row = table.subarray(i * MEMBER_BYTES, (i + 1) * MEMBER_BYTES)
    return {
      operator: getAddress(bytesToHex(row.subarray(0, 20))),
      encryptionKey: row.slice(20, 20 + G1_BYTES),
      weight: bytesToBig(row.subarray(116, 124)),
      shares: Number(bytesToBig(row.subarray(124, 126))),
    }
  })
}

export function membersHash(members: readonly Member[]): Hex {
  return keccak256(encodeMembers(members))
}

/** Hash of a sharing's description: number, members, polynomial and threshold. */
export function sharingHash({ sharing, members, polynomial, threshold }: Sharing): Hex {
  return keccak256(
    encodeAbiParameters(SHARING_TYPES, [sharing, membersHash(members), keccak256(polynomial), threshold]),
  )
}

/** A session with its id, as the contract makes it. @throws LariatError `bls.invalid-session` for what the contract would not open */
export function describeSession(facts: SessionFacts): Session {
  const { members, threshold, previous } = facts
  const shares = checkTable(members, threshold)
  if (previous !== undefined) {
    checkTable(previous.members, previous.threshold)
    if (previous.polynomial.length !== previous.threshold * G2_BYTES) {
      throw invalid('the old polynomial has not as many coefficients as its threshold says')
    }
  }
  const hash = membersHash(members)
  const id = keccak256(
    encodeAbiParameters(ID_TYPES, [
      TAG.session,
      BigInt(facts.chainId),
      facts.keyGeneration,
      facts.session,
      facts.epoch,
      facts.attempt,
      previous === undefined ? NO_SHARING : sharingHash(previous),
      hash,
      shares,
      threshold,
    ]),
  )
  return { ...facts, id, membersHash: hash, shares }
}

/** Share indices that `operator` owns in `members`, ascending; none for one that is no member. */
export function shareIndices(members: readonly Member[], operator: Address): number[] {
  let next = 0
  for (const member of members) {
    if (isSame(member.operator, operator)) return Array.from({ length: member.shares }, (_, i) => next + i)
    next += member.shares
  }
  return []
}

/** Who owns each share index. */
export function ownersOf(members: readonly Member[]): Member[] {
  return members.flatMap((member) => Array.from({ length: member.shares }, () => member))
}

/**
 * The dealer indices of the polynomials that `dealer` deals in `session`: its place in the member table in a fresh one, its old
 * share indices in a resharing; none for one that does not deal.
 */
export function dealerIndices(session: Pick<Session, 'members' | 'previous'>, dealer: Address): number[] {
  if (session.previous !== undefined) return shareIndices(session.previous.members, dealer)
  const index = session.members.findIndex(({ operator }) => isSame(operator, dealer))
  return index < 0 ? [] : [index]
}

export function memberOf(members: readonly Member[], operator: Address): Member | undefined {
  return members.find((member) => isSame(member.operator, operator))
}

export function isSame(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Shares in all. */
function checkTable(members: readonly Member[], threshold: number): number {
  if (members.length === 0 || members.length > MAX_MEMBERS) throw invalid(`it has ${members.length} members`)
  if (members.some(({ encryptionKey }) => encryptionKey.length !== G1_BYTES)) {
    throw invalid('an encryption key is not 96 bytes long')
  }
  for (const [i, { operator, encryptionKey }] of members.entries()) {
    const others = members.slice(i + 1)
    if (others.some((other) => isSame(other.operator, operator))) throw invalid(`${operator} is there twice`)
    if (others.some((other) => equalBytes(other.encryptionKey, encryptionKey))) {
      throw invalid(`the encryption key of ${operator} is also that of another`)
    }
  }
  const shares = members.reduce((sum, member) => sum + member.shares, 0)
  if (!(shares >= 1 && shares <= MAX_SHARES)) throw invalid(`it has ${shares} shares`)
  if (!Number.isInteger(threshold) || threshold > shares || 2 * threshold <= shares) {
    throw invalid(`threshold ${threshold} of ${shares} shares is not more than half of them`)
  }
  return shares
}

function invalid(why: string): LariatError<'bls.invalid-session'> {
  return new LariatError('bls.invalid-session', `session of key generation refused: ${why}`)
}
