import { SKEW_MARGIN_MS } from '../../signer/guard.ts'
import type { Clock } from '../../util/clock.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** A peer's clock as seen from here. */
export interface PeerClock {
  /** ms by which it is ahead of ours; half of the round trip is the error. */
  readonly offsetMs: number
  /** Its part of the weight of all services' epochs. */
  readonly weight: number
}

export interface ClockCheckOptions {
  readonly clock: Clock
  /** The machine's clock, ms since the epoch; `Date.now`. */
  readonly wall: () => number
  /** Clocks of the connected operators, and the weight of all others than us. */
  readonly peers: () => Promise<{ readonly clocks: readonly PeerClock[]; readonly weight: number }>
  /** Unix second of the newest block. */
  readonly headTime: () => bigint
  /** Told by how many ms our clock is ahead of the others'; 0 while too few of them answer. */
  readonly measured?: (aheadMs: number) => void
}

/** Off by more than this, somebody should look, ms: machines on NTP differ by tens. */
export const SKEWED_MS = 500
/**
 * Off by more than this nothing is signed, ms: it is the guard's margin between two machines of one operator, on which the
 * floor after a start rests.
 */
export const MAX_SKEW_MS = SKEW_MARGIN_MS
/** A block's time is never ahead of its maker's clock, and makers differ by a second or two at most. ms */
const MAX_HEAD_AHEAD_MS = 15_000

const EVERY_MS = 10_000
const TRUST_MS = 60_000

/**
 * This process's clock against the machine's (which NTP corrects, while the process's own runs on evenly: after a suspended
 * machine or a restored snapshot they differ), against the other operators', and against the chain where those are silent.
 */
export function clockCheck({ clock, wall, peers, headTime, measured = () => {} }: ClockCheckOptions): SelfCheck {
  /** Also asked before each signature: a snapshot that is restored while the process runs is noticed before it signs. */
  function againstMachine(): string | undefined {
    const off = clock.now() - wall()
    return Math.abs(off) <= MAX_SKEW_MS
      ? undefined
      : `this process's clock is ${text(off)} the machine's: it was suspended, restored from a snapshot, or its clock was set; restart the node`
  }

  /** ms by which the newest block was ahead of our clock when that was last judged. */
  let judged: number | undefined
  const headAhead = () => Number(headTime()) * 1_000 - clock.now()

  /**
   * A snapshot that is restored on a machine whose clock nobody has set right yet: both clocks of this machine agree, and the
   * chain is suddenly ahead. Nothing is signed until the next look has asked the others.
   */
  function againstHead(): string | undefined {
    const ahead = headAhead()
    return judged !== undefined && ahead - Math.max(judged, 0) > MAX_HEAD_AHEAD_MS
      ? `the newest block is suddenly ${seconds(ahead)} s ahead of this process's clock: if the machine was restored from a snapshot, set its clock and restart the node; otherwise the next look goes by the other operators' clocks`
      : undefined
  }

  return {
    name: 'clock',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    now: () => againstMachine() ?? againstHead(),
    async run() {
      const wrong = againstMachine()
      if (wrong !== undefined) return fail(wrong)
      const { clocks, weight } = await peers()
      const heard = clocks.reduce((sum, peer) => sum + peer.weight, 0)
      const ahead = headAhead()
      judged = ahead
      const known = heard > 0 && heard * 2 >= weight
      const offset = known ? weightedMedian(clocks) : 0
      measured(0 - offset)
      if (known) return againstPeers(offset, ahead)
      return ahead > MAX_HEAD_AHEAD_MS
        ? fail(
            `the newest block is ${seconds(ahead)} s ahead of this machine's clock, and too few operators are connected to decide: set the clock, or distrust the providers`,
          )
        : undefined
    },
  }
}

function againstPeers(offset: number, headAhead: number): Finding | undefined {
  const off = Math.abs(offset)
  if (off > SKEWED_MS) {
    const reason = `this machine's clock is ${text(-offset)} the other operators' (median by weight): let NTP set it`
    return off > MAX_SKEW_MS ? fail(reason) : warn(reason)
  }
  return headAhead > MAX_HEAD_AHEAD_MS
    ? warn(
        `the newest block is ${seconds(headAhead)} s ahead of this machine's clock, which the other operators share: look at the providers`,
      )
    : undefined
}

/** Offset below and above which lies half of the weight: less than half of it, lying, cannot move it out of what the others say. */
export function weightedMedian(clocks: readonly PeerClock[]): number {
  const sorted = [...clocks].sort((a, b) => a.offsetMs - b.offsetMs)
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2
  let sum = 0
  for (const { offsetMs, weight } of sorted) {
    sum += weight
    if (sum >= half) return offsetMs
  }
  return 0
}

const seconds = (ms: number) => (Math.abs(ms) / 1_000).toFixed(1)
const text = (off: number) => `${seconds(off)} s ${off > 0 ? 'ahead of' : 'behind'}`
