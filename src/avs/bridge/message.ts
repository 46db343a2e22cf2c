import { bytesToHex, type Hex, hexToBytes, LariatError } from 'lariat/avs'
import { keccak256 } from 'viem'

/** Version of Hyperlane's message format that is spoken here. */
export const MESSAGE_VERSION = 3
/** Bytes before the body: version u8, nonce u32, origin u32, sender b32, destination u32, recipient b32, all big-endian. */
const HEADER_BYTES = 77
const MAX_U32 = 0xffff_ffff

/** A message of Hyperlane v3: https://docs.hyperlane.xyz/docs/protocol/core/mailbox. Domains name chains. */
export interface Message {
  /** Of the origin's mailbox, from 0. */
  readonly nonce: number
  readonly origin: number
  /** 32 bytes; an address of an EVM chain has 12 zero bytes before it. */
  readonly sender: Hex
  readonly destination: number
  /** 32 bytes. */
  readonly recipient: Hex
  readonly body: Hex
}

/** @throws LariatError `bridge.message` for a number that is no u32, or sender or recipient of another length */
export function encodeMessage({ nonce, origin, sender, destination, recipient, body }: Message): Uint8Array {
  const content = hexToBytes(body)
  const bytes = Buffer.alloc(HEADER_BYTES + content.length)
  bytes.writeUInt8(MESSAGE_VERSION, 0)
  bytes.writeUInt32BE(u32('nonce', nonce), 1)
  bytes.writeUInt32BE(u32('origin', origin), 5)
  bytes.set(word('sender', sender), 9)
  bytes.writeUInt32BE(u32('destination', destination), 41)
  bytes.set(word('recipient', recipient), 45)
  bytes.set(content, HEADER_BYTES)
  return bytes
}

/** @throws LariatError `bridge.message` for bytes that are too few, or of another version */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length < HEADER_BYTES) throw invalid(`it has ${bytes.length} bytes, at least ${HEADER_BYTES} are needed`)
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.readUInt8(0)
  if (version !== MESSAGE_VERSION) throw invalid(`its version is ${version}, not ${MESSAGE_VERSION}`)
  return {
    nonce: view.readUInt32BE(1),
    origin: view.readUInt32BE(5),
    sender: bytesToHex(bytes.subarray(9, 41)),
    destination: view.readUInt32BE(41),
    recipient: bytesToHex(bytes.subarray(45, HEADER_BYTES)),
    body: bytesToHex(bytes.subarray(HEADER_BYTES)),
  }
}

/** keccak256 of the encoded message: its name everywhere, and its leaf in the tree. */
export function messageId(encoded: Uint8Array): Hex {
  return keccak256(encoded)
}

function u32(what: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_U32) return value
  throw invalid(`${what} ${value} is no number of 32 bits`)
}

function word(what: string, value: Hex): Uint8Array {
  const bytes = hexToBytes(value)
  if (bytes.length === 32) return bytes
  throw invalid(`its ${what} has ${bytes.length} bytes, not 32`)
}

function invalid(why: string): LariatError<'bridge.message'> {
  return new LariatError('bridge.message', `a message was refused: ${why}`)
}
