import { PublicKey, Signature } from '@chainsafe/blst'
import { LariatError } from '../util/errors.ts'

/**
 * Points as blst holds them: decoded, affine, in native memory. Every value of these types that leaves this folder was
 * validated: on the curve, in the subgroup, not infinity. Raw bytes handed to blst would skip those checks.
 */
export type { PublicKey, Signature }

/** G1, compressed, bytes. */
export const PUBLIC_KEY_COMPRESSED_BYTES = 48
/** G1, uncompressed (x then y), bytes: the form of epoch tables. */
export const PUBLIC_KEY_BYTES = 96
/** G2, compressed, bytes: the form of partials and certificates. */
export const SIGNATURE_BYTES = 96

/**
 * Decodes and validates a public key: subgroup and infinity included.
 * @param bytes 48 compressed or 96 uncompressed
 * @throws LariatError `bls.invalid-key`
 */
export function publicKeyFromBytes(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_BYTES && bytes.length !== PUBLIC_KEY_COMPRESSED_BYTES) {
    throw invalidKey(`it has ${bytes.length} bytes, not 48 (compressed) or 96 (uncompressed)`)
  }
  try {
    return PublicKey.fromBytes(bytes, true)
  } catch (cause) {
    throw invalidKey('it is not a point of the right subgroup other than infinity', cause)
  }
}

/**
 * Decodes and validates a signature: subgroup and infinity included.
 * @param bytes 96, compressed
 * @throws LariatError `bls.invalid-signature`
 */
export function signatureFromBytes(bytes: Uint8Array): Signature {
  if (bytes.length !== SIGNATURE_BYTES) {
    throw invalidSignature(`it has ${bytes.length} bytes, not 96 (compressed)`)
  }
  return decodeSignature(bytes)
}

/** @param bytes 96 compressed or 192 uncompressed. @throws LariatError `bls.invalid-signature` */
export function decodeSignature(bytes: Uint8Array): Signature {
  try {
    return Signature.fromBytes(bytes, true, true)
  } catch (cause) {
    throw invalidSignature('it is not a point of the right subgroup other than infinity', cause)
  }
}

/** 96 bytes, uncompressed. */
export function publicKeyToBytes(publicKey: PublicKey): Uint8Array {
  return publicKey.toBytes(false)
}

/** 96 bytes, compressed. */
export function signatureToBytes(signature: Signature): Uint8Array {
  return signature.toBytes(true)
}

export function invalidKey(why: string, cause?: unknown): LariatError<'bls.invalid-key'> {
  return new LariatError('bls.invalid-key', `BLS public key refused: ${why}`, {}, cause)
}

export function invalidSignature(why: string, cause?: unknown): LariatError<'bls.invalid-signature'> {
  return new LariatError('bls.invalid-signature', `BLS signature refused: ${why}`, {}, cause)
}
