import assert from 'node:assert/strict'
import { backingOf, type LrtHolding } from '../../../../src/node/risk/backing.ts'
import { ratio } from '../../../../src/node/risk/ratio.ts'

const ETH = 10n ** 18n
const holding = (part: Partial<LrtHolding>): LrtHolding => ({
  held: 0n,
  idle: 0n,
  reserved: 0n,
  staked: 0n,
  queued: 0n,
  rate: ETH,
  ...part,
})

describe('backing of an LRT', () => {
  it('counts idle, staked and queued units at their rates, and not what is promised to leavers', () => {
    const backing = backingOf(
      [
        holding({ held: 7n * ETH, idle: 5n * ETH, reserved: 2n * ETH, staked: 80n * ETH, queued: 5n * ETH }),
        holding({ staked: 10n * ETH, rate: (11n * ETH) / 10n }),
      ],
      100n * ETH,
      (101n * ETH) / 100n,
    )
    assert.deepEqual(backing, { assets: 101n * ETH, liabilities: 101n * ETH, ratio: 1, unreserved: 0n })
  })

  it('believes what is there more than the books', () => {
    const short = backingOf([holding({ held: 3n * ETH, idle: 10n * ETH, reserved: ETH })], 10n * ETH, ETH)
    assert.equal(short.assets, 2n * ETH)
    assert.equal(short.ratio, 0.2)
    const lacks = backingOf([holding({ held: ETH, idle: ETH, reserved: 4n * ETH, staked: ETH })], ETH, ETH)
    assert.deepEqual([lacks.assets, lacks.unreserved], [ETH, 3n * ETH])
  })

  it('gives a gift to the vault no weight', () => {
    assert.equal(backingOf([holding({ held: 50n * ETH, idle: ETH })], ETH, ETH).ratio, 1)
  })

  it('has no ratio without shares', () => {
    assert.equal(backingOf([], 0n, ETH).ratio, undefined)
    assert.equal(ratio(1n, 0n), undefined)
    assert.equal(ratio(2n, 3n), 0.666666666)
  })
})
