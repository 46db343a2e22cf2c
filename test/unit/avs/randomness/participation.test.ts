import assert from 'node:assert/strict'
import { Gathering, type PartialScheme } from '../../../../src/avs/randomness/beacon/gathering.ts'
import { beaconMetrics } from '../../../../src/avs/randomness/beacon/metrics.ts'
import { Participation } from '../../../../src/avs/randomness/beacon/participation.ts'
import type { BeaconSharing } from '../../../../src/avs/randomness/beacon/sharings.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { type MemoryLog, memoryLog } from '../../../support/memoryLog.ts'
import { metricValue } from '../../signer/fixtures.ts'

const operator = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const scheme: PartialScheme = {
  combine: () => new Uint8Array(48),
  lieTogether: async () => false,
  findBad: async (_sharing, _round, partials) => ({
    invalid: partials.flatMap(({ signature }, i) => (signature[0] === 0 ? [i] : [])),
    exhausted: false,
  }),
}
const sharing: BeaconSharing = {
  sharing: 1n,
  switchRound: 1n,
  threshold: 2,
  members: [
    { operator: operator(1), shares: 2 },
    { operator: operator(2), shares: 0 },
    { operator: operator(3), shares: 1 },
  ],
  polynomial: new Uint8Array(384),
}

describe('participation', () => {
  let participation: Participation
  let log: MemoryLog
  let metrics: ReturnType<typeof createMetrics>
  beforeEach(() => {
    log = memoryLog()
    metrics = createMetrics()
    participation = new Participation(beaconMetrics(metrics), log)
  })

  /** Counts a round with a true partial of each index in `present` and a false one of each in `bad`. */
  async function count(round: bigint, present: readonly number[], bad: readonly number[] = []): Promise<void> {
    const gathering = new Gathering(round, sharing, scheme)
    for (const index of present) gathering.add({ index, signature: Uint8Array.of(1) }, 'p', false)
    for (const index of bad) gathering.add({ index, signature: Uint8Array.of(0) }, 'p', false)
    await gathering.sift(() => undefined)
    participation.count(gathering)
  }
  const total = (of: number, part: string) =>
    metricValue(metrics, `lariat_randomness_participation_total{operator="${operator(of)}",part="${part}"}`)

  it('is present with all true partials, missed with fewer, false with a false one; who has no shares has no part', async () => {
    await count(1n, [0, 1, 2])
    await count(2n, [0, 2])
    await count(3n, [0, 1], [2])
    assert.deepEqual([await total(1, 'present'), await total(1, 'missed')], [2, 1])
    assert.deepEqual([await total(3, 'present'), await total(3, 'false')], [2, 1])
    assert.deepEqual(participation.list(2n, 9n, 9), [
      { round: 3n, members: [operator(1), operator(3)], missed: [operator(3)], false: [operator(3)] },
      { round: 2n, members: [operator(1), operator(3)], missed: [operator(1)], false: [] },
    ])
    assert.equal(participation.list(1n, 9n, 1).length, 1)
  })

  it('tells by name who is away for ten rounds in a row, once, and that it is back', async () => {
    for (let round = 1n; round <= 12n; round++) await count(round, [0, 1])
    const told = () =>
      log.entries.map(({ level, fields }) => [level, fields.operator]).filter(([level]) => level !== 'debug')
    assert.deepEqual(told(), [['warn', operator(3)]])
    assert.deepEqual(log.entries.find(({ level }) => level === 'warn')?.fields.since, 1n)
    const away = `lariat_randomness_missed_in_a_row{operator="${operator(3)}"}`
    assert.equal(await metricValue(metrics, away), 12)
    await count(13n, [0, 1, 2])
    assert.deepEqual(told().at(-1), ['info', operator(3)])
    assert.equal(await metricValue(metrics, away), 0)
  })

  it('adds up over a range of rounds', async () => {
    for (let round = 1n; round <= 10n; round++) await count(round, round % 2n === 0n ? [0, 1, 2] : [0, 1])
    assert.deepEqual(participation.conduct(3n, 8n), {
      seen: 6,
      operators: [
        { operator: operator(1), rounds: 6, missed: 0 },
        { operator: operator(3), rounds: 6, missed: 3 },
      ],
    })
    assert.deepEqual(participation.conduct(50n, 60n), { seen: 0, operators: [] })
  })
})
