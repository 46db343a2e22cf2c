import { keccak256 } from 'viem'
import { encodeG2 } from '../../bls/eip2537.ts'
import { signatureFromBytes } from '../../bls/keys.ts'
import type { Equivocation, Testimony } from '../../types/evidence.ts'
import { decodeEnvelope, encodeMessage } from '../../types/wire/codec.ts'
import { LariatError } from '../../util/errors.ts'
import { bytesToHex, type Hex } from '../../util/hex.ts'

/**
 * Operators that one transaction slashes at most: with the core's devnet contracts each takes up to 180,000 gas, and the
 * two signatures with a table of 200 rows 700,000; a transaction may have 16,777,216.
 */
export const MAX_SLASHED_AT_ONCE = 40

/** A side of an equivocation as `IServiceManager.Testimony` takes it. @throws LariatError `bls.invalid-signature` */
export function onChainTestimony({ statement, signature, ...side }: Testimony) {
  return {
    statement,
    aggregate: side.form === 'certificate',
    absent: side.form === 'certificate' ? bytesToHex(side.absent) : ('0x' as Hex),
    signature: bytesToHex(encodeG2(signatureFromBytes(signature))),
  }
}

/** Evidence as it is kept and gossiped, and its id: the hash of that. */
export function encodeEvidence({ first, second }: Equivocation): { readonly data: Uint8Array; readonly id: Hex } {
  const data = encodeMessage({ type: 'evidence', first, second })
  return { data, id: keccak256(data) }
}

/** @throws LariatError `wire.…`; `evidence.malformed` for another message */
export function decodeEvidence(data: Uint8Array): Equivocation {
  const message = decodeEnvelope(data)
  if (message.type !== 'evidence') throw new LariatError('evidence.malformed', `a ${message.type} is no evidence`)
  return { first: message.first, second: message.second }
}
