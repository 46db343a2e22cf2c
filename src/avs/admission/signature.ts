import { type Signature, signatureFromBytes } from '../../bls/keys.ts'
import { verify } from '../../bls/verify.ts'
import type { EpochTable } from '../../types/epoch.ts'
import { keyOf } from '../aggregation/tally.ts'
import { ignore, reject } from './verdict.ts'

/** Decodes a signature, or refuses the message. */
export function decodeSignature(bytes: Uint8Array): Signature {
  try {
    return signatureFromBytes(bytes)
  } catch {
    return reject('false-signature')
  }
}

/** Refuses the message unless `bytes` is the signature of the row's key over `digest`. */
export function checkSignature(table: EpochTable, row: number, digest: Uint8Array, bytes: Uint8Array): Signature {
  const publicKey = keyOf(table, row) ?? ignore('not-a-member')
  const signature = decodeSignature(bytes)
  if (!verify(digest, publicKey, signature)) reject('false-signature')
  return signature
}
