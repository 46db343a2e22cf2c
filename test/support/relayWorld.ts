import { createMetrics, SimClock } from 'lariat/avs'
import { type RelayConfig, relaySchema } from '../../src/avs/bridge/relay/config.ts'
import { relayMetrics } from '../../src/avs/bridge/relay/metrics.ts'
import type { Correction, Kept, RelayPorts, Revocation } from '../../src/avs/bridge/relay/ports.ts'
import { RELAY_STORE_SPEC } from '../../src/avs/bridge/relay/records.ts'
import { Relayer } from '../../src/avs/bridge/relay/relayer.ts'
import { type HandedEpoch, Level, streamService } from '../../src/avs/bridge/statements.ts'
import { memoryDataStore } from '../../src/store/memory.ts'
import type { Address } from '../../src/util/hex.ts'
import { HOOK, MemoryCertificates, memorySource } from './bridge.ts'
import { FakeDestination } from './bridgeDestination.ts'
import { eventually } from './eventually.ts'
import { memoryLog } from './memoryLog.ts'

export const [ORIGIN, OTHER, THERE] = [1_000, 1_001, 2_000]
export const operator = (i: number): Address => `0x${`0${i + 1}`.repeat(20)}`
export const RECIPIENT: Address = `0x${'ee'.repeat(20)}`
export const BAD: Address = `0x${'bd'.repeat(20)}`

const stops: (() => Promise<void>)[] = []

/** Stops every relayer that was started. */
export async function stopRelayers(): Promise<void> {
  for (const stop of stops.splice(0)) await stop()
}

/** Two origins and a destination without EVM, on a clock that the test moves, and relayers of as many operators as are started. */
export function world({ level = Level.finalized as Level, operators = 2 } = {}) {
  const clock = new SimClock(1_700_000_000_000)
  const source = memorySource({ domain: ORIGIN, destination: THERE, now: () => clock.now() })
  const other = memorySource({ domain: OTHER, destination: THERE, now: () => clock.now() })
  const there = new FakeDestination(THERE, clock)
  const certificates = new MemoryCertificates()
  for (const domain of [ORIGIN, OTHER]) there.services.set(domain, streamService({ domain, hook: HOOK }, level))
  const members = Array.from({ length: operators }, (_, i) => ({ operator: operator(i) }))
  const handed = new Map<bigint, HandedEpoch>()
  const revocations: Revocation[] = []
  const corrections: Correction[] = []
  const votes = new Map<string, Kept>()
  const ports: RelayPorts = {
    sources: new Map([
      [ORIGIN, source],
      [OTHER, other],
    ]),
    certificates,
    epochs: { at: () => ({ members }) },
    handedEpoch: (number) => handed.get(number),
    revocations: () => revocations,
    corrections: () => corrections,
    votes: (_, isPause, number) => votes.get(`${isPause ? 'pause' : 'unpause'} ${number}`),
  }
  return {
    ...{ clock, source, other, there, certificates, handed, revocations, corrections, votes },
    async start(
      i: number,
      options: {
        config?: Partial<RelayConfig>
        data?: ReturnType<typeof memoryDataStore>
        journal?: Map<string, unknown>
      } = {},
    ) {
      const { config, data = memoryDataStore(), journal = new Map<string, unknown>() } = options
      const log = memoryLog()
      const metrics = createMetrics()
      const relayer = new Relayer({
        ...{ clock, log, ports, operator: operator(i), destination: there.as(operator(i), journal) },
        config: { ...relaySchema.parse({}), ...config },
        store: data.keyValues.open('bridge', 'relay', RELAY_STORE_SPEC),
        metrics: relayMetrics(metrics),
      })
      await relayer.start()
      stops.push(() => relayer.stop())
      return { relayer, log, metrics, data, journal }
    },
    /** Seconds with a block each, until `probe`. */
    until: (probe: () => boolean, otherwise: string) =>
      eventually(async () => {
        await clock.advance(1_000)
        there.chain.mine()
        return probe()
      }, otherwise),
    async pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        await clock.advance(1_000)
        there.chain.mine()
      }
    },
  }
}

/** Why a message waits, or the state of its delivery. */
export function reason(relayer: Relayer, index: number, origin = ORIGIN): string | undefined {
  const delivery = relayer.delivery(origin, index)
  return delivery?.state === 'waiting' ? delivery.reason : delivery?.state
}
