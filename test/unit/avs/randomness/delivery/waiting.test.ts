import assert from 'node:assert/strict'
import {
  type RandomnessRequest,
  REQUEST_STORE_SPEC,
  RequestBook,
} from '../../../../../src/avs/randomness/delivery/requests.ts'
import { Waiting } from '../../../../../src/avs/randomness/delivery/waiting.ts'
import type { Round } from '../../../../../src/avs/randomness/rounds/store.ts'
import type { KeyValueStore } from '../../../../../src/store/keyValue.ts'
import { memoryDataStore } from '../../../../../src/store/memory.ts'
import { seededRandom } from '../../../../../src/util/random.ts'
import { SimClock } from '../../../../../src/util/simclock.ts'
import { roundsOf } from '../../../../support/requests.ts'

const SEED = 97
const consumer = `0x${'c0'.repeat(20)}` as const
const request = (id: bigint, round: bigint): RandomnessRequest => ({ id, consumer, round, gasLimit: 1, fee: id })
const made = (round: bigint): [bigint, Round] => [round, { round, signature: Uint8Array.of(Number(round % 251n)) }]
const storeOf = (maxEntries = REQUEST_STORE_SPEC.maxEntries) =>
  memoryDataStore().keyValues.open('service', 'requests', { ...REQUEST_STORE_SPEC, maxEntries })
const idsOf = (due: ReturnType<Waiting['due']>) =>
  [...due].map(([round, { signature, requests }]) => [round, signature[0], requests.map(({ id }) => id)])

/** Counts what a round store is asked for. */
function counting(rounds: ReadonlyMap<bigint, Round>) {
  const asked: bigint[] = []
  const store = roundsOf(rounds)
  const get = (round: bigint) => {
    asked.push(round)
    return store.get(round)
  }
  return { asked, rounds: { ...store, get } }
}

describe(`requests that wait (seed ${SEED})`, () => {
  it('are due as a look at every one of them would say, whatever comes and goes', () => {
    const random = seededRandom(SEED)
    const below = (n: number) => BigInt(Math.floor(random() * n))
    const store = storeOf()
    let waiting = new Waiting(store, new SimClock())
    const known = new Map<bigint, RandomnessRequest>()
    const settled = new Set<bigint>()
    const rounds = new Map<bigint, Round>()
    let most = 0
    for (let step = 0; step < 1_500; step++) {
      const one = request(1n + below(500), 1n + below(60))
      const what = random()
      if (what < 0.7) {
        known.set(one.id, one)
        settled.delete(one.id)
        waiting.add(one)
      } else if (what < 0.72) {
        settled.add(one.id)
        waiting.settle(one.id)
      } else if (what < 0.76) {
        known.delete(one.id)
        settled.delete(one.id)
        waiting.forget(one.id)
      } else if (what < 0.985) {
        rounds.set(...made(1n + below(60)))
      } else if (what < 0.995) {
        waiting = new Waiting(store, new SimClock()) // a restart, which knows of nothing settled
        settled.clear()
      } else if (what < 0.998) rounds.clear()
      if (step % 5 !== 0) continue
      const expected = new Map<bigint, bigint[]>()
      const all = [...known.values()].filter(({ id, round }) => !settled.has(id) && rounds.has(round))
      most = Math.max(most, all.length)
      for (const { id, round } of all.sort((a, b) => Number(a.id - b.id)).slice(0, 256)) {
        expected.set(round, [...(expected.get(round) ?? []), id])
      }
      assert.deepEqual(
        idsOf(waiting.due(roundsOf(rounds), () => true)),
        [...expected].map(([round, ids]) => [round, Number(round % 251n), ids]),
      )
    }
    assert.ok(most > 256, `never more than ${most} are due`)
  })

  it('cost nothing until their round is there', () => {
    const store = storeOf()
    let lists = 0
    const counted: KeyValueStore = {
      get: (key) => store.get(key),
      put: (key, value) => store.put(key, value),
      delete: (key) => store.delete(key),
      list(query) {
        lists++
        return store.list(query)
      },
      get size() {
        return store.size
      },
    }
    const waiting = new Waiting(counted, new SimClock())
    for (let id = 1n; id <= 5_000n; id++) waiting.add(request(id, 100n + id))
    const { asked, rounds } = counting(new Map([made(50n), made(103n), made(104n)]))
    assert.deepEqual(idsOf(waiting.due(rounds, () => true)), [
      [103n, 103, [3n]],
      [104n, 104, [4n]],
    ])
    // of the 5,000 only those whose rounds have passed, two of which nobody has
    assert.deepEqual(asked, [101n, 102n, 103n, 104n])
    assert.equal(lists, 1, 'read from disk at the start alone')
    waiting.settle(3n)
    asked.splice(0)
    assert.deepEqual(idsOf(waiting.due(rounds, () => true)), [[104n, 104, [4n]]])
    assert.deepEqual(asked, [101n, 102n, 104n])
    assert.deepEqual(
      waiting.due(roundsOf(new Map()), () => true),
      new Map(),
    )
  })

  it('are not hidden by those that do not pay', () => {
    const waiting = new Waiting(storeOf(), new SimClock())
    const rounds = roundsOf(new Map([made(7n)]))
    assert.equal(waiting.isAnyDue(rounds), false)
    for (let id = 1n; id <= 300n; id++) waiting.add(request(id, 7n))
    assert.deepEqual(idsOf(waiting.due(rounds, ({ fee }) => fee > 298n)), [[7n, 7, [299n, 300n]]])
    assert.deepEqual([waiting.isAnyDue(rounds), waiting.isAnyDue(roundsOf(new Map([made(6n)])))], [true, false])
    assert.equal(waiting.due(rounds, () => true).get(7n)?.requests.length, 256)
  })

  it('are 20,000 at most, of which the oldest go, in memory as on disk', () => {
    const store = storeOf()
    const book = new RequestBook(store)
    for (let id = 2n; id <= 20_001n; id++) book.add(request(id, id % 7n))
    assert.equal(book.size, 20_000)
    book.add(request(20_002n, 3n))
    book.add(request(1n, 3n)) // older than all that are kept
    book.add(request(20_002n, 5n)) // and one again, of another round
    assert.deepEqual([book.get(1n), book.get(2n), book.get(20_002n)?.round], [undefined, undefined, 5n])
    for (const one of [book, new RequestBook(store)]) {
      assert.equal(one.size, 20_000)
      const ids = [...one.upTo(99n)].flatMap(({ requests }) => [...requests].map(({ id }) => id))
      assert.equal(new Set(ids).size, 20_000)
      assert.equal(ids.length, 20_000)
      assert.equal(
        ids.reduce((a, b) => (a < b ? a : b)),
        3n,
      )
    }
    assert.equal(store.size, 20_000)
  })
})
