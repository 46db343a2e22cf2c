import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { DIRECT_PROTOCOL, encodeFrame } from '../../../src/p2p/framing.ts'
import { generateIdentity } from '../../../src/p2p/identity.ts'
import type { Libp2pTransport } from '../../../src/p2p/libp2p.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../src/p2p/limits.ts'
import { eventually } from '../../support/eventually.ts'
import { type Rogue, startRogue } from '../../support/rogue.ts'
import { addressOf, Recorder, startNode } from '../../support/transports.ts'

const TOPIC = 'lariat/test/1'
const KB = 1024

/** Two operators that behave, and a third node that speaks libp2p without our limits. */
describe('a peer that does not behave', () => {
  let rogue: Rogue
  let nodes: readonly [Libp2pTransport, Libp2pTransport]
  let recorders: readonly [Recorder, Recorder]
  let metrics = createMetrics()
  const victim = () => nodes[0]
  const friend = () => nodes[1]

  async function setUp(limits: Partial<Limits>, allowed = true): Promise<void> {
    const identity = await generateIdentity()
    metrics = createMetrics()
    rogue = await startRogue(identity)
    nodes = await Promise.all([startNode({ limits, metrics }), startNode({ limits })])
    const known = allowed ? [{ id: identity.peerId, addresses: [] }] : []
    for (const node of nodes) node.setPeers([...nodes.map(addressOf), ...known])
    recorders = [new Recorder(nodes[0], TOPIC), new Recorder(nodes[1], TOPIC)]
    await eventually(() => victim().connected().includes(friend().self), 'the operators do not connect')
  }
  afterEach(async () => {
    await Promise.all([rogue.stop(), ...nodes.map((node) => node.stop())])
  })

  const dialVictim = () =>
    rogue.dial(
      victim()
        .multiaddrs()
        .map((address) => multiaddr(address)),
    )
  const isConnected = () => victim().connected().includes(rogue.peerId.toString())

  /** The others still talk, both ways and on both paths. */
  async function othersTalk(): Promise<void> {
    let round = 0
    await eventually(async () => {
      round++
      await victim().publish(TOPIC, Buffer.from(`from victim ${round}`))
      await friend().publish(TOPIC, Buffer.from(`from friend ${round}`))
      return (
        recorders[0].got.some(({ via, text }) => via === 'gossip' && text.startsWith('from friend')) &&
        recorders[1].got.some(({ via, text }) => via === 'gossip' && text.startsWith('from victim'))
      )
    }, 'the others do not gossip any more')
    await friend().send(victim().self, TOPIC, Buffer.from('still here'))
    await eventually(() => recorders[0].texts().includes('still here'), 'the others have no direct stream any more')
  }

  async function metric(name: string): Promise<number> {
    const { body } = await metrics.expose()
    const line = body.split('\n').find((text) => text.startsWith(`${name} `))
    return Number(line?.split(' ')[1] ?? 0)
  }

  it('is cut off when it is no registered operator', async () => {
    await setUp({}, false)
    await dialVictim().then(
      (connection) => eventually(() => connection.status !== 'open', 'a stranger stays connected'),
      (error: unknown) => assert.ok(error instanceof Error),
    )
    assert.equal(isConnected(), false)
    assert.equal(rogue.getConnections().length, 0)
    assert.ok((await metric('lariat_p2p_refused_connections_total{direction="inbound"}')) >= 1)
    await assert.rejects(victim().send(rogue.peerId.toString(), TOPIC, Buffer.from('x')), { code: 'p2p.unreachable' })
    await othersTalk()
  })

  it('is penalised for malformed frames, and banned for enough of them', async () => {
    await setUp({})
    const rubbish = [
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([3, 0x12, 0x7f, 0x00]),
      encodeFrame('', Buffer.from('no topic')),
      encodeFrame('t'.repeat(DEFAULT_LIMITS.topicBytes + 1), Buffer.from('x')),
      encodeFrame(TOPIC, new Uint8Array(DEFAULT_LIMITS.messageBytes + 1)),
    ]
    const connection = await dialVictim()
    for (let i = 0; connection.status === 'open' && i < 100; i++) {
      const stream = await connection.newStream(DIRECT_PROTOCOL).catch(() => undefined)
      if (stream === undefined) break
      const ended = eventually(() => stream.status !== 'open', 'a malformed frame does not end the stream')
      stream.send(rubbish[i % rubbish.length] ?? Buffer.of())
      await ended
    }
    await eventually(() => !isConnected(), 'it is not banned')
    assert.equal(await metric('lariat_p2p_bans_total'), 1)
    // ten of ten points, and one more when some were forgiven meanwhile
    assert.ok((await metric('lariat_p2p_offences_total{offence="malformed"}')) <= 11)
    await rogue
      .dial(
        victim()
          .multiaddrs()
          .map((address) => multiaddr(address)),
      )
      .then(
        (again) => eventually(() => again.status !== 'open', 'it may connect although it is banned'),
        (error: unknown) => assert.ok(error instanceof Error),
      )
    await othersTalk()
  })

  it('cannot hurt the others with gossip that is too large', async () => {
    await setUp({ messageBytes: 64 * KB, gossipStartMs: 3_000 })
    rogue.services.pubsub.subscribe(TOPIC)
    const gossip = rogue.services.pubsub
    const reachesVictim = () => gossip.getSubscribers(TOPIC).some((peer) => peer.toString() === victim().self)

    await dialVictim()
    await eventually(reachesVictim, 'gossip does not reach the victim')
    await gossip.publish(TOPIC, new Uint8Array(65 * KB))
    await eventually(
      async () => (await metric('lariat_p2p_offences_total{offence="malformed"}')) >= 1,
      'it costs nothing',
    )
    assert.deepEqual(
      recorders.flatMap(({ got }) => got),
      [],
    )

    // beyond what gossipsub decodes at all: the stream from the rogue breaks, and only that one
    await gossip.publish(TOPIC, new Uint8Array(2_000 * KB))
    await othersTalk()
    await eventually(() => !isConnected(), 'a connection without gossip is kept')
    await othersTalk()
  })

  it('is slowed down on its direct stream, and loses nothing', async () => {
    const direct = { messagesPerSecond: 200, messagesBurst: 20, bytesPerSecond: 1e9, bytesBurst: 1e9 }
    await setUp({ direct })
    const connection = await dialVictim()
    const stream = await connection.newStream(DIRECT_PROTOCOL)
    const from = performance.now()
    for (let i = 0; i < 120; i++) stream.send(encodeFrame(TOPIC, Buffer.from(`${i}`)))
    await eventually(() => recorders[0].got.length === 120, 'frames are lost')
    // 20 at once, the other 100 at 200 a second; clocks may round
    assert.ok(performance.now() - from > 450, 'the rate is not kept')
    assert.deepEqual(
      recorders[0].texts(),
      Array.from({ length: 120 }, (_, i) => `${i}`),
    )
  })

  it('is banned when it floods gossip, with duplicates too', async () => {
    const gossipRate = { messagesPerSecond: 50, messagesBurst: 50, bytesPerSecond: 1e9, bytesBurst: 1e9 }
    await setUp({ gossip: gossipRate, banScore: 4 })
    const gossip = rogue.services.pubsub
    gossip.subscribe(TOPIC)
    await dialVictim()
    await eventually(
      () => gossip.getSubscribers(TOPIC).some((peer) => peer.toString() === victim().self),
      'gossip does not reach the victim',
    )
    let flood = 0
    await eventually(
      async () => {
        for (let i = 0; i < 100; i++) await gossip.publish(TOPIC, Buffer.from(`flood ${flood++}`))
        return !isConnected()
      },
      'it is not banned',
      15_000,
    )
    assert.ok((await metric('lariat_p2p_dropped_total{reason="rate"}')) > 0)
    assert.ok((await metric('lariat_p2p_offences_total{offence="spam"}')) >= 2)
    assert.ok(recorders[0].got.length < flood)
  })
})
