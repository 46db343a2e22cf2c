import assert from 'node:assert/strict'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { Clocks } from '../../../src/p2p/clocks.ts'
import { Connections } from '../../../src/p2p/connections.ts'
import { DEFAULT_LIMITS } from '../../../src/p2p/limits.ts'
import { RateLimiter } from '../../../src/p2p/rate.ts'
import { TIME_PROTOCOL, tellTime } from '../../../src/p2p/time.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { FakeStream } from './fakeStream.ts'

const AHEAD = 700
const answerOf = (time: number) => {
  const answer = Buffer.alloc(8)
  answer.writeDoubleBE(time)
  return answer
}

describe('the time that is told', () => {
  function asked() {
    const clock = new SimClock()
    const stream = new FakeStream()
    tellTime(stream.asStream(), clock, new RateLimiter(clock, DEFAULT_LIMITS.time))
    return { clock, stream }
  }

  it('answers every question of a stream', async () => {
    const { clock, stream } = asked()
    stream.arrive(Uint8Array.of(1))
    await clock.advance(5_000)
    stream.arrive(Uint8Array.of(1))
    assert.deepEqual(
      stream.written.map((answer) => Buffer.from(answer).readDoubleBE()),
      [clock.now() - 5_000, clock.now()],
    )
    assert.equal(stream.status, 'open')
  })

  it('ends a stream that takes no answer any more, and nothing else', () => {
    const { stream } = asked()
    stream.send = () => {
      throw new Error('the connection is gone')
    }
    stream.arrive(Uint8Array.of(1))
    assert.equal(stream.status, 'aborted')
  })

  it('ends a stream that brings more than a question at a time, or too many', () => {
    const { stream } = asked()
    stream.arrive(Uint8Array.of(1, 1))
    assert.deepEqual([stream.status, stream.written.length], ['aborted', 0])
    const { stream: eager } = asked()
    for (let i = 0; i < 100; i++) if (eager.status === 'open') eager.arrive(Uint8Array.of(1))
    assert.deepEqual([eager.status, eager.written.length], ['aborted', DEFAULT_LIMITS.time.messagesBurst])
  })
})

