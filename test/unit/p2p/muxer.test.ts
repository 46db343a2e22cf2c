import assert from 'node:assert/strict'
import type { MultiaddrConnection, Stream, StreamMessageEvent, StreamMuxer } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { muxer } from '../../../src/p2p/muxer.ts'
import { eventually } from '../../support/eventually.ts'

const WINDOW = 256 * 1024

/** Two muxers with one stream from the first to the second, and what the second's connection writes. */
async function pair() {
  const [outbound, inbound] = multiaddrConnectionPair()
  const init = { enableKeepAlive: false, streamOptions: { maxStreamWindowSize: WINDOW } }
  const make = (connection: MultiaddrConnection): StreamMuxer => muxer(init)().createStreamMuxer(connection)
  const written = { packets: 0 }
  const send = inbound.send.bind(inbound)
  inbound.send = (data) => {
    written.packets++
    return send(data)
  }
  const [first, second] = [make(outbound), make(inbound)]
  let arrived: Stream | undefined
  second.addEventListener('stream', ({ detail }) => {
    arrived = detail
  })
  const from = await first.createStream()
  await eventually(() => arrived !== undefined, 'the stream did not arrive', 5_000)
  return { from, to: arrived as Stream, written, first, second }
}

describe('muxer', () => {
  it('answers small messages with a window update only once half of a window was used', async () => {
    const { from, to, written, first, second } = await pair()
    let onMessage: (() => void) | undefined
    to.addEventListener('message', () => onMessage?.())
    const before = written.packets
    const message = new Uint8Array(200)
    for (let i = 0; i < 1_000; i++) {
      const arrived = new Promise<void>((resolve) => {
        onMessage = resolve
      })
      from.send(message)
      await arrived
    }
    // one takes the stream, and one came after 128 kB of the 200
    assert.equal(written.packets - before, 2)
    await Promise.all([first.close(), second.close()])
  })

  it('lets many windows of data through, with pauses, and loses nothing', async () => {
    const { from, to, written, first, second } = await pair()
    const [size, count] = [50_000, 100]
    const hash = { sent: 0, got: 0, bytes: 0 }
    to.addEventListener('message', ({ data }: StreamMessageEvent) => {
      for (const byte of data.subarray()) hash.got = (hash.got * 31 + byte) >>> 0
      hash.bytes += data.byteLength
    })
    const before = written.packets
    for (let i = 0; i < count; i++) {
      const message = new Uint8Array(size).map((_, at) => at * (i + 7))
      for (const byte of message) hash.sent = (hash.sent * 31 + byte) >>> 0
      if (i % 20 === 3) to.pause()
      if (i % 20 === 9) to.resume()
      if (!from.send(message) && i % 20 > 9) await from.onDrain()
    }
    await eventually(() => hash.bytes === size * count, 'not all of it arrived', 10_000)
    assert.equal(hash.got, hash.sent)
    assert.ok(written.packets - before >= (size * count) / WINDOW)
    await Promise.all([first.close(), second.close()])
  })
})
