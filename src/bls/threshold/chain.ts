import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { bigToBytes, bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import { compressG2, decodeG2 } from './points.ts'
import type { Schedule } from './types.ts'

/** drand's name of the scheme: keys in G2, signatures in G1, unchained, hashed by RFC 9380. */
export const SCHEME = 'bls-unchained-g1-rfc9380'

/** What a drand chain is. */
export interface ChainFacts {
  readonly schedule: Schedule
  /** G2, 96 (compressed), 192 or 256 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly groupHash: Hex
  /** "default" when left out. */
  readonly beaconId?: string
}

/** drand's answer to `/info`; bytes in hexadecimal without 0x. */
export interface ChainInfo {
  readonly public_key: string
  readonly period: number
  readonly genesis_time: number
  readonly hash: string
  readonly groupHash: string
  readonly schemeID: typeof SCHEME
  readonly metadata: { readonly beaconID: string }
}

/**
 * SHA-256(period u32 ‖ genesis i64 ‖ public key ‖ group hash ‖ beacon id), big-endian, without the id of "default", as drand's
 * `common/chain/info.go` has it.
 * @throws LariatError `bls.invalid-point`; RangeError for a period beyond u32
 */
export function chainHash(facts: ChainFacts): Hex {
  const { schedule, groupHash, beaconId = 'default' } = facts
  const id = beaconId === 'default' ? '' : beaconId
  return bytesToHex(
    sha256(
      concatBytes(
        bigToBytes(BigInt(schedule.period), 4),
        bigToBytes(schedule.genesis, 8),
        compressG2(decodeG2(facts.publicKey)),
        hexToBytes(groupHash),
        utf8ToBytes(id),
      ),
    ),
  )
}

/** @throws as `chainHash` */
export function chainInfo(facts: ChainFacts): ChainInfo {
  const bare = (hex: Hex) => hex.slice(2)
  return {
    public_key: bare(bytesToHex(compressG2(decodeG2(facts.publicKey)))),
    period: facts.schedule.period,
    genesis_time: Number(facts.schedule.genesis),
    hash: bare(chainHash(facts)),
    groupHash: bare(facts.groupHash),
    schemeID: SCHEME,
    metadata: { beaconID: facts.beaconId ?? 'default' },
  }
}
