import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RandomnessRequest } from '../../../../../src/avs/randomness/delivery/requests.ts'
import {
  choosePage,
  gasOf,
  MAX_PAGE_GAS,
  paysItself,
  ROUND_GAS,
} from '../../../../../src/avs/randomness/delivery/worth.ts'

const request = (id: bigint, gasLimit: number, fee: bigint): RandomnessRequest => ({
  ...{ id, gasLimit, fee, round: 7n },
  consumer: `0x${'c0'.repeat(20)}`,
})
const ids = (page: readonly RandomnessRequest[]) => page.map(({ id }) => id)

describe('which requests are worth a transaction', () => {
  const gas = gasOf(request(1n, 100_000, 0n))

  it('pays for itself, and together for the round', () => {
    assert.deepEqual(ids(choosePage([request(1n, 100_000, gas * 10n)], { price: 10n, isDelivered: true })), [1n])
    assert.deepEqual(ids(choosePage([request(1n, 100_000, gas * 10n - 1n)], { price: 10n, isDelivered: true })), [])
    assert.deepEqual(ids(choosePage([request(1n, 100_000, gas * 10n)], { price: 10n, isDelivered: false })), [])
    const two = [request(1n, 100_000, (gas + ROUND_GAS) * 10n - 1n), request(2n, 100_000, gas * 10n + 1n)]
    assert.deepEqual(ids(choosePage(two, { price: 10n, isDelivered: false })), [1n, 2n])
  })

  it('takes the best first, up to a transaction’s gas', () => {
    const many = Array.from({ length: 6 }, (_, i) => request(BigInt(i), 2_400_000, 10n ** 15n + BigInt(i) * 10n ** 14n))
    assert.deepEqual(ids(choosePage(many, { price: 1n, isDelivered: false })), [5n, 4n, 3n, 2n])
    const small = request(9n, 10_000, 60_000n)
    assert.deepEqual(ids(choosePage([...many, small], { price: 1n, isDelivered: true })), [5n, 4n, 3n, 2n, 9n])
  })

  it('takes what asks for nothing where the price is nothing', () => {
    assert.deepEqual(ids(choosePage([request(2n, 1, 0n), request(1n, 1, 0n)], { price: 0n, isDelivered: false })), [
      1n,
      2n,
    ])
  })

  it('never makes a loss, whatever is asked', () => {
    const requests = fc.array(fc.record({ gasLimit: fc.nat(2_500_000), fee: fc.bigInt(0n, 10n ** 16n) }), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(requests, fc.bigInt(0n, 10n ** 10n), fc.boolean(), (asked, price, isDelivered) => {
        const all = asked.map(({ gasLimit, fee }, i) => request(BigInt(i), gasLimit, fee))
        const page = choosePage(all, { price, isDelivered })
        const cost = page.reduce((sum, one) => sum + gasOf(one), isDelivered ? 0n : ROUND_GAS)
        assert.ok(page.length === 0 || page.reduce((sum, { fee }) => sum + fee, 0n) >= cost * price)
        assert.ok(page.length === 0 || cost <= MAX_PAGE_GAS)
        assert.ok(page.every((one) => paysItself(one, price)))
        assert.equal(new Set(ids(page)).size, page.length)
      }),
    )
  })
})
