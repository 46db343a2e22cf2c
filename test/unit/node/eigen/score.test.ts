import assert from 'node:assert/strict'
import { performanceScore, SCORE_MS } from '../../../../src/node/eigen/score.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import type { SlotRecord } from '../../../../src/store/store.ts'
import type { Address, Hex } from '../../../../src/util/hex.ts'

const OPERATOR: Address = `0x${'Aa'.repeat(20)}`
const OTHER: Address = `0x${'bb'.repeat(20)}`
const [PRICES, BRIDGE]: [Hex, Hex] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`]
const NOW = 1_700_000_000_000

describe('performance score', () => {
  function scoreOf(...records: (Partial<SlotRecord> & Pick<SlotRecord, 'service'>)[]): number {
    const { journal } = memoryDataStore()
    for (const [i, record] of records.entries()) {
      journal.record({
        ...{ slot: BigInt(i), attempt: 0, outcome: 'certified', step: 'verify', reason: null },
        ...{ triggeredAt: NOW - 1_000, certificateMs: 10, transaction: null, signers: [OTHER, OPERATOR.toLowerCase()] },
        ...record,
      })
    }
    return performanceScore({ journal, lines: [PRICES, BRIDGE], operator: OPERATOR, now: NOW })
  }
  const signed = (service: Hex) => ({ service })
  const absent = (service: Hex) => ({ service, signers: [OTHER] })
  const missed = (service: Hex, reason = 'aggregate.no-quorum') =>
    ({ service, outcome: 'missed', reason, signers: [] }) as const

  it('is the part of certificates with our signature, averaged over services', () => {
    assert.equal(scoreOf(signed(PRICES), absent(PRICES), signed(PRICES), absent(PRICES)), 50)
    assert.equal(scoreOf(signed(PRICES), absent(PRICES), signed(BRIDGE)), 75)
  })

  it('does not count slots that nobody certified, unless a service has no other', () => {
    assert.equal(scoreOf(signed(PRICES), missed(PRICES)), 100)
    assert.equal(scoreOf(signed(PRICES), missed(BRIDGE)), 50)
  })

  it('does not count what is old, was not triggered here, or was cut off', () => {
    assert.equal(scoreOf({ ...absent(PRICES), triggeredAt: NOW - SCORE_MS - 1 }, signed(PRICES)), 100)
    assert.equal(scoreOf(missed(PRICES, 'trigger.late'), missed(BRIDGE, 'stopped')), 100)
    assert.equal(scoreOf(), 100)
  })
})
