import { readFile, stat } from 'node:fs/promises'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { createFile } from '../util/create.ts'
import { LariatError } from '../util/errors.ts'
import { Secret } from '../util/secret.ts'

/** Who a node is to its peers. It signs nothing but libp2p handshakes; a lost one is replaced by `setPeer` on chain. */
export interface Identity {
  /** Peer id, text form. */
  readonly peerId: string
  /** Ed25519 private key, libp2p's protobuf form. */
  readonly key: Secret<Uint8Array>
}

/**
 * Multihash of an Ed25519 peer id up to its 32-byte key: identity code, length 36, then the protobuf PublicKey (type
 * Ed25519, data of 32 bytes). libp2p specification, "Peer Ids and Keys".
 */
const ED25519_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
const KEY_BYTES = 32

/** Bits of a file's mode that let others than its owner in. */
const OTHERS = 0o077

export async function generateIdentity(): Promise<Identity> {
  return identityOf(privateKeyToProtobuf(await generateKeyPair('Ed25519')))
}

/**
 * Reads the key in `file` (`<dataDir>/p2p.key`), or makes one there, readable by its owner only.
 * @throws LariatError `p2p.key` when the file is no Ed25519 key, `p2p.key-permissions` when others may read it
 */
export async function loadOrCreateIdentity(file: string): Promise<Identity> {
  const existing = await readIdentity(file)
  if (existing !== undefined) return existing
  const identity = await generateIdentity()
  await createFile(file, identity.key.reveal())
  return identity
}

async function readIdentity(file: string): Promise<Identity | undefined> {
  let bytes: Uint8Array
  try {
    const { mode } = await stat(file)
    if ((mode & OTHERS) !== 0) {
      throw new LariatError('p2p.key-permissions', `others may read ${file}: chmod 600 it`, { file })
    }
    bytes = await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return identityOf(bytes)
  } catch (error) {
    const message = `${file} is not an Ed25519 key in libp2p's protobuf form: restore it, or move it away to get a new one`
    throw new LariatError('p2p.key', message, { file }, error)
  }
}

function identityOf(protobuf: Uint8Array): Identity {
  const key = privateKeyFromProtobuf(protobuf)
  if (key.type !== 'Ed25519') throw new Error(`a key of type ${key.type}`)
  return { peerId: peerIdFromPrivateKey(key).toString(), key: new Secret(new Uint8Array(protobuf)) }
}

/**
 * Multihash bytes of a peer id in text form, as `Registration.peerId` on chain.
 * @throws LariatError `p2p.peer-id` when it is not the id of an Ed25519 key
 */
export function peerIdBytes(peerId: string): Uint8Array {
  try {
    const parsed = peerIdFromString(peerId)
    if (parsed.type === 'Ed25519') return new Uint8Array(parsed.toMultihash().bytes)
  } catch (error) {
    throw notAPeerId(peerId, error)
  }
  throw notAPeerId(peerId)
}

/**
 * Peer id in text form of the multihash bytes in a registration.
 * @throws LariatError `p2p.peer-id` when they are not the id of an Ed25519 key
 */
export function peerIdFromBytes(bytes: Uint8Array): string {
  const prefix = bytes.subarray(0, ED25519_PREFIX.length)
  if (bytes.length !== ED25519_PREFIX.length + KEY_BYTES || Buffer.compare(prefix, ED25519_PREFIX) !== 0) {
    throw notAPeerId(Buffer.from(bytes).toString('hex').slice(0, 80))
  }
  const key = publicKeyFromRaw(bytes.subarray(ED25519_PREFIX.length))
  return peerIdFromPublicKey(key).toString()
}

function notAPeerId(peerId: string, cause?: unknown): LariatError {
  return new LariatError('p2p.peer-id', `${peerId} is not the peer id of an Ed25519 key`, { peerId }, cause)
}
