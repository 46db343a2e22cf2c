import type { Abi } from 'viem'
import type { Address } from '../util/hex.ts'
import type { ChainLog } from './ports.ts'

/** One thing to be done: a slot that was triggered. Times are ms since the Unix epoch. */
export interface Task<Args = undefined> {
  readonly slot: bigint
  readonly triggeredAt: number
  /** After this nothing is signed for the slot any more. */
  readonly deadline: number
  readonly args: Args
  /** When what is to be certified came to be, where that is not when the slot was triggered. */
  readonly postedAt?: number
  /** That it is signed under, where that is not the one active when it was triggered. */
  readonly epoch?: bigint
}

/** Slots at genesis + slot · interval. `genesis` and `interval` in seconds, as the contract has them. */
export interface IntervalTrigger {
  readonly kind: 'interval'
  readonly genesis: number
  readonly interval: number
}
/** Slots at the times of a cron expression (UTC, with seconds); the slot is the Unix second. `deadlineMs` after the trigger. */
export interface CronTrigger {
  readonly kind: 'cron'
  readonly expression: string
  readonly deadlineMs: number
}
/** A slot for each log of a finalized block; `slot` names it from the log's arguments. */
export interface EventTrigger<Args> {
  readonly kind: 'event'
  readonly address: Address
  readonly abi: Abi
  readonly eventName: string
  readonly slot: (log: ChainLog<Args>) => bigint
  readonly deadlineMs: number
}
/** A slot for each `every`-th finalized block; the slot is the block number. */
export interface BlockTrigger {
  readonly kind: 'block'
  readonly every: bigint
  readonly deadlineMs: number
}

/** A task that the plug-in begins by itself. */
export interface FedTask<Args> {
  readonly slot: bigint
  /** When what is to be certified came to be, ms since the epoch. */
  readonly postedAt: number
  readonly deadlineMs: number
  /** That it is to be signed under; the active one when left out. */
  readonly epoch?: bigint
  readonly args: Args
}

/**
 * Slots that the plug-in names when there is something to certify: for what is a pure function of final blocks, of any chain. A slot
 * without a certificate can be begun again, and so can one whose certificate is of an epoch before the task's: the same payload
 * is signed again, and the later certificate takes the earlier one's place.
 */
export interface FeedTrigger<Args> {
  readonly kind: 'feed'
  /**
   * Called once the service has started; `begin` is false when it is too early after the start, or too many slots are open: begin the slot
   * again later. Returns the function that ends it.
   */
  readonly start: (begin: (task: FedTask<Args>) => boolean) => () => void
}
// biome-ignore lint/suspicious/noExplicitAny: the arguments' type is the plug-in's own; the list holds triggers of any
export type Trigger = IntervalTrigger | CronTrigger | EventTrigger<any> | BlockTrigger | FeedTrigger<any>

export const onInterval = (options: Omit<IntervalTrigger, 'kind'>): IntervalTrigger => ({
  kind: 'interval',
  ...options,
})
export const onCron = (expression: string, options: { deadlineMs: number }): CronTrigger => ({
  kind: 'cron',
  expression,
  ...options,
})
export const onEvent = <Args>(options: Omit<EventTrigger<Args>, 'kind'>): EventTrigger<Args> => ({
  kind: 'event',
  ...options,
})
export const onBlock = (options: Omit<BlockTrigger, 'kind'>): BlockTrigger => ({ kind: 'block', ...options })
export const onFeed = <Args>(start: FeedTrigger<Args>['start']): FeedTrigger<Args> => ({ kind: 'feed', start })
