import assert from 'node:assert/strict'
import { SimClock } from 'lariat/avs'
import { Backlog, MAX_WAITING, pauseAfter } from '../../../../../src/avs/bridge/relay/backlog.ts'
import { RELAY_STORE_SPEC, Records } from '../../../../../src/avs/bridge/relay/records.ts'
import { memoryDataStore } from '../../../../../src/store/memory.ts'
import type { Address, Hex } from '../../../../../src/util/hex.ts'
import { type MemorySource, memorySource } from '../../../../support/bridge.ts'

const RECIPIENT: Address = `0x${'ee'.repeat(20)}`
const [ORIGIN, THERE] = [1_000, 2_000]
const TRANSACTION: Hex = `0x${'ab'.repeat(32)}`

describe('backlog of messages', () => {
  const clock = new SimClock()
  const open = (data: ReturnType<typeof memoryDataStore>, source: MemorySource, ordered = false) => {
    const records = new Records(data.keyValues.open('bridge', 'relay', RELAY_STORE_SPEC), THERE)
    return new Backlog({ records, source, destination: THERE, ordered, clock })
  }
  const sourceOf = (count: number) => {
    const source = memorySource({ domain: ORIGIN, destination: THERE, now: () => clock.now() })
    source.dispatch(...Array.from({ length: count }, () => ({ recipient: RECIPIENT })))
    return source
  }
  const takeAll = (backlog: Backlog) => {
    const givenUp: number[] = []
    for (let before = -1; backlog.next !== before; ) {
      before = backlog.next
      givenUp.push(...backlog.take().givenUp.map(({ index }) => index))
    }
    return givenUp
  }

  it('grows its pauses from 5 seconds to 10 minutes', () => {
    assert.deepEqual(
      [1, 2, 3, 7, 8, 100].map((attempts) => pauseAfter(attempts)),
      [5_000, 10_000, 20_000, 320_000, 600_000, 600_000],
    )
  })

  it('has the same messages waiting after a restart, and looks at no leaf again', () => {
    const data = memoryDataStore()
    const source = sourceOf(4)
    const backlog = open(data, source)
    assert.equal(backlog.take().found.length, 4)
    const [, first, second, third] = [...backlog.all()]
    assert.ok(first && second && third)
    backlog.settle(0, { transaction: TRANSACTION, block: 7n, time: 1, own: true })
    backlog.postpone(first, 'recipient-reverts', 'because')
    backlog.land(second, TRANSACTION, 8n)
    const again = open(data, source)
    assert.deepEqual([again.next, again.take().found], [4, []])
    assert.deepEqual(
      [...again.all()].map(({ index, id, attempts, nextAt }) => ({ index, id, attempts, nextAt })),
      [first, second, third].map(({ index, id, attempts, nextAt }) => ({ index, id, attempts, nextAt })),
    )
    assert.deepEqual(again.find(2)?.landed, { transaction: TRANSACTION, block: 8n, since: clock.now() })
    assert.deepEqual(again.delivered(0), { transaction: TRANSACTION, block: 7n, time: 1, own: true })
  })

  it('looks at a message again whose record was lost', () => {
    const data = memoryDataStore()
    const source = sourceOf(3)
    const store = data.keyValues.open('bridge', 'relay', RELAY_STORE_SPEC)
    open(data, source).take()
    // a power cut takes what was written last first: how far it was
    const last = store.list({ limit: 10 }).at(-1)
    assert.ok(last)
    store.delete(last.key)
    const again = open(data, source)
    assert.equal(again.next, 0)
    again.take()
    assert.deepEqual([again.next, again.size], [3, 3])
  })

  it('has no more waiting than its window, and leaves the rest to the source', function () {
    this.timeout(30_000)
    const source = sourceOf(MAX_WAITING + 5)
    const backlog = open(memoryDataStore(), source)
    assert.deepEqual(takeAll(backlog), [])
    assert.deepEqual([backlog.size, backlog.next], [MAX_WAITING, MAX_WAITING])
    // those that cannot be delivered make room, the most hopeless first
    const tried = [11, 7].map((index) => backlog.find(index))
    for (const [i, waiting] of tried.entries()) {
      assert.ok(waiting)
      for (let attempt = 0; attempt < 8 + i; attempt++) backlog.postpone(waiting, 'recipient-reverts', undefined)
    }
    const patient = backlog.find(3)
    assert.ok(patient)
    for (let attempt = 0; attempt < 7; attempt++) backlog.postpone(patient, 'recipient-reverts', undefined)
    assert.deepEqual(takeAll(backlog), [7, 11])
    assert.deepEqual([backlog.size, backlog.next], [MAX_WAITING, MAX_WAITING + 2])
    backlog.settle(0, { transaction: null, block: 1n, time: null, own: false })
    takeAll(backlog)
    assert.equal(backlog.next, MAX_WAITING + 3)
  })

  it('gives up none where they go in order', function () {
    this.timeout(30_000)
    const backlog = open(memoryDataStore(), sourceOf(MAX_WAITING + 1), true)
    takeAll(backlog)
    const first = backlog.find(0)
    assert.ok(first)
    for (let attempt = 0; attempt < 20; attempt++) backlog.postpone(first, 'recipient-reverts', undefined)
    assert.deepEqual(takeAll(backlog), [])
    assert.equal(backlog.next, MAX_WAITING)
  })
})
