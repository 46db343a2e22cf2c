import type { Part } from '../avs/api.ts'
import type { ClockReading } from '../p2p/time.ts'
import type { Clock, Timer } from '../util/clock.ts'

/** ms between looks at who is connected: a new peer is asked at the next. */
const LOOK_MS = 1_000
/** A reading older than this is taken anew, ms. Clocks drift by microseconds a second, and are set by whole seconds. */
const RENEW_MS = 15_000
/** A reading older than this says nothing any more, ms. */
const TRUST_MS = 60_000
/** Questions under way at a time; each ends within five seconds. */
const MAX_ASKED = 16

export interface PeerClocksOptions {
  readonly transport: {
    connected(): readonly string[]
    /** Rejects when the peer does not tell. */
    clockOf(peer: string): Promise<ClockReading>
  }
  readonly clock: Clock
}

/** The clocks of all connected peers, asked again and again. */
export interface PeerClockReadings extends Part {
  /** ms by which the peer's clock is ahead of ours; undefined when it has not told within a minute. */
  offsetOf(peer: string): number | undefined
}

export function createPeerClocks({ transport, clock }: PeerClocksOptions): PeerClockReadings {
  const readings = new Map<string, { readonly offsetMs: number; readonly at: number }>()
  const asked = new Set<string>()
  let timer: Timer | undefined

  function look(): void {
    const connected = transport.connected()
    for (const [peer, { at }] of readings) if (clock.now() - at > TRUST_MS) readings.delete(peer)
    for (const peer of connected) {
      if (asked.size >= MAX_ASKED) break
      const at = readings.get(peer)?.at
      if (!asked.has(peer) && (at === undefined || clock.now() - at >= RENEW_MS)) void ask(peer)
    }
    timer = clock.after(LOOK_MS, look)
  }

  async function ask(peer: string): Promise<void> {
    asked.add(peer)
    try {
      const { offsetMs } = await transport.clockOf(peer)
      readings.set(peer, { offsetMs, at: clock.now() })
    } catch {
      // who does not tell is asked again at the next look; the last reading stays until it is too old
    } finally {
      asked.delete(peer)
    }
  }

  return {
    name: 'peer clocks',
    async start() {
      look()
    },
    async stop() {
      timer?.cancel()
    },
    offsetOf(peer) {
      const reading = readings.get(peer)
      return reading === undefined || clock.now() - reading.at > TRUST_MS ? undefined : reading.offsetMs
    },
  }
}
