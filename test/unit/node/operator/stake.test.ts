import assert from 'node:assert/strict'
import type { SetAllocation, SetPosition, StrategyPosition } from '../../../../src/chain/position.ts'
import { freeMagnitude, sharesOf, slashableUntil, tokensOf } from '../../../../src/node/operator/stake.ts'

const one = `0x${'01'.repeat(20)}` as const
const two = `0x${'02'.repeat(20)}` as const
const WAD = 10n ** 18n

const place = (parts: Partial<SetPosition>): SetPosition => ({
  set: { avs: `0x${'aa'.repeat(20)}`, id: 0 },
  member: true,
  slashable: true,
  leavesAfter: undefined,
  redistributesTo: undefined,
  strategies: [one, two],
  allocations: [],
  ...parts,
})
const allocation = (strategy: `0x${string}`, magnitude: bigint, pending?: [bigint, number]): SetAllocation => ({
  strategy,
  magnitude,
  pending: pending === undefined ? undefined : { magnitude: pending[0], effectBlock: pending[1] },
})

describe('the last block in which a set can slash', () => {
  const cases: readonly (readonly [string, Partial<SetPosition>, number | undefined])[] = [
    ['never, without an allocation', {}, undefined],
    ['never, for one that is not slashable', { slashable: false, allocations: [allocation(one, 5n)] }, undefined],
    ['open, for a member with an allocation', { allocations: [allocation(one, 5n)] }, Number.POSITIVE_INFINITY],
    [
      'open, when a pending change leaves some',
      { allocations: [allocation(one, 5n, [1n, 90])] },
      Number.POSITIVE_INFINITY,
    ],
    ['open, when an allocation is to come', { allocations: [allocation(one, 0n, [1n, 90])] }, Number.POSITIVE_INFINITY],
    ['the one before the deallocation counts', { allocations: [allocation(one, 5n, [0n, 90])] }, 89],
    [
      'that of the last deallocation of several',
      { allocations: [allocation(one, 5n, [0n, 90]), allocation(two, 5n, [0n, 95]), allocation(two, 0n)] },
      94,
    ],
    [
      'the end of the delay, for one that left',
      { member: false, leavesAfter: 80, allocations: [allocation(one, 5n)] },
      80,
    ],
    [
      'whichever of the two comes first',
      { member: false, leavesAfter: 80, allocations: [allocation(one, 5n, [0n, 70])] },
      69,
    ],
    [
      'never, for a strategy that the set does not count any more',
      { strategies: [two], allocations: [allocation(one, 5n)] },
      undefined,
    ],
  ]
  for (const [name, parts, expected] of cases) {
    it(name, () => assert.equal(slashableUntil(place(parts)), expected))
  }
})

describe('parts of a stake', () => {
  const strategy: StrategyPosition = {
    strategy: one,
    token: two,
    symbol: 'stETH',
    decimals: 18,
    shares: 100n * WAD,
    deposited: 0n,
    withdrawable: 0n,
    maxMagnitude: (WAD * 3n) / 4n,
    encumbered: WAD / 4n,
    rate: (WAD * 11n) / 10n,
  }

  it('are of what was not slashed, and rounded down as the core does', () => {
    assert.equal(sharesOf(strategy, (WAD * 3n) / 4n), 100n * WAD)
    assert.equal(sharesOf(strategy, WAD / 4n), 33_333_333_333_333_333_300n)
    assert.equal(sharesOf({ ...strategy, maxMagnitude: 0n }, WAD), 0n)
    assert.equal(tokensOf(strategy, 10n), 11n)
    assert.equal(freeMagnitude(strategy), WAD / 2n)
    assert.equal(freeMagnitude({ ...strategy, maxMagnitude: WAD / 8n }), 0n)
  })
})
