import { base58btc } from 'multiformats/bases/base58'
import * as Digest from 'multiformats/hashes/digest'
import { LariatError } from '../util/errors.ts'

/** Multihash codes that libp2p peer ids have: the key itself (Ed25519, secp256k1), or its SHA-256 (RSA). */
const IDENTITY = 0x00
const SHA2_256 = 0x12

/**
 * Text form of a peer id (base58btc of its multihash, as in `/p2p/…`).
 * @throws LariatError `peer-id.invalid`
 */
export function peerIdToText(bytes: Uint8Array): string {
  check(bytes)
  return base58btc.baseEncode(bytes)
}

/** The multihash of a peer id in text form. @throws LariatError `peer-id.invalid` */
export function peerIdToBytes(text: string): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = base58btc.baseDecode(text)
  } catch (error) {
    throw new LariatError('peer-id.invalid', `"${text.slice(0, 80)}" is not a peer id: expected base58btc`, {}, error)
  }
  check(bytes)
  return bytes
}

function check(bytes: Uint8Array): void {
  try {
    const { code } = Digest.decode(bytes)
    if (code === IDENTITY || code === SHA2_256) return
  } catch (error) {
    throw new LariatError('peer-id.invalid', `${bytes.length} bytes are not a peer id: no multihash`, {}, error)
  }
  throw new LariatError('peer-id.invalid', `${bytes.length} bytes are not a peer id: an unknown multihash`)
}
