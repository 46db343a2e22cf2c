import assert from 'node:assert/strict'
import { WAGE_OF_A_ROUND, wagesOf } from '../../../src/testnet/wages.ts'
import type { Address } from '../../../src/util/hex.ts'

const of = (letter: string): Address => `0x${letter.repeat(40)}`
/** Addresses come with a checksum from the chain, and in lower case from the nodes. */
const MEMBERS = [
  { address: of('A'), weight: 3n },
  { address: of('B'), weight: 1n },
  { address: of('C'), weight: 0n },
]

describe('wages of the testnet’s operators', () => {
  it('are divided among those who signed a round, by weight', () => {
    const rounds = [{ signers: [of('a'), of('b')] }, { signers: [of('b')] }]
    assert.deepEqual(wagesOf(rounds, MEMBERS), [
      { operator: of('A'), amount: (WAGE_OF_A_ROUND * 3n) / 4n },
      { operator: of('B'), amount: WAGE_OF_A_ROUND / 4n + WAGE_OF_A_ROUND },
    ])
  })

  it('are nothing for who signed nothing, has no weight, or is no member', () => {
    assert.deepEqual(wagesOf([], MEMBERS), [])
    assert.deepEqual(wagesOf([{ signers: [of('a')] }], []), [])
    assert.deepEqual(wagesOf([{ signers: [of('c'), of('d')] }], MEMBERS), [])
    assert.deepEqual(wagesOf([{ signers: [of('a'), of('c'), of('d')] }], MEMBERS), [
      { operator: of('A'), amount: WAGE_OF_A_ROUND },
    ])
  })
})
