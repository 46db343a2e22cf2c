import assert from 'node:assert/strict'
import { type BeaconSharing, holdersOf, ownerOf, SharingBook } from '../../../../src/avs/randomness/beacon/sharings.ts'
import type { Address, Hex } from '../../../../src/util/hex.ts'

const operator = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const group = (n: number) => ({
  publicKey: new Uint8Array(96),
  schedule: { genesis: 1n, period: 3 },
  groupHash: `0x${'00'.repeat(32)}` as Hex,
  chainHash: `0x${n.toString(16).padStart(64, '0')}` as Hex,
})
const sharing = (number: bigint, switchRound: bigint, changes: Partial<BeaconSharing> = {}): BeaconSharing => ({
  sharing: number,
  switchRound,
  threshold: 2,
  members: [
    { operator: operator(1), shares: 2 },
    { operator: operator(2), shares: 0 },
    { operator: operator(3), shares: 1 },
  ],
  polynomial: new Uint8Array(384),
  ...changes,
})

describe('sharings', () => {
  it('hold from their switch round until the next one’s', () => {
    const book = new SharingBook()
    let changes = 0
    const end = book.onChange(() => changes++)
    book.setGroup(group(1))
    book.add(sharing(1n, 1n))
    book.add(sharing(2n, 10n))
    book.add(sharing(2n, 10n))
    assert.equal(changes, 3)
    assert.deepEqual(
      [0n, 1n, 9n, 10n, 99n].map((round) => book.at(round)?.sharing),
      [undefined, 1n, 1n, 2n, 2n],
    )
    assert.equal(book.byNumber(1n)?.switchRound, 1n)
    assert.equal(book.byNumber(3n), undefined)
    end()
    book.add(sharing(3n, 20n))
    assert.equal(changes, 3)
  })

  it('name who is needed: members until the next one has made rounds for a while, and who is being dealt to', () => {
    const book = new SharingBook()
    const of = (...numbers: number[]) => numbers.map((n) => ({ operator: operator(n), shares: 1 }))
    const needed = (latest: bigint) => [...book.needed(latest)].sort()
    assert.deepEqual(needed(0n), [])
    book.expect([operator(1), operator(2)])
    assert.deepEqual(needed(0n), [operator(1), operator(2)])
    book.setGroup(group(1))
    book.add(sharing(1n, 1n)) // in which operator 2 has no share
    book.expect([])
    assert.deepEqual(needed(1_000n), [operator(1), operator(3)])
    book.add(sharing(2n, 100n, { members: of(3, 4) }))
    assert.deepEqual(needed(50n), [operator(1), operator(3), operator(4)])
    assert.deepEqual(needed(109n), [operator(1), operator(3), operator(4)])
    assert.deepEqual(needed(110n), [operator(3), operator(4)])
    let changes = 0
    book.onChange(() => changes++)
    for (let i = 0; i < 2; i++) book.expect([operator(4), operator(5)])
    assert.equal(changes, 1)
    assert.deepEqual(needed(110n), [operator(3), operator(4), operator(5)])
  })

  it('begin anew under another group', () => {
    const book = new SharingBook()
    book.setGroup(group(1))
    book.add(sharing(1n, 1n))
    book.setGroup(group(1))
    assert.equal(book.at(5n)?.sharing, 1n)
    book.setGroup(group(2))
    assert.equal(book.at(5n), undefined)
    assert.throws(() => book.setGroup({ ...group(3), publicKey: new Uint8Array(48) }), { code: 'randomness.group' })
  })

  it('are refused when they cannot be', () => {
    const book = new SharingBook()
    book.add(sharing(2n, 10n))
    for (const wrong of [
      sharing(3n, 11n, { threshold: 4 }),
      sharing(3n, 11n, { threshold: 0, polynomial: new Uint8Array() }),
      sharing(3n, 11n, { polynomial: new Uint8Array(192) }),
      sharing(3n, 10n),
      sharing(1n, 11n),
    ]) {
      assert.throws(() => book.add(wrong), { code: 'randomness.sharing' })
    }
  })

  it('own consecutive share indices', () => {
    const one = sharing(1n, 1n)
    assert.deepEqual(
      [-1, 0, 1, 2, 3].map((index) => ownerOf(one, index)),
      [undefined, operator(1), operator(1), operator(3), undefined],
    )
    assert.deepEqual(holdersOf(one), [operator(1), operator(3)])
  })
})
