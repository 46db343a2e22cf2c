import assert from 'node:assert/strict'
import fc from 'fast-check'
import { concentrationOf, nakamoto } from '../../../../src/node/risk/weights.ts'
import type { EpochTable } from '../../../../src/types/epoch.ts'
import type { Address } from '../../../../src/util/hex.ts'

const address = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`

function table(weights: readonly bigint[], revoked: readonly number[] = []): EpochTable {
  return {
    number: 5n,
    activatesAt: 0,
    endsAt: undefined,
    validUntil: 1,
    quorumBps: 6_667,
    members: weights.map((weight, index) => ({ index, operator: address(index), publicKey: new Uint8Array(), weight })),
    totalWeight: weights.reduce((sum, weight) => sum + weight, 0n),
    revoked: new Set(revoked),
    revokedNow: new Set(revoked),
  }
}

describe('concentration of weight', () => {
  it('is told by operator, the greatest first', () => {
    assert.deepEqual(concentrationOf(table([20n, 50n, 30n])), {
      epoch: 5n,
      shares: [
        { operator: address(1), share: 0.5 },
        { operator: address(2), share: 0.3 },
        { operator: address(0), share: 0.2 },
      ],
      toStop: 1,
      toForge: 2,
    })
  })

  it('takes more than a third to stop and more than two thirds to forge, exactly', () => {
    // Three equal ones: one has a third and no more.
    assert.deepEqual(
      [concentrationOf(table([1n, 1n, 1n])).toStop, concentrationOf(table([1n, 1n, 1n])).toForge],
      [2, 3],
    )
    assert.equal(concentrationOf(table([34n, 33n, 33n])).toStop, 1)
    assert.equal(concentrationOf(table([33n, 33n, 33n, 1n])).toForge, 3)
  })

  it('counts revoked weight as nothing, and the whole as before', () => {
    const { shares, toStop, toForge } = concentrationOf(table([40n, 30n, 30n], [0]))
    assert.deepEqual(shares.at(-1), { operator: address(0), share: 0 })
    assert.equal(toStop, 2)
    assert.equal(toForge, undefined, 'nobody can certify any more')
  })

  it('gives the least number for every fraction', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { maxLength: 30 }), (list) => {
        const weights = [...list].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
        const total = weights.reduce((sum, weight) => sum + weight, 0n)
        const count = nakamoto(weights, total, 1n, 3n)
        const held = (n: number) => weights.slice(0, n).reduce((sum, weight) => sum + weight, 0n)
        if (count === undefined) assert.equal(total, 0n)
        else assert.ok(held(count) * 3n > total && held(count - 1) * 3n <= total)
      }),
    )
  })
})
