import assert from 'node:assert/strict'
import { Gaps } from '../../../../src/avs/randomness/beacon/gaps.ts'
import type { RoundStore } from '../../../../src/avs/randomness/rounds/store.ts'

const store = (kept: (round: bigint) => boolean): RoundStore => ({
  put: () => assert.fail('nothing is put'),
  get: () => undefined,
  latest: () => undefined,
  list(from, to, limit) {
    const rounds = []
    for (let round = from; round <= to && rounds.length < limit; round++) {
      if (kept(round)) rounds.push({ round, signature: new Uint8Array(48) })
    }
    return rounds
  },
})

describe('missing rounds', () => {
  it('are found piece by piece, the newest first', () => {
    const gaps = new Gaps()
    const rounds = store((round) => round % 1_000n !== 0n)
    gaps.extend(1n, 3_500n)
    assert.equal(gaps.size, 0)
    gaps.scan(rounds)
    assert.deepEqual(gaps.within(1n, 9_999n), [3_000n])
    for (let i = 0; i < 5; i++) gaps.scan(rounds)
    assert.deepEqual(gaps.within(1n, 9_999n).sort(), [1_000n, 2_000n, 3_000n])
    assert.equal(
      gaps.newest(() => true),
      3_000n,
    )
    assert.equal(
      gaps.newest((round) => round < 3_000n),
      2_000n,
    )
    assert.ok(gaps.fill(3_000n))
    assert.ok(!gaps.fill(3_000n))
    assert.deepEqual([gaps.has(3_000n), gaps.has(2_000n), gaps.size], [false, true, 2])
  })

  it('are looked for once, and not below what is wanted', () => {
    const gaps = new Gaps()
    const rounds = store(() => false)
    gaps.extend(3n, 5n)
    gaps.extend(3n, 5n)
    gaps.scan(rounds)
    gaps.scan(rounds)
    assert.deepEqual(gaps.within(1n, 9n), [5n, 4n, 3n])
    gaps.extend(3n, 7n)
    gaps.scan(rounds)
    assert.equal(gaps.size, 5)
    gaps.clear()
    gaps.extend(1n, 1n)
    gaps.scan(rounds)
    assert.deepEqual(gaps.within(1n, 9n), [1n])
  })

  it('are so many at a time and no more', () => {
    const gaps = new Gaps()
    const rounds = store(() => false)
    gaps.extend(1n, 100_000n)
    for (let i = 0; i < 50; i++) gaps.scan(rounds)
    assert.equal(gaps.size, 4_096)
    for (let round = 99_000n; round <= 100_000n; round++) gaps.fill(round)
    gaps.scan(rounds)
    assert.equal(gaps.size, 4_096 - 1_001 + 1_024)
  })
})
