import { type Address, bigToBytes, bytesToBig, equalBytes, type Hex } from '../../util/hex.ts'
import { combineG1, combineG2, generatorG1, generatorG2 } from './generators.ts'
import { decodeG1, encodeG1, encodeG2 } from './points.ts'
import { ORDER, SCALAR_BYTES } from './scalars.ts'
import type { G1, G2 } from './start.ts'
import { challenge, TAG, uint16, uint256 } from './transcript.ts'
import type { Proof } from './types.ts'

/** Who registers an encryption key, and where. */
export interface RegistrationPlace {
  readonly chainId: number
  readonly keyGeneration: Address
  readonly operator: Address
}

/** Whom a complaint is about, and whose it is. */
export interface ComplaintPlace {
  readonly sessionId: Hex
  readonly dealer: Address
  readonly recipient: Address
  /** Position in the dealing of the polynomial that is complained of. */
  readonly polynomial: number
  readonly shareIndex: number
}

/** Points of a complaint: pk = sk·G, S = sk·R. */
export interface ComplaintPoints<P = Uint8Array> {
  readonly encryptionKey: P
  readonly ephemeral: P
  readonly sharedPoint: P
}

/** Challenge of the proof of possession of an encryption key. Points here are 96 or 192 bytes, affine. */
export function encryptionKeyChallenge(place: RegistrationPlace, publicKey: Uint8Array, t: Uint8Array): bigint {
  const { chainId, keyGeneration, operator } = place
  return challenge(TAG.encryptionKey, uint256(BigInt(chainId)), keyGeneration, operator, publicKey, t)
}

export function ephemeralChallenge(sessionId: Hex, dealer: Address, ephemeral: Uint8Array, t: Uint8Array): bigint {
  return challenge(TAG.ephemeral, sessionId, dealer, ephemeral, t)
}

export function constantChallenge(
  sessionId: Hex,
  dealer: Address,
  dealerIndex: number,
  constant: Uint8Array,
  t: Uint8Array,
): bigint {
  return challenge(TAG.constant, sessionId, dealer, uint16(dealerIndex), constant, t)
}

/**
 * Binds which share is complained of: else whoever sees the proof of a wrong share could send it first, about another
 * share of the same recipient that is right, and have the recipient convicted.
 */
export function complaintChallenge(
  place: ComplaintPlace,
  { encryptionKey, ephemeral, sharedPoint }: ComplaintPoints,
  t1: Uint8Array,
  t2: Uint8Array,
): bigint {
  const { sessionId, dealer, recipient, polynomial, shareIndex } = place
  const about = [sessionId, dealer, recipient, uint16(polynomial), uint16(shareIndex)]
  return challenge(TAG.complaint, ...about, encryptionKey, ephemeral, sharedPoint, t1, t2)
}

/** True when `proof` shows that who made it knows the secret of `publicKey` (96 bytes) and is `place.operator`. */
export function verifyEncryptionKey(place: RegistrationPlace, publicKey: Uint8Array, proof: Proof): boolean {
  const point = pointOf(publicKey)
  return (
    point !== undefined &&
    knows(proof, [generatorG1(), point], (t) => encryptionKeyChallenge(place, encodeG1(point), t))
  )
}

/** True when `proof` shows that who made it knows the secret of R, bound to dealer and session. */
export function verifyEphemeral(sessionId: Hex, dealer: Address, ephemeral: G1, proof: Proof): boolean {
  return knows(proof, [generatorG1(), ephemeral], (t) => ephemeralChallenge(sessionId, dealer, encodeG1(ephemeral), t))
}

/** True when `proof` shows that who made it knows the secret of C_0, bound to dealer, its index and session. */
export function verifyConstant(
  sessionId: Hex,
  dealer: Address,
  dealerIndex: number,
  constant: G2,
  proof: Proof,
): boolean {
  if (!inRange(proof)) return false
  const t = combineG2([generatorG2(), constant], [proof.z, -proof.c])
  if (t.isZero()) return false
  return proof.c === constantChallenge(sessionId, dealer, dealerIndex, encodeG2(constant), encodeG2(t))
}

/** True when `proof` (Chaum–Pedersen) shows that one secret makes pk of G and S of R, bound to its place. */
export function verifyComplaint(place: ComplaintPlace, points: ComplaintPoints, proof: Proof): boolean {
  const [pk, r, s] = [points.encryptionKey, points.ephemeral, points.sharedPoint].map(pointOf)
  if (pk === undefined || r === undefined || s === undefined || !inRange(proof)) return false
  const t1 = combineG1([generatorG1(), pk], [proof.z, -proof.c])
  const t2 = combineG1([r, s], [proof.z, -proof.c])
  if (t1.isZero() || t2.isZero()) return false
  return proof.c === complaintChallenge(place, points, encodeG1(t1), encodeG1(t2))
}

/** c ‖ z, 64 bytes. */
export function encodeProof({ c, z }: Proof): Uint8Array {
  const bytes = new Uint8Array(2 * SCALAR_BYTES)
  bytes.set(bigToBytes(c, SCALAR_BYTES))
  bytes.set(bigToBytes(z, SCALAR_BYTES), SCALAR_BYTES)
  return bytes
}

/** As the bytes say; what is out of range fails its verification. */
export function decodeProof(bytes: Uint8Array): Proof {
  return { c: bytesToBig(bytes.subarray(0, SCALAR_BYTES)), z: bytesToBig(bytes.subarray(SCALAR_BYTES)) }
}

function knows(proof: Proof, points: readonly [G1, G1], expected: (t: Uint8Array) => bigint): boolean {
  if (!inRange(proof)) return false
  const t = combineG1(points, [proof.z, -proof.c])
  return !t.isZero() && proof.c === expected(encodeG1(t))
}

function inRange({ c, z }: Proof): boolean {
  return c >= 0n && c < ORDER && z >= 0n && z < ORDER
}

/** Only `x ‖ y` of a point that is one, so that what is hashed is what everybody hashes. */
function pointOf(bytes: Uint8Array): G1 | undefined {
  try {
    const point = decodeG1(bytes)
    return equalBytes(encodeG1(point), bytes) ? point : undefined
  } catch {
    return undefined
  }
}
