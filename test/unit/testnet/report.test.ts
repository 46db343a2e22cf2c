import assert from 'node:assert/strict'
import { decimalString, type Facts, figures, quantiles, type RoundFact } from '../../../src/testnet/report.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'

const address = (byte: string): Address => `0x${byte.repeat(20)}`
const hash = (byte: string): Hex => `0x${byte.repeat(32)}`
const GENESIS_MS = 1_700_000_000_000
const timeOf = (slot: bigint) => GENESIS_MS + Number(slot) * 2_000

const round = (slot: bigint, over: Partial<RoundFact> = {}): RoundFact => ({
  slot,
  triggeredAt: timeOf(slot),
  certificateMs: new Map([['operator-1', 40]]),
  signers: [address('aa')],
  answers: new Map([
    ['BTC/USD', 2_000_000_000_000n],
    ['USDC/USD', 91_234_567n],
  ]),
  ...over,
})

function facts(over: Partial<Facts> = {}): Facts {
  return {
    window: { first: 10n, last: 12n },
    rounds: new Map([10n, 12n].map((slot) => [slot, round(slot)])),
    misses: new Map(),
    updates: [],
    feeds: [
      { name: 'BTC/USD', address: address('01'), decimals: 8, latest: undefined },
      {
        name: 'USDC/USD',
        address: address('02'),
        decimals: 8,
        latest: { roundId: 3n, answer: 91_000_000n, updatedAt: 1_700_000_030 },
      },
    ],
    operators: [{ address: address('AA'), peer: 'peer', weight: 32_000_000_000n, up: true }],
    timeOf,
    ...over,
  }
}

describe('figures of the testnet', () => {
  it('write decimals exactly', () => {
    assert.deepEqual(
      [decimalString(91_234_567n, 8), decimalString(5n, 8), decimalString(-150n, 2), decimalString(7n, 0)],
      ['0.91234567', '0.00000005', '-1.50', '7'],
    )
    assert.equal(decimalString(12_345_678_901_234_567_890_123n, 18), '12345.678901234567890123')
  })

  it('take quantiles by nearest rank', () => {
    assert.equal(quantiles([]), null)
    assert.deepEqual(quantiles([5]), { p50: 5, p99: 5 })
    assert.deepEqual(quantiles([4, 1, 3, 2]), { p50: 2, p99: 4 })
    assert.deepEqual(quantiles(Array.from({ length: 200 }, (_, i) => i + 1)), { p50: 100, p99: 198 })
  })

  it('count the slots of the window, and nothing outside of it', () => {
    const rounds = new Map([9n, 10n, 12n, 13n].map((slot) => [slot, round(slot)]))
    const { rounds: slots, certificates, missed, history } = figures(facts({ rounds }))
    assert.deepEqual([slots, certificates], [3, 2])
    assert.deepEqual(missed, [{ slot: 11, reason: 'no node has a record of it' }])
    assert.deepEqual(
      history.map((row) => [row.round, row.feed]),
      [
        [10, 'BTC/USD'],
        [10, 'USDC/USD'],
        [12, 'BTC/USD'],
        [12, 'USDC/USD'],
      ],
    )
  })

  it('have nothing to count before the first certificate', () => {
    const none = figures(facts({ window: undefined, rounds: new Map() }))
    assert.deepEqual([none.rounds, none.certificates, none.onChainUpdates, none.missed], [0, 0, 0, []])
    assert.deepEqual([none.certificateLatencyMs, none.onChainLatencyMs, none.gasPerUpdate], [null, null, null])
  })

  it('name the reason that most nodes tell, one that says something if there is any', () => {
    const reasons = (...list: string[]) =>
      figures(facts({ misses: new Map([[11n, { slot: 11n, reasons: list }]]) })).missed[0]?.reason
    assert.equal(reasons('agree.no-proposal', 'aggregate.no-quorum', 'agree.no-proposal'), 'agree.no-proposal')
    assert.equal(reasons('stopped', 'stopped', 'observe.timeout'), 'observe.timeout')
    assert.equal(reasons('trigger.before-floor'), 'trigger.before-floor')
  })

  it('tell in the history what the chain has, where it has the round', () => {
    const updates = [
      {
        slot: 12n,
        transaction: hash('0c'),
        landedAt: timeOf(12n) + 900,
        gasUsed: 250_000n,
        answers: new Map([['USDC/USD', 91_000_000n]]),
      },
      { slot: 9n, transaction: hash('09'), landedAt: timeOf(9n) + 1, gasUsed: 1n, answers: new Map() },
    ]
    const report = figures(facts({ updates }))
    assert.equal(report.onChainUpdates, 1)
    assert.deepEqual(report.onChainLatencyMs, { p50: 900, p99: 900 })
    assert.equal(report.gasPerUpdate, 250_000)
    assert.deepEqual(
      report.history.filter((row) => row.round === 12),
      [
        { round: 12, feed: 'BTC/USD', answer: '20000.00000000', observedAt: 1_700_000_024, transaction: null },
        { round: 12, feed: 'USDC/USD', answer: '0.91000000', observedAt: 1_700_000_024, transaction: hash('0c') },
      ],
    )
  })

  it('describe feeds and operators', () => {
    const report = figures(facts())
    assert.deepEqual(report.feeds['BTC/USD'], {
      address: address('01'),
      decimals: 8,
      answer: null,
      roundId: null,
      updatedAt: null,
    })
    assert.deepEqual(report.feeds['USDC/USD'], {
      address: address('02'),
      decimals: 8,
      answer: '0.91000000',
      roundId: 3,
      updatedAt: 1_700_000_030,
    })
    assert.deepEqual(report.operators, [
      { address: address('AA'), peerId: 'peer', weight: '32000000000', up: true, certificates: 2 },
    ])
  })
})
