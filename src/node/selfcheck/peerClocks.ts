import type { ClockReading } from '../../p2p/time.ts'
import type { EpochTable } from '../../types/epoch.ts'
import type { Address } from '../../util/hex.ts'
import type { PeerClock } from './clock.ts'

/** Operators that are asked at a time, heaviest first: their weight is what decides. */
const MAX_ASKED = 32

export interface PeerClocksOptions {
  readonly self: string
  readonly connected: () => readonly string[]
  readonly clockOf: (peer: string) => Promise<ClockReading>
  /** Of each service: its active table, and who is reachable where. */
  readonly services: readonly {
    readonly table: () => EpochTable | undefined
    readonly peerOf: (operator: Address) => string | undefined
  }[]
}

/** The clocks of connected operators, each with its part of the weight of all services. One that does not tell is left out. */
export async function readPeerClocks({
  self,
  connected,
  clockOf,
  services,
}: PeerClocksOptions): Promise<{ readonly clocks: readonly PeerClock[]; readonly weight: number }> {
  const weights = new Map<string, number>()
  let others = 0
  for (const { table, peerOf } of services) {
    const active = table()
    if (active === undefined || active.totalWeight === 0n) continue
    for (const { operator, weight } of active.members) {
      const peer = peerOf(operator)
      if (peer === self) continue
      const part = Number(weight) / Number(active.totalWeight)
      others += part
      if (peer !== undefined) weights.set(peer, (weights.get(peer) ?? 0) + part)
    }
  }
  const asked = connected()
    .map((peer) => ({ peer, weight: weights.get(peer) ?? 0 }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_ASKED)
  const answers = await Promise.allSettled(asked.map(({ peer }) => clockOf(peer)))
  const clocks = answers.flatMap((answer, i): PeerClock[] =>
    answer.status === 'fulfilled' ? [{ offsetMs: answer.value.offsetMs, weight: asked[i]?.weight ?? 0 }] : [],
  )
  return { clocks, weight: others }
}
