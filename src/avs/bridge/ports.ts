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

/** Leaves of a tree with what is behind them. */
export interface TreeView {
  readonly count: number
  /** The tree when this leaf was its newest; undefined where there is no such one. */
  checkpoint(index: number): Checkpoint | undefined
  /** Where it is a leaf twice, the first; undefined also where its body is too long to be kept, or no longer among the newest 100,000. */
  message(id: Hex): Dispatched | undefined
  messageAt(index: number): Dispatched | undefined
  /** The 32 siblings of a leaf in the tree of `count` leaves. @throws LariatError `bridge.tree` */
  proof(index: number, count: number): Uint8Array[]
}

/** A fast tip that was handed over, and what became final in its place. */
export interface Correction {
  readonly wrong: Checkpoint
  /** Of the same index, with the block of that leaf. */
  readonly right: Tip
}

/** One tree of messages, as this node follows it. As a view it has the leaves of final blocks, and no others. */
export interface Source extends TreeView {
  /** Of its chain, u32. */
  readonly domain: number
  /** The contract of the tree, 32 bytes. */
  readonly hook: Hex
  readonly chain: FollowedChain
  /** Why nothing may be signed of it, and how to mend it; undefined while all is well. What was wrong once stays so until an operator has looked. */
  halted(): string | undefined
  /** The newest tip of a final block; undefined while the tree is empty or not read yet. */
  tip(): Tip | undefined
  /** With the leaves of the newest blocks too, on one provider's word: they may be undone. Undefined unless fast tips are made and it is known. */
  ahead(): TreeView | undefined
  /**
   * Calls `handler` for each block that added leaves, oldest first; of many that came at once for the newest ones only. Under `fast`: for
   * blocks that the configured number of blocks lies upon, which may still be undone; one of an index, as no operator signs another
   * in its place. @returns the function that ends it
   */
  onTip(level: Level, handler: (tip: Tip) => void): () => void
  /** Fast tips that were handed over and turned out to be wrong, the newest 256, over restarts. */
  corrections(): readonly Correction[]
  /** Calls `handler` for each further one. @returns the function that ends it */
  onCorrected(handler: (correction: Correction) => void): () => void
}
