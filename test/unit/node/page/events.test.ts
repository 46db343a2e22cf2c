import assert from 'node:assert/strict'
import type { EventSink } from '../../../../src/node/api/router.ts'
import { createEvents, MAX_CLIENTS } from '../../../../src/node/page/events.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

/** A client that keeps what it is sent. */
function client() {
  const closed = new AbortController()
  const seen = { text: '', waiting: 0, isCut: false }
  const sink: EventSink = {
    write(text) {
      seen.text += text
    },
    waiting: () => seen.waiting,
    cut() {
      seen.isCut = true
      closed.abort()
    },
    closed: closed.signal,
  }
  /** Names and data of the events so far. */
  const events = () =>
    [...seen.text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, event, data]) => [event, JSON.parse(data ?? '')])
  const lastId = () => [...seen.text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1]
  return { sink, seen, events, lastId, leave: () => closed.abort() }
}

describe('events of the status page', () => {
  let clock: SimClock
  let state: Record<string, unknown>
  let reads: number
  let events: ReturnType<typeof createEvents>

  beforeEach(() => {
    clock = new SimClock()
    reads = 0
    state = { node: { phase: 'running' }, checks: [1n] }
    events = createEvents({
      state: async () => {
        reads++
        return state
      },
      clock,
      log: silentLog,
    })
  })
  afterEach(() => events.stop())

  async function connect(lastId?: string) {
    const one = client()
    const reply = events.connect({ header: (name) => (name === 'last-event-id' ? lastId : undefined) })
    assert.ok('stream' in reply)
    reply.stream(one.sink)
    await clock.advance(0)
    return one
  }
  const names = (one: ReturnType<typeof client>) => one.events().map(([name]) => name)

  it('begin with the whole state, then tell of what changes, and that the node lives', async () => {
    const one = await connect()
    assert.deepEqual(names(one).slice(0, 3), ['reset', 'node', 'checks'])
    assert.deepEqual(one.events()[2], ['checks', ['1']])
    await clock.advance(1_000)
    const before = one.events().length
    state = { ...state, checks: [2n] }
    await clock.advance(1_000)
    assert.deepEqual(one.events().slice(before), [['checks', ['2']]])
    await clock.advance(10_000)
    assert.ok(names(one).filter((name) => name === 'beat').length >= 2)
    assert.equal(names(one).filter((name) => name === 'node').length, 1)
  })

  it('cost nothing while nobody listens', async () => {
    await clock.advance(60_000)
    assert.equal(reads, 0)
    const one = await connect()
    one.leave()
    await clock.advance(2_000)
    const after = reads
    await clock.advance(60_000)
    assert.equal(reads, after)
  })

  it('that were missed are told to who comes back, and nothing twice', async () => {
    const one = await connect()
    events.publish('slot', { slot: 1 })
    one.leave()
    events.publish('slot', { slot: 2 })
    events.publish('slot', { slot: 3 })
    const again = await connect(one.lastId())
    const slots = again.events().filter(([name]) => name === 'slot')
    assert.deepEqual(slots, [
      ['slot', { slot: 2 }],
      ['slot', { slot: 3 }],
    ])
    assert.equal(names(again)[0], 'resumed')
  })

  it('begin anew for who was away too long, or comes from another process', async () => {
    const one = await connect()
    const id = one.lastId() ?? ''
    for (let i = 0; i < 1_000; i++) events.publish('slot', { slot: i })
    assert.equal(names(await connect(id))[0], 'reset')
    for (const wrong of ['other-3', '', '-', `${id}9999`, `${id.split('-')[0]}-x`]) {
      assert.equal(names(await connect(wrong))[0], 'reset', wrong)
    }
  })

  it('cut off who reads too slowly, and nobody else', async () => {
    const [slow, quick] = [await connect(), await connect()]
    slow.seen.waiting = 10_000_000
    events.publish('slot', { slot: 1 })
    assert.deepEqual([slow.seen.isCut, quick.seen.isCut], [true, false])
    events.publish('slot', { slot: 2 })
    assert.doesNotMatch(slow.seen.text, /"slot":2/)
    assert.match(quick.seen.text, /"slot":2/)
  })

  it('are for so many clients at once, and end with the node', async () => {
    const all = await Promise.all(Array.from({ length: MAX_CLIENTS }, () => connect()))
    const refused = events.connect({})
    assert.equal(refused.status, 503)
    all[0]?.leave()
    assert.equal(events.connect({}).status, 200)
    const stopped = events.stop()
    await clock.advance(0)
    await stopped
    assert.ok(all.slice(1).every(({ seen }) => seen.isCut))
  })

  it('go on after the state could not be read', async () => {
    const one = await connect()
    const good = state
    Object.defineProperty(good, 'checks', { get: () => assert.fail('broken'), enumerable: true, configurable: true })
    await clock.advance(3_000)
    state = { node: { phase: 'stopped' } }
    await clock.advance(1_000)
    assert.deepEqual(one.events().at(-1), ['node', { phase: 'stopped' }])
  })
})
