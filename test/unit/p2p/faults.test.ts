import assert from 'node:assert/strict'
import type { Fault } from '../../../src/p2p/faults.ts'
import { createMemoryNetwork, type MemoryNetworkOptions, type MemoryTransport } from '../../../src/p2p/memory.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const TOPIC = 't'

/** Peers a, b and c who allow each other, and what each handled, with the ms at which it did. */
function setUp(options: Partial<MemoryNetworkOptions> = {}) {
  const clock = new SimClock(0)
  const network = createMemoryNetwork({ clock, seed: 7, latency: () => 10, ...options })
  const names = ['a', 'b', 'c'] as const
  const got: [string, string, number][] = []
  const join = (name: string): MemoryTransport => {
    const peer = network.join(name)
    peer.setPeers(names.filter((other) => other !== name).map((id) => ({ id, addresses: [] })))
    peer.subscribe(TOPIC, async ({ data }) => {
      got.push([name, Buffer.from(data).toString(), clock.now()])
      return 'accept'
    })
    return peer
  }
  const [a, b, c] = names.map(join) as [MemoryTransport, MemoryTransport, MemoryTransport]
  return { clock, network, got, join, a, b, c }
}
const bytes = (text: string) => Buffer.from(text)

describe('faults of the in-memory network', () => {
  it('cut a link while they hold; gossip goes around', async () => {
    const faults: Fault[] = [{ kind: 'cut', between: ['b', 'a'], since: 0, until: 100 }]
    const { clock, got, a, b } = setUp({ faults })
    assert.deepEqual(a.connected(), ['c'])
    await assert.rejects(a.send('b', TOPIC, bytes('direct')), { code: 'p2p.unreachable' })
    await a.publish(TOPIC, bytes('around'))
    await clock.advance(100)
    assert.deepEqual(got, [
      ['c', 'around', 10],
      ['b', 'around', 20],
    ])
    assert.deepEqual([...b.connected()].sort(), ['a', 'c'])
  })

  it('lose what is under way when a link is cut', async () => {
    const { clock, network, got, a } = setUp()
    await a.send('b', TOPIC, bytes('lost'))
    await clock.advance(5)
    network.setFaults([{ kind: 'cut', between: ['a', 'b'] }])
    await clock.advance(100)
    assert.deepEqual(got, [])
  })

  it('delay, and keep the order of a link', async () => {
    const { clock, got, network, a } = setUp({ faults: [{ kind: 'delay', ms: 50, from: 'a' }] })
    await a.send('b', TOPIC, bytes('slow'))
    network.setFaults([])
    await a.send('b', TOPIC, bytes('fast'))
    await clock.advance(100)
    assert.deepEqual(got, [
      ['b', 'slow', 60],
      ['b', 'fast', 60],
    ])
  })

  it('drop, duplicate and corrupt', async () => {
    const { clock, got, network, a } = setUp()
    network.setFaults([{ kind: 'drop', probability: 1, to: 'b' }])
    await a.send('b', TOPIC, bytes('one'))
    network.setFaults([{ kind: 'duplicate', probability: 1 }])
    await a.send('b', TOPIC, bytes('two'))
    network.setFaults([{ kind: 'corrupt', probability: 1 }])
    await a.send('b', TOPIC, bytes('three'))
    await clock.advance(100)
    const texts = got.map(([, text]) => text)
    assert.deepEqual(texts.slice(0, 2), ['two', 'two'])
    assert.equal(texts.length, 3)
    assert.ok(texts[2] !== 'three' && Buffer.byteLength(texts[2] ?? '') >= 5)
  })

  it('ask the caller too whether a message is lost', async () => {
    const { clock, got, a } = setUp({ drop: (_from, to) => to === 'b' })
    await a.send('b', TOPIC, bytes('x'))
    await a.send('c', TOPIC, bytes('x'))
    await clock.advance(100)
    assert.deepEqual(
      got.map(([who]) => who),
      ['c'],
    )
  })

  it('repeat with the seed, and differ with another', async () => {
    const run = async (seed: number) => {
      const faults: Fault[] = [
        { kind: 'drop', probability: 0.3 },
        { kind: 'delay', ms: 0, jitterMs: 20 },
        { kind: 'corrupt', probability: 0.1 },
      ]
      const { clock, got, a, b } = setUp({ seed, faults })
      for (let i = 0; i < 30; i++) {
        await a.publish(TOPIC, bytes(`a${i}`))
        await b.send('c', TOPIC, bytes(`b${i}`))
        await clock.advance(5)
      }
      await clock.advance(1_000)
      return got
    }
    assert.deepEqual(await run(1), await run(1))
    assert.notDeepEqual(await run(1), await run(2))
  })

  it('are not needed for a peer that leaves and comes back', async () => {
    const { clock, got, join, a, b } = setUp()
    await a.send('b', TOPIC, bytes('under way'))
    await b.stop()
    await assert.rejects(a.send('b', TOPIC, bytes('gone')), { code: 'p2p.unreachable' })
    await clock.advance(100)
    assert.deepEqual(got, [])
    join('b')
    await a.send('b', TOPIC, bytes('back'))
    await clock.advance(100)
    assert.deepEqual(got, [['b', 'back', 110]])
    assert.throws(() => join('b'), /in the network already/)
  })
})
