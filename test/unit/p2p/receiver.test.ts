import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { encodeFrame } from '../../../src/p2p/framing.ts'
import { Inbox } from '../../../src/p2p/inbox.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../src/p2p/limits.ts'
import { createP2pMetrics } from '../../../src/p2p/metrics.ts'
import { RateLimiter } from '../../../src/p2p/rate.ts'
import { Receiver } from '../../../src/p2p/receiver.ts'
import type { Inbound, Verdict } from '../../../src/p2p/transport.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { FakeStream } from './fakeStream.ts'

const NO_RATE = { messagesPerSecond: 1e9, messagesBurst: 1e9, bytesPerSecond: 1e12, bytesBurst: 1e12 }

/** A receiver of a fake stream; messages on `topic` go to `handle`. */
function setUp(limits: Partial<Limits> = {}, handle: (message: Inbound) => Promise<Verdict> = async () => 'accept') {
  const clock = new SimClock(0)
  const all = { ...DEFAULT_LIMITS, direct: NO_RATE, ...limits }
  const offences: string[] = []
  const got: Inbound[] = []
  const registry = createMetrics()
  const metrics = createP2pMetrics(registry, () => ({ connected: 0, allowed: 0 }))
  const penalize = (peer: string, offence: string) => offences.push(`${peer}: ${offence}`)
  const inbox = new Inbox({ clock, log: silentLog, limits: all, metrics, penalize })
  inbox.set('topic', (message) => {
    got.push(message)
    return handle(message)
  })
  const stream = new FakeStream()
  const rate = new RateLimiter(clock, all.direct)
  const receiver = new Receiver({ clock, limits: all, metrics, inbox, penalize }, 'peer', stream.asStream(), rate)
  const arrive = (...texts: string[]) =>
    stream.arrive(Buffer.concat(texts.map((text) => encodeFrame('topic', Buffer.from(text)))))
  const texts = () => got.map(({ data }) => Buffer.from(data).toString())
  const metric = async (name: string) => {
    const { body } = await registry.expose()
    return Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    )
  }
  return { clock, receiver, stream, arrive, texts, got, offences, metric }
}

describe('direct receiver', () => {
  it('finds the frames in whatever pieces the bytes come', () => {
    const anyTexts = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(anyTexts, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (expected, sizes) => {
        const { stream, texts, got } = setUp()
        const bytes = Buffer.concat(expected.map((text) => encodeFrame('topic', Buffer.from(text))))
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          stream.arrive(bytes.subarray(at, at + size))
          at += size
        }
        assert.deepEqual(
          texts(),
          expected.map((text) => Buffer.from(text).toString()),
        )
        assert.ok(got.every(({ from, via, topic }) => from === 'peer' && via === 'direct' && topic === 'topic'))
      }),
    )
  })

  it('never throws on rubbish, and penalises it once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (rubbish) => {
        const { stream, offences } = setUp()
        stream.arrive(rubbish)
        stream.arrive(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff))
        assert.ok(offences.length <= 1)
        assert.equal(offences.length === 1, stream.status === 'aborted')
      }),
    )
  })

  it('gives data that shares no memory with the network buffer', () => {
    const { stream, got } = setUp()
    const bytes = Buffer.from(encodeFrame('topic', Buffer.from('text')))
    stream.arrive(bytes)
    bytes.fill(0)
    assert.equal(Buffer.from(got[0]?.data ?? []).toString(), 'text')
  })

  it('hands over only so many at once, and pauses the stream meanwhile', async () => {
    let release: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { stream, arrive, texts, clock } = setUp({ handlersPerPeer: 2 }, async () => {
      await gate
      return 'accept'
    })
    arrive('a', 'b', 'c', 'd', 'e')
    assert.deepEqual(texts(), ['a', 'b'])
    assert.equal(stream.paused, true)
    release()
    await clock.advance(0)
    assert.deepEqual(texts(), ['a', 'b', 'c', 'd', 'e'])
    assert.equal(stream.paused, false)
  })

  it('frees the place of a handler that hangs', async () => {
    const { arrive, texts, clock, metric } = setUp(
      { handlersPerPeer: 1, handlerTimeoutMs: 1_000 },
      () => new Promise(() => {}),
    )
    arrive('a', 'b')
    await clock.advance(999)
    assert.deepEqual(texts(), ['a'])
    await clock.advance(1)
    assert.deepEqual(texts(), ['a', 'b'])
    assert.equal(await metric('lariat_p2p_dropped_total{reason="handler-timeout"}'), 1)
  })

  it('reads no faster than the rate', async () => {
    const direct = { ...NO_RATE, messagesPerSecond: 10, messagesBurst: 2 }
    const { stream, arrive, texts, clock } = setUp({ direct })
    arrive('a', 'b', 'c', 'd', 'e')
    // the debt is one message after the third
    assert.deepEqual(texts(), ['a', 'b', 'c'])
    assert.equal(stream.paused, true)
    await clock.advance(100)
    assert.deepEqual(texts(), ['a', 'b', 'c', 'd'])
    await clock.advance(100)
    assert.deepEqual(texts(), ['a', 'b', 'c', 'd', 'e'])
    assert.equal(stream.paused, false)
  })

  it('penalises what the handler rejects', async () => {
    const { arrive, offences, clock } = setUp({}, async () => 'reject')
    arrive('a')
    await clock.advance(0)
    assert.deepEqual(offences, ['peer: rejected'])
  })

  it('counts what nothing is subscribed to', async () => {
    const { stream, clock, metric, offences } = setUp()
    stream.arrive(encodeFrame('elsewhere', Buffer.from('x')))
    await clock.advance(0)
    assert.equal(await metric('lariat_p2p_dropped_total{reason="no-handler"}'), 1)
    assert.deepEqual(offences, [])
  })

  it('handles nothing more after its end', () => {
    const { receiver, stream, arrive, texts } = setUp()
    arrive('a')
    receiver.end()
    arrive('b')
    assert.deepEqual(texts(), ['a'])
    assert.equal(stream.status, 'aborted')
  })
})
