import assert from 'node:assert/strict'
import { amount, atBlock, duration, forBlocks, list, percent } from '../../../../src/node/operator/words.ts'

const times = { now: { number: 1_000n, timestamp: 1_700_000_000n }, seconds: 12 }

describe('words of the commands', () => {
  it('give delays in blocks and in time', () => {
    assert.equal(forBlocks(100_800, times), '100,800 blocks (about 14 days)')
    assert.equal(forBlocks(1, times), '1 block (about 12 seconds)')
    assert.equal(forBlocks(0, times), '0 blocks')
    assert.equal(forBlocks(50, { seconds: undefined }), '50 blocks')
    assert.equal(atBlock(1_300, times), 'block 1,300 (in about 1 hour, 2023-11-14 23:13 UTC)')
    assert.equal(atBlock(1_000, times), 'block 1,000')
    assert.equal(atBlock(9_999, { ...times, seconds: undefined }), 'block 9,999')
    assert.deepEqual([1, 59, 120, 5_400, 86_400, 172_800, 1_512_000].map(duration), [
      '1 second',
      '59 seconds',
      '2 minutes',
      '1.5 hours',
      '1 day',
      '2 days',
      '17.5 days',
    ])
  })

  it('give amounts and parts without rounding them up', () => {
    assert.equal(amount(0n), '0')
    assert.equal(amount(10n ** 18n), '1')
    assert.equal(amount(1_234_567n * 10n ** 18n + 5n * 10n ** 17n), '1,234,567.5')
    assert.equal(amount(1n), '0.000000…')
    assert.equal(amount(-15n, 1), '-1.5')
    assert.equal(amount(123n, 0), '123')
    assert.equal(percent(1n, 3n), '33.33 %')
    assert.equal(percent(2n, 2n), '100 %')
    assert.equal(percent(1n, 0n), '0 %')
    assert.deepEqual(
      [list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])],
      ['', 'a', 'a and b', 'a, b and c'],
    )
  })
})
