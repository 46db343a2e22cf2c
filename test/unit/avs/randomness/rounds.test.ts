import assert from 'node:assert/strict'
import {
  AHEAD_MS,
  appendOnly,
  schemeChecked,
  timed,
  writtenLater,
} from '../../../../src/avs/randomness/rounds/layers.ts'
import { type RoundStore, roundStoreSpec, storedRounds } from '../../../../src/avs/randomness/rounds/store.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import type { Hex } from '../../../../src/util/hex.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const chainHash = (n: number): Hex => `0x${n.toString(16).padStart(2, '0').repeat(32)}`
const round = (n: bigint, fill = 1) => ({ round: n, signature: new Uint8Array(48).fill(fill) })

describe('rounds that are kept', () => {
  const open = (keep = 100) => memoryDataStore().keyValues.open('s', 'rounds', roundStoreSpec(keep))

  it('come back by number, in order, and the newest first when asked', () => {
    const rounds = storedRounds(open(), chainHash(1))
    assert.equal(rounds.latest(), undefined)
    for (const n of [3n, 300n, 1n]) rounds.put(round(n, Number(n & 0xffn)))
    assert.deepEqual(rounds.get(3n), round(3n, 3))
    assert.equal(rounds.get(2n), undefined)
    assert.equal(rounds.get(0n), undefined)
    assert.equal(rounds.get(2n ** 64n), undefined)
    assert.equal(rounds.latest()?.round, 300n)
    const numbers = (from: bigint, to: bigint, limit = 10) => rounds.list(from, to, limit).map((one) => one.round)
    assert.deepEqual(numbers(1n, 2n ** 70n), [1n, 3n, 300n])
    assert.deepEqual(numbers(2n, 299n), [3n])
    assert.deepEqual(numbers(1n, 300n, 2), [1n, 3n])
    assert.deepEqual(numbers(5n, 4n), [])
  })

  it('are those of one chain', () => {
    const store = open()
    const [one, two] = [storedRounds(store, chainHash(1)), storedRounds(store, chainHash(2))]
    one.put(round(5n))
    two.put(round(7n))
    assert.deepEqual([one.latest()?.round, two.latest()?.round, two.get(5n)], [5n, 7n, undefined])
  })

  it('are as many as the spec says, the newest', () => {
    const rounds = storedRounds(open(3), chainHash(1))
    for (let n = 1n; n <= 5n; n++) rounds.put(round(n))
    assert.deepEqual(
      rounds.list(1n, 9n, 9).map((one) => one.round),
      [3n, 4n, 5n],
    )
  })

  it('stay as they are', () => {
    let checks = 0
    const inner = schemeChecked(storedRounds(open(), chainHash(1)), () => ++checks > 0)
    const rounds = appendOnly(inner)
    rounds.put(round(5n))
    rounds.put(round(5n))
    assert.equal(checks, 1)
    assert.throws(() => rounds.put(round(5n, 2)), { code: 'rounds.conflict' })
    assert.deepEqual(rounds.get(5n), round(5n))
  })

  it('are the group’s', () => {
    const rounds = schemeChecked(storedRounds(open(), chainHash(1)), (n) => n === 4n)
    rounds.put(round(4n))
    assert.throws(() => rounds.put(round(5n)), { code: 'rounds.false' })
    assert.equal(rounds.get(5n), undefined)
  })

  it('are there before they are written', () => {
    const store = open()
    const due: (() => void)[] = []
    const rounds = writtenLater(storedRounds(store, chainHash(1)), (flush) => due.push(flush))
    rounds.put(round(2n))
    rounds.put(round(1n))
    assert.deepEqual([rounds.get(2n), rounds.get(1n), store.size, due.length], [round(2n), round(1n), 0, 1])
    due[0]?.()
    assert.deepEqual([rounds.get(2n), store.size], [round(2n), 2])
    assert.deepEqual(rounds.latest(), round(2n))
    rounds.put(round(5n))
    rounds.put(round(3n))
    assert.deepEqual([rounds.latest(), due.length], [round(5n), 2])
    const numbers = (limit: number) => rounds.list(2n, 9n, limit).map((one) => one.round)
    assert.deepEqual(
      [numbers(9), numbers(2)],
      [
        [2n, 3n, 5n],
        [2n, 3n],
      ],
    )
    rounds.put(round(4n))
    assert.equal(store.size, 2, 'reading writes nothing')
    rounds.flush()
    assert.deepEqual(numbers(9), [2n, 3n, 4n, 5n])
    assert.equal(store.size, 5)
  })

  it('stay in memory when they cannot be written, at most so many, and are written with the next', () => {
    const store = open(1_000)
    const below = storedRounds(store, chainHash(1))
    let isFull = true
    const inner: RoundStore = {
      ...below,
      put(one) {
        if (isFull) throw new Error('the disk is full')
        below.put(one)
      },
    }
    const due: (() => void)[] = []
    const rounds = writtenLater(inner, (flush) => due.push(flush))
    rounds.put(round(1n))
    assert.throws(() => due[0]?.(), /the disk is full/)
    assert.deepEqual([rounds.get(1n), rounds.latest(), rounds.list(1n, 9n, 9)], [round(1n), round(1n), [round(1n)]])
    assert.equal(store.size, 0)
    for (let n = 2n; n <= 256n; n++) rounds.put(round(n))
    assert.throws(() => rounds.put(round(257n)), /the disk is full/)
    assert.equal(rounds.get(257n), undefined)
    isFull = false
    rounds.put(round(257n))
    due.at(-1)?.()
    assert.equal(store.size, 257)
  })

  it('are not of the future', () => {
    const clock = new SimClock(1_000_000_000)
    const schedule = { genesis: 1_000_000n, period: 3 }
    const rounds = timed(storedRounds(open(), chainHash(1)), schedule, clock)
    rounds.put(round(1n))
    assert.throws(() => rounds.put(round(2n)), { code: 'rounds.too-early' })
    assert.throws(() => rounds.put(round(0n)), { code: 'rounds.too-early' })
    return clock.advance(3_000 - AHEAD_MS).then(() => rounds.put(round(2n)))
  })
})
