import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { bigToBytes, bytesToBig, type Hex, hexToBytes } from '../../util/hex.ts'
import { modOrder } from './scalars.ts'

/** What the hashes of key generation begin with, as the contract KeyGeneration has them. */
export const TAG = {
  session: 'lariat/dkg/session/1',
  dealing: 'lariat/dkg/dealing/1',
  encryptionKey: 'lariat/dkg/encryption-key',
  ephemeral: 'lariat/dkg/ephemeral',
  constant: 'lariat/dkg/constant',
  share: 'lariat/dkg/share',
  complaint: 'lariat/dkg/complaint',
} as const
export type Tag = (typeof TAG)[keyof typeof TAG]

/** keccak256(abi.encodePacked(tag, parts…)), 32 bytes. All parts but the tag have fixed lengths, so the packing is unambiguous. */
export function packedHash(tag: Tag, ...parts: readonly (Uint8Array | Hex)[]): Uint8Array {
  const bytes = parts.map((part) => (typeof part === 'string' ? hexToBytes(part) : part))
  return keccak_256(concatBytes(utf8ToBytes(tag), ...bytes))
}

/** The challenge of a proof: `packedHash` as a number mod r. */
export function challenge(tag: Tag, ...parts: readonly (Uint8Array | Hex)[]): bigint {
  return modOrder(bytesToBig(packedHash(tag, ...parts)))
}

export function uint16(value: number): Uint8Array {
  return bigToBytes(BigInt(value), 2)
}

export function uint256(value: bigint): Uint8Array {
  return bigToBytes(value, 32)
}
