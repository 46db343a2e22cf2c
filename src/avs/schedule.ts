import cron from 'node-cron'
import type { Clock, Timer } from '../util/clock.ts'
import type { Log } from '../util/log.ts'
import type { BlockTrigger, CronTrigger, EventTrigger, FeedTrigger, IntervalTrigger, Task, Trigger } from './api.ts'
import type { ServiceChain } from './ports.ts'

/** What triggers need, and whom they tell. */
export interface ScheduleOptions {
  readonly clock: Clock
  readonly chain: ServiceChain
  readonly log: Log
  /** Slots triggered before this (ms since the epoch) are passed over: the floor after a start. */
  readonly floor: number
  /** Prefix of durable cursors, unique to the service. */
  readonly cursor: string
  readonly start: (task: Task<unknown>) => void
  /** Begins a slot that may have been begun before; false when there is no room for it. */
  readonly again: (task: Task<unknown>) => boolean
}

/** Turns triggers into tasks until the returned function is called. */
export function schedule(triggers: readonly Trigger[], options: ScheduleOptions): () => void {
  const stops = triggers.map((trigger, i) => begin(trigger, i, options))
  return () => {
    for (const stop of stops) stop()
  }
}

function begin(trigger: Trigger, index: number, options: ScheduleOptions): () => void {
  switch (trigger.kind) {
    case 'interval':
      return onIntervals(trigger, options)
    case 'cron':
      return onCronTimes(trigger, options)
    case 'event':
      return onEvents(trigger, index, options)
    case 'block':
      return onBlocks(trigger, options)
    case 'feed':
      return onFed(trigger, options)
  }
}

/** A slot every interval. A tick that comes late (a busy process, a suspended machine) skips the slots that it missed. */
function onIntervals({ genesis, interval }: IntervalTrigger, { clock, floor, start }: ScheduleOptions): () => void {
  const timeOf = (slot: number) => (genesis + slot * interval) * 1000
  let timer: Timer | undefined
  let next = Math.max(0, Math.ceil((Math.max(clock.now(), floor) / 1000 - genesis) / interval))
  const arm = () => {
    timer = clock.after(timeOf(next) - clock.now(), () => {
      // timers may fire a little early: the slot is that of its own time, never of ours
      if (clock.now() < timeOf(next)) return arm()
      const slot = Math.max(next, Math.floor((clock.now() / 1000 - genesis) / interval))
      next = slot + 1
      start({ slot: BigInt(slot), triggeredAt: timeOf(slot), deadline: timeOf(slot + 1), args: undefined })
      arm()
    })
  }
  arm()
  return () => timer?.cancel()
}

/** A slot at each time of the expression; node-cron runs on the wall clock. */
function onCronTimes({ expression, deadlineMs }: CronTrigger, { floor, start }: ScheduleOptions): () => void {
  const job = cron.schedule(
    expression,
    ({ date }) => {
      const second = Math.floor(date.getTime() / 1000)
      const triggeredAt = second * 1000
      if (triggeredAt < floor) return
      start({ slot: BigInt(second), triggeredAt, deadline: triggeredAt + deadlineMs, args: undefined })
    },
    { timezone: 'UTC' },
  )
  return () => {
    void job.destroy()
  }
}

/** A slot for each log of a finalized block, in order; the watcher's cursor survives a restart. */
function onEvents(
  trigger: EventTrigger<unknown>,
  index: number,
  { chain, clock, cursor, floor, start }: ScheduleOptions,
): () => void {
  const { address, abi, eventName } = trigger
  return chain.watch(
    { address, abi, eventName, finality: 'finalized', cursor: `${cursor}/trigger/${index}` },
    async (log) => {
      const postedAt = Number(log.blockTimestamp) * 1000
      // tasks posted before the floor are never signed: another machine may have signed them
      if (postedAt < floor) return
      start({
        slot: trigger.slot(log),
        triggeredAt: postedAt,
        deadline: clock.now() + trigger.deadlineMs,
        args: log.args,
      })
    },
  )
}

/** A slot for each `every`-th finalized block; blocks that were skipped while we were slow are passed over. */
function onBlocks({ every, deadlineMs }: BlockTrigger, { chain, clock, floor, start }: ScheduleOptions): () => void {
  let last = -1n
  return chain.heads('finalized', (head) => {
    const slot = (head.number / every) * every
    const triggeredAt = Number(head.timestamp) * 1000
    if (slot <= last || triggeredAt < floor) return
    last = slot
    start({ slot, triggeredAt, deadline: clock.now() + deadlineMs, args: undefined })
  })
}

/** Slots as the plug-in begins them; before the floor after a start nothing is. */
function onFed(trigger: FeedTrigger<unknown>, { clock, floor, again }: ScheduleOptions): () => void {
  return trigger.start(({ slot, postedAt, deadlineMs, epoch, args }) => {
    const triggeredAt = clock.now()
    if (triggeredAt < floor) return false
    const task = { slot, triggeredAt, deadline: triggeredAt + deadlineMs, postedAt, args }
    return again(epoch === undefined ? task : { ...task, epoch })
  })
}
