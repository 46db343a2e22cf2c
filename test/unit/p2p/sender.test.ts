import assert from 'node:assert/strict'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { decodeFrame, encodeFrame, frameSplitter } from '../../../src/p2p/framing.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../src/p2p/limits.ts'
import { createP2pMetrics } from '../../../src/p2p/metrics.ts'
import { Sender } from '../../../src/p2p/sender.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { FakeStream } from './fakeStream.ts'

function setUp(limits: Partial<Limits> = {}) {
  const clock = new SimClock(0)
  const opened: number[] = []
  const streams: FakeStream[] = []
  const metrics = createMetrics()
  let works = true
  const sender = new Sender(
    {
      clock,
      log: silentLog,
      limits: { ...DEFAULT_LIMITS, ...limits },
      metrics: createP2pMetrics(metrics, () => ({ connected: 0, allowed: 0 })),
      async open() {
        opened.push(clock.now())
        if (!works) throw new Error('refused')
        const stream = new FakeStream()
        streams.push(stream)
        return stream.asStream()
      },
    },
    'peer',
  )
  const send = (text: string) => sender.send('topic', Buffer.from(text))
  const texts = (stream: FakeStream | undefined) =>
    (stream?.written ?? []).map((bytes) => {
      const [frame] = [...frameSplitter(DEFAULT_LIMITS).decode(bytes)]
      return frame === undefined ? '' : Buffer.from(decodeFrame(frame, DEFAULT_LIMITS)?.data ?? []).toString()
    })
  const dropped = async (reason: string) => {
    const { body } = await metrics.expose()
    return Number(new RegExp(`dropped_total\\{reason="${reason}"\\} (\\d+)`).exec(body)?.[1] ?? 0)
  }
  const setWorks = (next: boolean) => {
    works = next
  }
  return { clock, sender, send, texts, streams, opened, dropped, setWorks }
}

describe('direct sender', () => {
  it('refuses without a connection', async () => {
    const { sender, send, dropped, clock } = setUp()
    assert.throws(() => send('x'), { code: 'p2p.unreachable' })
    sender.connect()
    await clock.advance(0)
    sender.disconnect()
    assert.throws(() => send('x'), { code: 'p2p.unreachable' })
    assert.equal(await dropped('unreachable'), 2)
  })

  it('keeps what is sent while the stream opens, in order', async () => {
    const { sender, send, texts, streams, clock } = setUp()
    sender.connect()
    for (const text of ['a', 'b', 'c']) send(text)
    assert.deepEqual(streams.flatMap(texts), [])
    await clock.advance(0)
    send('d')
    assert.deepEqual(texts(streams[0]), ['a', 'b', 'c', 'd'])
  })

  it('bounds the queue by frames and by bytes', () => {
    const frame = encodeFrame('topic', Buffer.from('x')).length
    const byFrames = setUp({ queueFrames: 2 })
    const byBytes = setUp({ queueBytes: 2 * frame })
    for (const { sender, send } of [byFrames, byBytes]) {
      sender.connect()
      send('1')
      send('2')
      assert.throws(() => send('3'), { code: 'p2p.backlogged' })
    }
  })

  it('waits while the stream is full, and goes on when it drains', async () => {
    const { sender, send, texts, streams, clock } = setUp()
    sender.connect()
    await clock.advance(0)
    const [stream] = streams
    assert.ok(stream !== undefined)
    send('a')
    stream.writableNeedsDrain = true
    send('b')
    send('c')
    assert.deepEqual(texts(stream), ['a'])
    stream.drain()
    await clock.advance(0)
    assert.deepEqual(texts(stream), ['a', 'b', 'c'])
    await clock.advance(60_000)
    assert.equal(stream.status, 'open')
  })

  it('resets a stream whose peer does not read, and drops what waited', async () => {
    const { sender, send, texts, streams, dropped, clock } = setUp({ stalledMs: 5_000 })
    sender.connect()
    await clock.advance(0)
    const [stream] = streams
    assert.ok(stream !== undefined)
    stream.writableNeedsDrain = true
    send('stale')
    await clock.advance(4_999)
    assert.equal(stream.status, 'open')
    await clock.advance(1_000)
    assert.equal(stream.status, 'aborted')
    assert.equal(await dropped('stalled'), 1)
    send('fresh')
    assert.deepEqual(texts(streams[1]), ['fresh'])
  })

  it('opens a lost stream again, ever later, for as long as there is a connection', async () => {
    const { sender, streams, opened, setWorks, clock } = setUp()
    sender.connect()
    await clock.advance(0)
    setWorks(false)
    streams[0]?.abort(new Error('reset'))
    await clock.advance(6_000)
    assert.deepEqual(opened, [0, 100, 300, 700, 1_500, 3_100, 5_100])
    sender.disconnect()
    await clock.advance(60_000)
    assert.equal(opened.length, 7)
    setWorks(true)
    sender.connect()
    await clock.advance(0)
    assert.equal(opened.length, 8)
    assert.equal(streams.at(-1)?.status, 'open')
  })

  it('drops what is queued when the connection goes', async () => {
    const { sender, send, texts, streams, dropped, setWorks, clock } = setUp()
    setWorks(false)
    sender.connect()
    send('old')
    await clock.advance(10)
    sender.disconnect()
    assert.equal(await dropped('disconnected'), 1)
    setWorks(true)
    sender.connect()
    send('new')
    await clock.advance(0)
    assert.deepEqual(texts(streams[0]), ['new'])
  })
})
