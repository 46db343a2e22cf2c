import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  divide,
  divideRounded,
  formatDecimal,
  multiply,
  parseDecimal,
  rescale,
} from '../../../../src/avs/oracle/decimal.ts'

describe('decimal', () => {
  const one = 10n ** 18n

  it('reads strings digit by digit, without a float in between', () => {
    assert.equal(parseDecimal('30303.20000'), 303032n * 10n ** 17n)
    assert.equal(parseDecimal('0.1'), one / 10n)
    assert.equal(parseDecimal('123456789012345.123456789012345678'), 123456789012345123456789012345678n)
    assert.equal(parseDecimal('7.'), 7n * one)
  })

  it('reads JSON numbers by the text the venue wrote', () => {
    assert.equal(parseDecimal(JSON.parse('7617.1')), 76171n * 10n ** 17n)
    assert.equal(parseDecimal(JSON.parse('0.00000068')), 68n * 10n ** 10n)
    assert.equal(parseDecimal(JSON.parse('6.8e-7')), 68n * 10n ** 10n)
    assert.equal(parseDecimal(0.1 + 0.2), 300000000000000040n)
  })

  it('rounds digits beyond 18 half up', () => {
    assert.equal(parseDecimal('0.0000000000000000014'), 1n)
    assert.equal(parseDecimal('0.0000000000000000015'), 2n)
    assert.equal(parseDecimal('1e-19'), 0n)
  })

  for (const bad of [
    '',
    '.5',
    '-1',
    '+1',
    '1,000',
    '0x10',
    'NaN',
    'Infinity',
    ' 1',
    '1e100',
    '1e',
    `1${'0'.repeat(16)}`,
    `0.${'1'.repeat(41)}`,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    null,
    undefined,
    {},
    ['1'],
    true,
  ]) {
    it(`refuses ${JSON.stringify(bad) ?? String(bad)}`, () => assert.equal(parseDecimal(bad), undefined))
  }

  it('reads back what it formats', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 33n - 1n }), (value) => {
        assert.equal(parseDecimal(formatDecimal(value, 18)), value)
      }),
    )
  })

  it('formats with exactly the decimals asked for, signs included', () => {
    assert.equal(formatDecimal(2012345000000n, 8), '20123.45000000')
    assert.equal(formatDecimal(-5n, 2), '-0.05')
    assert.equal(formatDecimal(7n, 0), '7')
  })

  it('rescales, multiplies and divides with one rounding', () => {
    assert.equal(rescale(12_345n, 3, 1), 123n)
    assert.equal(rescale(12_350n, 3, 1), 124n)
    assert.equal(rescale(123n, 1, 3), 12_300n)
    assert.equal(multiply(20_000n * one, parseDecimal('0.91') as bigint), 18_200n * one)
    assert.equal(divide(one, 4n * one), one / 4n)
    assert.equal(divide(20_000n * one, 22_000n * one), 909090909090909091n)
    assert.equal(divideRounded(5n, 2n), 3n)
  })
})
