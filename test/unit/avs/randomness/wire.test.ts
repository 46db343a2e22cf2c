import assert from 'node:assert/strict'
import {
  decodeAsk,
  decodePartials,
  decodeRounds,
  encodeAsk,
  encodePartials,
  encodeRounds,
  MAX_PARTIALS,
  MAX_ROUNDS,
  MESSAGE_BYTES,
} from '../../../../src/avs/randomness/beacon/wire.ts'

const signature = (n: number) => new Uint8Array(48).fill(n)
const partials = (...indices: number[]) => indices.map((index) => ({ index, signature: signature(index & 0xff) }))

describe('messages of the beacon', () => {
  it('have partials as drand’s index ‖ signature after sharing and round', () => {
    const [message] = encodePartials({ sharing: 2n, round: 0x0102n, partials: partials(0x0304) })
    assert.equal(
      Buffer.from(message as Uint8Array).toString('hex'),
      `${'0000000000000002'}${'0000000000000102'}0304${'04'.repeat(48)}`,
    )
  })

  it('give back what was put in, in as many messages as it takes', () => {
    const many = partials(...Array.from({ length: MAX_PARTIALS + 3 }, (_, i) => i))
    const messages = encodePartials({ sharing: 1n, round: 9n, partials: many })
    assert.deepEqual(
      messages.map(({ length }) => length),
      [MESSAGE_BYTES.partial, 3 * 66],
    )
    const decoded = messages.map((message) => decodePartials(message))
    assert.deepEqual(
      decoded.flatMap((one) => one?.partials ?? []),
      many,
    )
    assert.deepEqual([decoded[0]?.sharing, decoded[1]?.round], [1n, 9n])
    const rounds = [1n, 7n, 2n ** 63n].map((round) => ({ round, signature: signature(Number(round & 7n)) }))
    assert.deepEqual(decodeRounds(encodeRounds(rounds)), rounds)
    assert.deepEqual(decodeRounds(encodeRounds([])), [])
    const ask = { from: 3n, to: 5n, remake: true }
    assert.deepEqual(decodeAsk(encodeAsk(ask)), ask)
  })

  it('are refused when they are anything else', () => {
    const [two] = encodePartials({ sharing: 1n, round: 9n, partials: partials(3, 4) }) as [Uint8Array]
    const changed = (at: number, value: number) => {
      const copy = Uint8Array.from(two)
      copy[at] = value
      return copy
    }
    for (const [what, bad] of [
      ['empty', new Uint8Array()],
      ['cut short', two.subarray(1)],
      ['two sharings', changed(66 + 7, 2)],
      ['two rounds', changed(66 + 15, 8)],
      ['an index twice', changed(66 + 17, 3)],
      ['indices that fall', changed(66 + 17, 2)],
      ['too many', new Uint8Array(66 * (MAX_PARTIALS + 1))],
    ] as const) {
      assert.equal(decodePartials(bad), undefined, what)
    }
    const rounds = [2n, 1n].map((round) => ({ round, signature: signature(1) }))
    assert.equal(decodeRounds(encodeRounds(rounds)), undefined)
    assert.equal(decodeRounds(encodeRounds([{ round: 0n, signature: signature(1) }])), undefined)
    assert.equal(decodeRounds(new Uint8Array(56 * (MAX_ROUNDS + 1))), undefined)
    assert.equal(decodeRounds(new Uint8Array(55)), undefined)
    for (const ask of [
      { from: 0n, to: 3n, remake: false },
      { from: 4n, to: 3n, remake: false },
      { from: 1n, to: 1n + BigInt(MAX_ROUNDS), remake: false },
    ]) {
      assert.equal(decodeAsk(encodeAsk(ask)), undefined)
    }
    assert.equal(
      decodeAsk(Uint8Array.from([...encodeAsk({ from: 1n, to: 1n, remake: false }).subarray(0, 16), 2])),
      undefined,
    )
    assert.equal(decodeAsk(new Uint8Array(16)), undefined)
  })
})
