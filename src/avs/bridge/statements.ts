import { bytesToHex, type Hex, LariatError } from 'lariat/avs'
import { encodeAbiParameters, keccak256, parseAbiParameters, stringToBytes } from 'viem'

// What operators sign for bridges, as contracts/bridge/lib/BridgeStatements.sol has it. Attempts are 0, slots indices.

/** How sure the checkpoints of a stream are: of finalized blocks, or of blocks that may still be undone. */
export const Level = { finalized: 1, fast: 2 } as const
export type Level = (typeof Level)[keyof typeof Level]

/** Hand-overs of epochs to other chains; the slot is the epoch handed over, signed under the one before it. */
export const EPOCHS_SERVICE = keccak256(stringToBytes('lariat/bridge/epochs'))
/** Rows of an epoch that lost their weight; for the slot see `revocationSlot`. */
export const REVOCATIONS_SERVICE = keccak256(stringToBytes('lariat/bridge/revocations'))
const MAX_BLOCK = 2n ** 48n - 1n

/** A tree of messages. */
export interface Stream {
  /** Of its chain, u32. */
  readonly domain: number
  /** Its contract there, 32 bytes. */
  readonly hook: Hex
}

/** The tree when its newest leaf had this index. */
export interface Checkpoint {
  readonly root: Hex
  /** u32; the statement's slot. */
  readonly index: number
  /** That leaf. */
  readonly messageId: Hex
}

/** One epoch as it is handed over. Times are Unix seconds. */
export interface HandedEpoch {
  readonly number: bigint
  readonly activatesAt: bigint
  readonly validUntil: bigint
  /** 104 bytes each: key 96 (`x ‖ y`), counted weight u64 (gwei of ETH value). */
  readonly rows: Uint8Array
}

const STREAM = parseAbiParameters('string name, uint32 domain, bytes32 hook, uint8 level')
const CHECKPOINT = parseAbiParameters('bytes32 root, uint32 index, bytes32 messageId')
const EPOCH = parseAbiParameters('uint64 number, uint64 activatesAt, uint64 validUntil, bytes32 rowsHash')
const REVOCATION = parseAbiParameters('uint64 number, bytes revoked')
const MODULE_SERVICE = parseAbiParameters('string name, uint256 chainId, address ism')
const MODULE = parseAbiParameters('uint256 chainId, address ism')

/** The service of the checkpoints of a tree. */
export function streamService({ domain, hook }: Stream, level: Level): Hex {
  return keccak256(encodeAbiParameters(STREAM, ['lariat/bridge', domain, hook, level]))
}

export function checkpointPayload({ root, index, messageId }: Checkpoint): Hex {
  return keccak256(encodeAbiParameters(CHECKPOINT, [root, index, messageId]))
}

export function epochPayload({ number, activatesAt, validUntil, rows }: HandedEpoch): Hex {
  return keccak256(encodeAbiParameters(EPOCH, [number, activatesAt, validUntil, keccak256(rows)]))
}

/** @param revoked bitmap of rows as `Certificate.absent` */
export function revocationPayload(epoch: bigint, revoked: Uint8Array): Hex {
  return keccak256(encodeAbiParameters(REVOCATION, [epoch, bytesToHex(revoked)]))
}

/**
 * The slot of a revocation: one block can take weight from several epochs, and for one slot an operator signs at most one payload.
 * @param atBlock after which the rows had no weight
 * @throws LariatError `bridge.epoch` for a block beyond 48 bits
 */
export function revocationSlot(atBlock: bigint, epoch: bigint): bigint {
  if (atBlock < 0n || atBlock > MAX_BLOCK) throw invalid(`block ${atBlock} has no slot`)
  return (atBlock << 16n) | (epoch & 0xffffn)
}

/** The services of a security module's pauses and of their ends; slots count its pauses. */
export function pauseServices(chainId: number, ism: Hex): { readonly pauses: Hex; readonly unpauses: Hex } {
  const of = (name: string) => keccak256(encodeAbiParameters(MODULE_SERVICE, [name, BigInt(chainId), ism]))
  return { pauses: of('lariat/bridge/pause'), unpauses: of('lariat/bridge/unpause') }
}

/** Of a security module, for its pauses. */
export function modulePayload(chainId: number, ism: Hex): Hex {
  return keccak256(encodeAbiParameters(MODULE, [BigInt(chainId), ism]))
}

/** Bytes of a row's key. */
const KEY_BYTES = 96

/**
 * The rows of an epoch as they are handed over.
 * @param members in the table's order, with keys of 96 bytes and what their weight counts for
 * @throws LariatError `bridge.epoch` for a key of another length, or a weight that is not within 64 bits
 */
export function epochRows(members: readonly { readonly key: Uint8Array; readonly weight: bigint }[]): Uint8Array {
  const rows = Buffer.alloc(members.length * (KEY_BYTES + 8))
  for (const [i, { key, weight }] of members.entries()) {
    if (key.length !== KEY_BYTES) throw invalid(`the key of row ${i} has ${key.length} bytes, not ${KEY_BYTES}`)
    if (weight < 1n || weight >= 1n << 64n) throw invalid(`the weight of row ${i} is ${weight}`)
    rows.set(key, i * (KEY_BYTES + 8))
    rows.writeBigUInt64BE(weight, i * (KEY_BYTES + 8) + KEY_BYTES)
  }
  return Uint8Array.from(rows)
}

function invalid(why: string): LariatError<'bridge.epoch'> {
  return new LariatError('bridge.epoch', `an epoch cannot be handed over: ${why}`)
}
