import type { RoundPartial } from 'lariat/avs'
import type { Round } from '../rounds/store.ts'

/** Bytes of one partial: sharing u64, round u64, index u16, signature. */
const PARTIAL_BYTES = 66
/** Partials of one message: the most shares that a member may have. */
export const MAX_PARTIALS = 8
/** Bytes of one round: number u64, signature. */
const ROUND_BYTES = 56
/** Rounds of one answer: 14 kB, and four minutes of a beacon of 1 s. */
export const MAX_ROUNDS = 256
/** Bytes of a question: first round u64, last round u64, flags u8. */
const ASK_BYTES = 17
const SIGNATURE_BYTES = 48

/** Largest messages, by name of their type. */
export const MESSAGE_BYTES = {
  partial: MAX_PARTIALS * PARTIAL_BYTES,
  round: ROUND_BYTES,
  ask: ASK_BYTES,
  rounds: MAX_ROUNDS * ROUND_BYTES,
} as const

/** Partials of one member for one round. */
export interface PartialsMessage {
  readonly sharing: bigint
  readonly round: bigint
  /** At least one; indices ascend. */
  readonly partials: readonly RoundPartial[]
}

/** A question for rounds `from` to `to`, both included. */
export interface AskMessage {
  readonly from: bigint
  readonly to: bigint
  /** Whoever has not got them may send its partials instead: nobody seems to have them. */
  readonly remake: boolean
}

/** As many messages as the partials need. */
export function encodePartials({ sharing, round, partials }: PartialsMessage): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (let at = 0; at < partials.length; at += MAX_PARTIALS) {
    const some = partials.slice(at, at + MAX_PARTIALS)
    const message = Buffer.alloc(some.length * PARTIAL_BYTES)
    for (const [i, { index, signature }] of some.entries()) {
      const offset = i * PARTIAL_BYTES
      message.writeBigUInt64BE(sharing, offset)
      message.writeBigUInt64BE(round, offset + 8)
      message.writeUInt16BE(index, offset + 16)
      message.set(signature, offset + 18)
    }
    messages.push(message)
  }
  return messages
}

/** Undefined for what `encodePartials` would not produce. */
export function decodePartials(data: Uint8Array): PartialsMessage | undefined {
  const count = data.length / PARTIAL_BYTES
  if (!Number.isInteger(count) || count < 1 || count > MAX_PARTIALS) return undefined
  const bytes = bufferOf(data)
  const [sharing, round] = [bytes.readBigUInt64BE(0), bytes.readBigUInt64BE(8)]
  const partials: RoundPartial[] = []
  for (let offset = 0; offset < data.length; offset += PARTIAL_BYTES) {
    const index = bytes.readUInt16BE(offset + 16)
    const differs = bytes.readBigUInt64BE(offset) !== sharing || bytes.readBigUInt64BE(offset + 8) !== round
    if (differs || index <= (partials.at(-1)?.index ?? -1)) return undefined
    partials.push({ index, signature: copyOf(data, offset + 18) })
  }
  return { sharing, round, partials }
}

/** @param rounds at most `MAX_ROUNDS` */
export function encodeRounds(rounds: readonly Round[]): Uint8Array {
  const message = Buffer.alloc(rounds.length * ROUND_BYTES)
  for (const [i, { round, signature }] of rounds.entries()) {
    message.writeBigUInt64BE(round, i * ROUND_BYTES)
    message.set(signature, i * ROUND_BYTES + 8)
  }
  return message
}

/** Rounds in ascending order, possibly none; undefined for what `encodeRounds` would not produce of such. */
export function decodeRounds(data: Uint8Array): Round[] | undefined {
  const count = data.length / ROUND_BYTES
  if (!Number.isInteger(count) || count > MAX_ROUNDS) return undefined
  const bytes = bufferOf(data)
  const rounds: Round[] = []
  for (let offset = 0; offset < data.length; offset += ROUND_BYTES) {
    const round = bytes.readBigUInt64BE(offset)
    if (round <= (rounds.at(-1)?.round ?? 0n)) return undefined
    rounds.push({ round, signature: copyOf(data, offset + 8) })
  }
  return rounds
}

export function encodeAsk({ from, to, remake }: AskMessage): Uint8Array {
  const message = Buffer.alloc(ASK_BYTES)
  message.writeBigUInt64BE(from, 0)
  message.writeBigUInt64BE(to, 8)
  message.writeUInt8(remake ? 1 : 0, 16)
  return message
}

/** Undefined for what is no question, or one for more than an answer holds. */
export function decodeAsk(data: Uint8Array): AskMessage | undefined {
  if (data.length !== ASK_BYTES) return undefined
  const bytes = bufferOf(data)
  const [from, to, flags] = [bytes.readBigUInt64BE(0), bytes.readBigUInt64BE(8), bytes.readUInt8(16)]
  if (from < 1n || to < from || to - from >= BigInt(MAX_ROUNDS) || flags > 1) return undefined
  return { from, to, remake: flags === 1 }
}

/** A signature of its own: a view would keep the whole message in memory. */
function copyOf(data: Uint8Array, offset: number): Uint8Array {
  return Uint8Array.from(data.subarray(offset, offset + SIGNATURE_BYTES))
}

function bufferOf(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