describe('clocks of connections', () => {
  let clock: SimClock
  let connections: Connections
  let clocks: Clocks
  let cut: string[]
  let streams: FakeStream[]
  /** What the peer does with a question on its stream. */
  let onQuestion: (stream: FakeStream) => void
  beforeEach(() => {
    clock = new SimClock()
    connections = new Connections(clock, 'self')
    clocks = new Clocks({ clock, log: silentLog, connections })
    cut = []
    streams = []
    onQuestion = (stream) => stream.arrive(answerOf(clock.now() + AHEAD))
  })
  afterEach(() => clocks.stop())

  function connect(
    peer: string,
    newStream?: (protocols: readonly string[], options: { readonly signal: AbortSignal }) => Promise<Stream>,
  ): void {
    const connection = {
      id: `to ${peer}`,
      direction: 'outbound',
      remotePeer: { toString: () => peer } as PeerId,
      async newStream(protocols: readonly string[]) {
        assert.deepEqual(protocols, [TIME_PROTOCOL])
        const stream = new FakeStream()
        const send = stream.send.bind(stream)
        stream.send = (data) => {
          assert.deepEqual([...data], [1])
          queueMicrotask(() => onQuestion(stream))
          return send(data)
        }
        streams.push(stream)
        return stream.asStream()
      },
      ...(newStream === undefined ? {} : { newStream }),
      abort() {
        cut.push(peer)
        connections.remove(connection as unknown as Connection)
      },
    }
    connections.add(connection as unknown as Connection)
  }

  it('cannot be told over a stream that ended while it was opened, and nothing is left behind', async () => {
    connect('b', async () => {
      const stream = new FakeStream()
      stream.status = 'aborted'
      return stream.asStream()
    })
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.prependListener('unhandledRejection', note)
    try {
      await assert.rejects(clocks.of('b'), { code: 'p2p.time' })
      await new Promise(setImmediate)
      assert.deepEqual(unhandled, [])
    } finally {
      process.removeListener('unhandledRejection', note)
    }
  })

  it('are asked every 5 s over one stream, and whenever somebody wants to know', async () => {
    connect('a')
    clocks.start()
    await clock.advance(20_500)
    assert.deepEqual([streams.length, streams[0]?.written.length, cut.length], [1, 3, 0])
    assert.deepEqual(await clocks.of('a'), { offsetMs: AHEAD, roundTripMs: 0 })
    assert.deepEqual([streams.length, streams[0]?.written.length], [1, 4])
    await assert.rejects(clocks.of('b'), { code: 'p2p.unreachable' })
  })

  it('a question under way is shared', async () => {
    connect('a')
    const both = await Promise.all([clocks.of('a'), clocks.of('a')])
    assert.deepEqual(both, [
      { offsetMs: AHEAD, roundTripMs: 0 },
      { offsetMs: AHEAD, roundTripMs: 0 },
    ])
    assert.equal(streams[0]?.written.length, 1)
  })

  it('half of the way there and back is taken off; an answer after 2 s says nothing, but that the peer lives', async () => {
    connect('a')
    onQuestion = (stream) => {
      const then = clock.now() + 500
      clock.after(1_000, () => stream.arrive(answerOf(then + AHEAD)))
    }
    const soon = clocks.of('a')
    await clock.advance(1_000)
    assert.deepEqual(await soon, { offsetMs: AHEAD, roundTripMs: 1_000 })
    onQuestion = (stream) => void clock.after(3_000, () => stream.arrive(answerOf(clock.now())))
    const late = assert.rejects(clocks.of('a'), { code: 'p2p.time', message: /took too long/ })
    await clock.advance(3_000)
    await late
    clocks.start()
    await clock.advance(60_000)
    assert.deepEqual(cut, [])
  })

  it('who does not answer for 5 s is cut', async () => {
    connect('a')
    clocks.start()
    onQuestion = () => undefined
    await clock.advance(10_999)
    assert.deepEqual(cut, [])
    await clock.advance(1)
    assert.deepEqual([cut, connections.has('a')], [['a'], false])
  })

  it('also who lets no stream be opened', async () => {
    connect('a', (_, { signal }) => {
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    clocks.start()
    await clock.advance(11_000)
    assert.deepEqual(cut, ['a'])
  })

  it('who refuses, or answers nonsense, tells no time, lives, and is asked over another stream', async () => {
    connect('a')
    connect('b', () => Promise.reject(new Error('the protocol is not supported')))
    clocks.start()
    for (const answer of [answerOf(Number.NaN), new Uint8Array(9)]) {
      onQuestion = (stream) => stream.arrive(answer)
      await assert.rejects(clocks.of('a'), { code: 'p2p.time' })
      await assert.rejects(clocks.of('b'), { code: 'p2p.time' })
    }
    onQuestion = (stream) => stream.abort(new Error('the peer is upgraded'))
    await clock.advance(30_000)
    await assert.rejects(clocks.of('a'), { code: 'p2p.time' })
    assert.deepEqual(cut, [])
    onQuestion = (stream) => stream.arrive(answerOf(clock.now() + AHEAD))
    assert.equal((await clocks.of('a')).offsetMs, AHEAD)
    assert.equal(streams.filter(({ status }) => status === 'open').length, 1)
  })

  it('an answer in two pieces is one', async () => {
    connect('a')
    onQuestion = (stream) => {
      const answer = answerOf(clock.now() + AHEAD)
      stream.arrive(answer.subarray(0, 3))
      stream.arrive(answer.subarray(3))
    }
    assert.equal((await clocks.of('a')).offsetMs, AHEAD)
  })
})
