import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { LariatError } from '../../util/errors.ts'
import { bytesToHex, hexToBytes } from '../../util/hex.ts'
import { generatorG1 } from '../threshold/generators.ts'
import { decodeG1, encodeG1 } from '../threshold/points.ts'
import {
  type ComplaintPlace,
  complaintChallenge,
  encryptionKeyChallenge,
  type RegistrationPlace,
} from '../threshold/proofs.ts'
import { modOrder } from '../threshold/scalars.ts'
import { uint16, uint256 } from '../threshold/transcript.ts'
import type { Proof } from '../threshold/types.ts'
import { deriveScalar, randomScalar, scalarBytes, scalarOf, timesG1 } from './scalars.ts'

/** A fresh encryption secret, 32 bytes of a number in [1, r). */
export function makeEncryptionSecret(): Uint8Array {
  return scalarBytes(randomScalar() || 1n)
}

/** pk = sk·G, `x ‖ y`, 96 bytes. @throws LariatError `bls.invalid-secret` */
export function encryptionPublicKey(secret: Uint8Array): Uint8Array {
  return encodeG1(timesG1(generatorG1(), load(secret)))
}

/** Proof of possession for the registration. The same secret gives the same proof. @throws LariatError `bls.invalid-secret` */
export function proveEncryptionKey(place: RegistrationPlace, secret: Uint8Array): Proof {
  const key = load(secret)
  const publicKey = encodeG1(timesG1(generatorG1(), key))
  const context = concatBytes(
    uint256(BigInt(place.chainId)),
    hexToBytes(place.keyGeneration),
    hexToBytes(place.operator),
  )
  const nonce = nonceOf(secret, 'registration', context, publicKey)
  const t = encodeG1(timesG1(generatorG1(), nonce))
  return respond(nonce, encryptionKeyChallenge(place, publicKey, t), key)
}

/** S = sk·R, `x ‖ y`, 96 bytes. @param ephemeral R, 96 bytes. @throws LariatError `bls.invalid-secret`, `bls.invalid-point` */
export function sharedPoint(secret: Uint8Array, ephemeral: Uint8Array): Uint8Array {
  return encodeG1(timesG1(decodeG1(ephemeral, 'ephemeral'), load(secret)))
}

/** S with the Chaum–Pedersen proof that it is sk·R. @throws LariatError `bls.invalid-secret`, `bls.invalid-point` */
export function proveSharedPoint(
  place: ComplaintPlace,
  secret: Uint8Array,
  ephemeral: Uint8Array,
): Proof & { readonly sharedPoint: Uint8Array } {
  const key = load(secret)
  const points = {
    encryptionKey: encodeG1(timesG1(generatorG1(), key)),
    ephemeral,
    sharedPoint: sharedPoint(secret, ephemeral),
  }
  const context = concatBytes(hexToBytes(place.sessionId), hexToBytes(place.dealer), hexToBytes(place.recipient))
  const about = concatBytes(uint16(place.polynomial), uint16(place.shareIndex))
  const nonce = nonceOf(secret, 'complaint', context, about, ephemeral, points.sharedPoint)
  const t1 = encodeG1(timesG1(generatorG1(), nonce))
  const t2 = encodeG1(timesG1(decodeG1(ephemeral), nonce))
  return { ...respond(nonce, complaintChallenge(place, points, t1, t2), key), sharedPoint: points.sharedPoint }
}

/** z = k + c·secret, so that z·G − c·P = k·G. */
export function respond(nonce: bigint, c: bigint, secret: bigint): Proof {
  return { c, z: modOrder(nonce + c * secret) }
}

/** Follows from the secret and all that the challenge depends on, so that one nonce never meets two challenges. */
function nonceOf(secret: Uint8Array, purpose: string, ...statement: readonly Uint8Array[]): bigint {
  return deriveScalar(secret, bytesToHex(keccak_256(concatBytes(...statement))), `lariat/dkg/nonce/${purpose}`)
}

/** The error never carries the secret. */
function load(secret: Uint8Array): bigint {
  const value = scalarOf(secret)
  if (value !== undefined && value !== 0n) return value
  throw new LariatError('bls.invalid-secret', 'encryption secret refused: it is not 32 bytes of a number in [1, r)')
}
