import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { type Address, bytesToHex, type Hex } from '../../util/hex.ts'
import { G1_BYTES, G2_BYTES } from './points.ts'
import { SCALAR_BYTES } from './scalars.ts'
import { packedHash, TAG, uint16 } from './transcript.ts'
import type { Dealing, Session } from './types.ts'

/** Bytes of (c, z). */
export const PROOF_BYTES = 2 * SCALAR_BYTES

const PAYLOAD_TYPES = parseAbiParameters('string, bytes32, address, bytes32, bytes32')

/** What is stated of a dealing beside its commitments: `restHash` of `FoldInput`. */
export function restHash({ ephemeral, sealedShares, proofs }: Omit<Dealing, 'commitments'>): Hex {
  return bytesToHex(keccak_256(concatBytes(ephemeral, sealedShares, proofs)))
}

/** Payload of the `deal` statement. */
export function dealingPayload(sessionId: Hex, dealer: Address, dealing: Dealing): Hex {
  return keccak256(
    encodeAbiParameters(PAYLOAD_TYPES, [
      TAG.dealing,
      sessionId,
      dealer,
      keccak256(dealing.commitments),
      restHash(dealing),
    ]),
  )
}

/** Bytes of each part of a dealing with `polynomials` polynomials. */
export function dealingLengths(
  { threshold, shares }: Pick<Session, 'threshold' | 'shares'>,
  polynomials: number,
): Readonly<Record<keyof Dealing, number>> {
  return {
    commitments: polynomials * threshold * G2_BYTES,
    ephemeral: G1_BYTES,
    sealedShares: polynomials * shares * SCALAR_BYTES,
    proofs: (1 + polynomials) * PROOF_BYTES,
  }
}

/** Bytes of C_k of a dealing's polynomial. */
export function commitmentAt(dealing: Dealing, threshold: number, polynomial: number, k: number): Uint8Array {
  const at = (polynomial * threshold + k) * G2_BYTES
  return dealing.commitments.subarray(at, at + G2_BYTES)
}

export function sealedShareAt(dealing: Dealing, shares: number, polynomial: number, shareIndex: number): Uint8Array {
  const at = (polynomial * shares + shareIndex) * SCALAR_BYTES
  return dealing.sealedShares.subarray(at, at + SCALAR_BYTES)
}

/**
 * What a share is XORed with, 32 bytes: a one-time pad that who knows the shared point S = r_e·pk = sk·R can make.
 * @param sharedPoint `x ‖ y`, 96 bytes
 */
export function sealingMask(
  sharedPoint: Uint8Array,
  sessionId: Hex,
  dealer: Address,
  dealerIndex: number,
  shareIndex: number,
): Uint8Array {
  return packedHash(TAG.share, sharedPoint, sessionId, dealer, uint16(dealerIndex), uint16(shareIndex))
}

export function xorBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0))
}
