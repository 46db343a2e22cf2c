import assert from 'node:assert/strict'
import { formatDuration, parseDuration } from '../../../src/util/duration.ts'
import type { LariatError } from '../../../src/util/errors.ts'

describe('durations', () => {
  it('reads a number with its unit', () => {
    assert.deepEqual(
      ['500ms', '2s', '1.5m', '1h', '7d', '0s'].map(parseDuration),
      [500, 2_000, 90_000, 3_600_000, 604_800_000, 0],
    )
  })

  it('refuses anything else, saying what to write', () => {
    for (const text of ['', '2', 's', '-1s', '2 s', '1e3s', '2sec', '.5s', '9999999999999s']) {
      assert.throws(
        () => parseDuration(text),
        (error: LariatError) => error.code === 'duration.invalid' && /such as 2s/.test(error.message),
        text,
      )
    }
  })

  it('writes the largest unit without a fraction', () => {
    assert.deepEqual([0, 1, 1_500, 2_000, 90_000, 7_200_000].map(formatDuration), [
      '0ms',
      '1ms',
      '1500ms',
      '2s',
      '90s',
      '2h',
    ])
  })
})
