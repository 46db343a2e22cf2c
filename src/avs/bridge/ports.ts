import type { FollowedChain, Hex } from 'lariat/avs'
import type { Checkpoint, Level } from './statements.ts'

/** A message that is in a tree of a final block. */
export interface Dispatched {
  /** keccak256 of `encoded`. */
  readonly id: Hex
  /** Its leaf. */
  readonly index: number
  /** As the mailbox has it; see `decodeMessage`. */
  readonly encoded: Hex
  readonly block: bigint
  /** Of the block, ms since the epoch. */
  readonly time: number
  readonly transaction: Hex
}

/** The tree as a block left it. */
export interface Tip extends Checkpoint {
  readonly block: bigint
  readonly blockHash: Hex
  /** Of the block, ms since the epoch. */
  readonly time: number
}

/** One tree of messages, as this node follows it. */
export interface Source {
  /** Of its chain, u32. */
  readonly domain: number
  /** The contract of the tree, 32 bytes. */
  readonly hook: Hex
  readonly chain: FollowedChain
  /** Why nothing may be signed of it, and how to mend it; undefined while all is well. What was wrong once stays so until an operator has looked. */
  halted(): string | undefined
  /** Leaves of final blocks that are known here. */
  readonly count: number
  /** The newest tip of a final block; undefined while the tree is empty or not read yet. */
  tip(): Tip | undefined
  /** Of final leaves; undefined where there is no such one. */
  checkpoint(index: number): Checkpoint | undefined
  /** Where it is a leaf twice, the first; undefined also where its body is too long to be kept, or no longer among the newest 100,000. */
  message(id: Hex): Dispatched | undefined
  messageAt(index: number): Dispatched | undefined
  /** The 32 siblings of a final leaf in the tree of `count` leaves. @throws LariatError `bridge.tree` */
  proof(index: number, count: number): Uint8Array[]
  /**
   * Calls `handler` for each block that added leaves, oldest first; of many that came at once for the newest ones only. Under `fast`: for
   * blocks that the configured number of blocks lies upon, which may still be undone. @returns the function that ends it
   */
  onTip(level: Level, handler: (tip: Tip) => void): () => void
}
