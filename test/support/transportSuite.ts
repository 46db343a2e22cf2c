import assert from 'node:assert/strict'
import type { Transport } from '../../src/p2p/transport.ts'
import { LariatError } from '../../src/util/errors.ts'
import { type Cluster, link, linkAll, type MakeCluster, Recorder, warm } from './transports.ts'

const TOPIC = 'lariat/test/1'
const bytes = (text: string) => Buffer.from(text)

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof LariatError, `not a LariatError: ${error}`)
    return error.code
  }
  return 'nothing'
}

/** What every form of Transport promises. */
export function transportSuite(name: string, make: MakeCluster): void {
  describe(`transport: ${name}`, () => {
    let cluster: Cluster
    const at = (index: number): Transport => {
      const transport = cluster.transports[index]
      assert.ok(transport !== undefined)
      return transport
    }
    const heardBy = (recorder: Recorder, text: string) =>
      cluster.until(() => recorder.texts().includes(text), `"${text}" does not arrive`)

    /** `count` linked transports, each with a recorder. */
    async function setUp(count: number, ...rest: Parameters<MakeCluster> extends [number, ...infer R] ? R : never) {
      cluster = await make(count, ...rest)
      await linkAll(cluster)
      return cluster.transports.map((transport) => new Recorder(transport, TOPIC))
    }
    afterEach(() => cluster.stop())

    it('gossips to all others, once, and not to the sender', async () => {
      const recorders = await setUp(4)
      await warm(cluster, TOPIC, recorders)
      await at(0).publish(TOPIC, bytes('one'))
      await at(0).publish(TOPIC, bytes('two'))
      for (const recorder of recorders.slice(1)) await heardBy(recorder, 'two')
      assert.deepEqual(recorders[0]?.got, [])
      for (const recorder of recorders.slice(1)) {
        assert.deepEqual(recorder.texts(), ['one', 'two'])
        assert.deepEqual(new Set(recorder.got.map(({ via }) => via)), new Set(['gossip']))
      }
    })

    it('tells who begins to listen to what', async () => {
      await setUp(2)
      const other = `${TOPIC}/other`
      const heard: string[][] = []
      const end = at(0).onSubscribed((peer, topic) => {
        if (topic === other) heard.push([peer, topic])
      })
      at(1).subscribe(other, async () => 'ignore')
      await cluster.until(() => heard.length > 0, 'nothing is told')
      assert.deepEqual(heard, [[at(1).self, other]])
      end()
    })

    it('sends to one peer, in order, and tells who sent', async () => {
      const recorders = await setUp(3)
      const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`)
      for (const text of texts) await at(0).send(at(1).self, TOPIC, bytes(text))
      await cluster.until(() => recorders[1]?.got.length === texts.length, 'direct messages do not arrive')
      assert.deepEqual(
        recorders[1]?.got,
        texts.map((text) => ({ from: at(0).self, via: 'direct', text })),
      )
      assert.deepEqual(recorders[2]?.got, [])
    })

    it('handles bytes that are published again only once', async () => {
      const recorders = await setUp(3)
      await warm(cluster, TOPIC, recorders)
      for (const transport of cluster.transports) await transport.publish(TOPIC, bytes('same'))
      await at(0).publish(TOPIC, bytes('same'))
      await at(0).publish(TOPIC, bytes('end'))
      for (const recorder of recorders.slice(1)) await heardBy(recorder, 'end')
      for (const recorder of recorders) {
        assert.ok(recorder.texts().filter((text) => text === 'same').length <= 1, recorder.texts().join())
      }
    })

    it('forwards what the handler accepted, and nothing else', async () => {
      cluster = await make(3)
      await link(cluster, [
        [0, 1],
        [1, 2],
      ])
      const answers = { bad: 'reject', unknown: 'ignore' } as const
      const recorders = cluster.transports.map(
        (transport) => new Recorder(transport, TOPIC, (text) => (text in answers ? answers[text as 'bad'] : 'accept')),
      )
      await warm(cluster, TOPIC, recorders)
      for (const text of ['bad', 'unknown', 'good']) await at(0).publish(TOPIC, bytes(text))
      const last = recorders[2]
      assert.ok(last !== undefined)
      await heardBy(last, 'good')
      assert.deepEqual(recorders[1]?.texts(), ['bad', 'unknown', 'good'])
      assert.deepEqual(last.got, [{ from: at(1).self, via: 'gossip', text: 'good' }])
    })

    it('takes a handler that throws for one that ignores', async () => {
      const recorders = await setUp(2)
      await warm(cluster, TOPIC, recorders)
      at(1).subscribe(TOPIC, () => {
        throw new Error('out of order')
      })
      await at(0).send(at(1).self, TOPIC, bytes('first'))
      await at(0).publish(TOPIC, bytes('second'))
      const recorder = new Recorder(at(1), TOPIC)
      await at(0).send(at(1).self, TOPIC, bytes('third'))
      await heardBy(recorder, 'third')
      assert.deepEqual(at(1).connected(), [at(0).self])
    })

    it('connects, hears and sends to nobody outside the allow-list', async () => {
      const recorders = await setUp(3)
      await warm(cluster, TOPIC, recorders)
      const without = (index: number) => cluster.addresses.filter((_, i) => i !== index)
      for (const index of [0, 1]) at(index).setPeers(without(2))
      await cluster.until(
        () => cluster.transports.every((transport, i) => transport.connected().length === (i === 2 ? 0 : 1)),
        'the removed peer stays connected',
      )
      assert.equal(await codeOf(at(0).send(at(2).self, TOPIC, bytes('to you'))), 'p2p.unreachable')
      assert.equal(await codeOf(at(2).send(at(0).self, TOPIC, bytes('from me'))), 'p2p.unreachable')
      await at(2).publish(TOPIC, bytes('from me'))
      await at(0).publish(TOPIC, bytes('among us'))
      const other = recorders[1]
      assert.ok(other !== undefined)
      await heardBy(other, 'among us')
      assert.deepEqual(other.texts(), ['among us'])
      assert.deepEqual(recorders[2]?.got, [])
    })

    it('connects a peer that comes back onto the allow-list', async () => {
      const recorders = await setUp(2)
      at(0).setPeers([])
      await cluster.until(() => cluster.transports.every((t) => t.connected().length === 0), 'they stay connected')
      await linkAll(cluster)
      await cluster.until(
        async () => (await codeOf(at(0).send(at(1).self, TOPIC, bytes('again')))) === 'nothing',
        'it cannot be sent to',
      )
      const recorder = recorders[1]
      assert.ok(recorder !== undefined)
      await heardBy(recorder, 'again')
    })

    it('hears nothing on a topic after unsubscribing', async () => {
      const recorders = await setUp(2)
      await warm(cluster, TOPIC, recorders)
      const marks = new Recorder(at(1), 'marks')
      at(1).unsubscribe(TOPIC)
      await at(0).publish(TOPIC, bytes('gossip'))
      await at(0).send(at(1).self, TOPIC, bytes('direct'))
      await at(0).send(at(1).self, 'marks', bytes('end'))
      await heardBy(marks, 'end')
      assert.deepEqual(recorders[1]?.got, [])
    })

    it('refuses messages and topics over the limits', async () => {
      await setUp(2, { messageBytes: 1_000, topicBytes: 20 })
      const [self, large] = [at(1).self, new Uint8Array(1_001)]
      assert.equal(await codeOf(at(0).publish(TOPIC, large)), 'p2p.too-large')
      assert.equal(await codeOf(at(0).send(self, TOPIC, large)), 'p2p.too-large')
      assert.equal(await codeOf(at(0).publish('', bytes('x'))), 'p2p.topic')
      assert.equal(await codeOf(at(0).send(self, 'ü'.repeat(11), bytes('x'))), 'p2p.topic')
      assert.equal(await codeOf(at(0).send(self, TOPIC, large.subarray(1))), 'nothing')
    })

    it('tells when a peer does not keep up, and goes on when it does again', async () => {
      await setUp(2, { handlersPerPeer: 2, queueFrames: 64, queueBytes: 400_000 })
      let release: () => void = () => {}
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      let handled = 0
      at(1).subscribe(TOPIC, async () => {
        await gate
        handled++
        return 'accept'
      })
      const large = new Uint8Array(20_000)
      let sent = 0
      await cluster.until(async () => {
        const code = await codeOf(at(0).send(at(1).self, TOPIC, large))
        if (code === 'nothing') sent++
        else assert.equal(code, 'p2p.backlogged')
        return code !== 'nothing'
      }, 'the queue never fills')
      assert.equal(handled, 0)
      release()
      await cluster.until(() => handled === sent, 'the queue does not empty')
      assert.equal(await codeOf(at(0).send(at(1).self, TOPIC, large)), 'nothing')
    })

    it('bans a peer for a time', async () => {
      const recorders = await setUp(2, { banMs: 1_500 })
      at(0).penalize(at(1).self, 'malformed')
      assert.deepEqual(at(0).connected(), [at(1).self])
      at(0).penalize(at(1).self, 'equivocation')
      await cluster.until(() => cluster.transports.every((t) => t.connected().length === 0), 'it stays connected')
      assert.equal(await codeOf(at(0).send(at(1).self, TOPIC, bytes('x'))), 'p2p.unreachable')
      await cluster.until(() => cluster.transports.every((t) => t.connected().length === 1), 'it is banned for ever')
      await warm(cluster, TOPIC, recorders)
    })
  })
}
