import { LariatError } from '../util/errors.ts'
import type { IntervalTrigger, Trigger } from './api.ts'

/** How far a peer's clock may be ahead of ours before its messages are refused, ms. */
export const CLOCK_SKEW_MS = 2_000
/** How long a time slot stays open to messages after its trigger, ms; at least this, or 16 intervals. */
const MIN_AGE_MS = 60_000
const AGE_INTERVALS = 16
/** How far index slots may lie from the highest one that this node has seen triggered. */
const INDEX_REACH = 256n

/** Which slots of a service are open now. It keeps a message or a plug-in from pushing state and guard far ahead. */
export interface SlotWindow {
  /** Trigger time of a time slot, ms since the epoch; undefined where slots are indices. */
  timeOf(slot: bigint): number | undefined
  /** Slots that may be signed at `now`, inclusive. */
  signable(now: number): { from: bigint; to: bigint }
  /** Whether a message about `slot` is of interest at `now`. */
  place(slot: bigint, now: number): 'open' | 'too-old' | 'too-new'
  /** Whether the plug-in names the slots. */
  readonly isFed: boolean
  /** Told of every slot that this node has seen triggered. */
  triggered(slot: bigint): void
}

/** @throws LariatError `plugin.invalid` when the triggers name slots in different ways */
export function windowOf(triggers: readonly Trigger[]): SlotWindow {
  const [first, ...others] = triggers
  if (first === undefined) throw new LariatError('plugin.invalid', 'a service needs at least one trigger')
  if (others.some((other) => other.kind !== first.kind) || (first.kind === 'interval' && others.length > 0)) {
    throw new LariatError(
      'plugin.invalid',
      'triggers of one service must all be of one kind, and an interval stands alone',
    )
  }
  switch (first.kind) {
    case 'interval':
      return intervalWindow(first)
    case 'cron':
      return timeWindow(
        (slot) => Number(slot) * 1000,
        (time) => BigInt(Math.floor(time / 1000)),
        MIN_AGE_MS,
      )
    default:
      return indexWindow(first.kind === 'feed')
  }
}

function intervalWindow({ genesis, interval }: IntervalTrigger): SlotWindow {
  return timeWindow(
    (slot) => (genesis + Number(slot) * interval) * 1000,
    (time) => BigInt(Math.max(0, Math.floor((time / 1000 - genesis) / interval))),
    Math.max(MIN_AGE_MS, AGE_INTERVALS * interval * 1000),
  )
}

function timeWindow(timeOf: (slot: bigint) => number, slotAt: (time: number) => bigint, ageMs: number): SlotWindow {
  return {
    isFed: false,
    timeOf,
    signable: (now) => ({ from: slotAt(now - ageMs), to: slotAt(now) }),
    place(slot, now) {
      const time = timeOf(slot)
      return time < now - ageMs ? 'too-old' : time > now + CLOCK_SKEW_MS ? 'too-new' : 'open'
    },
    triggered() {},
  }
}

function indexWindow(isFed: boolean): SlotWindow {
  let highest = -1n
  const from = () => (highest > INDEX_REACH ? highest - INDEX_REACH : 0n)
  return {
    isFed,
    timeOf: () => undefined,
    signable: () => ({ from: from(), to: highest }),
    place: (slot) => (slot < from() ? 'too-old' : slot > highest + INDEX_REACH ? 'too-new' : 'open'),
    triggered(slot) {
      if (slot > highest) highest = slot
    },
  }
}
