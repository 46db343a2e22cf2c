import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { generateIdentity, type Identity } from '../../../src/p2p/identity.ts'
import type { Libp2pTransport } from '../../../src/p2p/libp2p.ts'
import { eventually } from '../../support/eventually.ts'
import { startTcpProxy } from '../../support/tcpProxy.ts'
import { addressOf, Recorder, startNode } from '../../support/transports.ts'

const TOPIC = 'lariat/test/1'

/** Two identities, the one with the smaller peer id first: it is the one that dials. */
async function pair(): Promise<[Identity, Identity]> {
  const [a, b] = await Promise.all([generateIdentity(), generateIdentity()])
  return a.peerId < b.peerId ? [a, b] : [b, a]
}

const portOf = (node: Libp2pTransport): string => /\/tcp\/(\d+)/.exec(node.multiaddrs()[0] ?? '')?.[1] ?? ''

describe('libp2p network', () => {
  const nodes: Libp2pTransport[] = []
  const start = async (...options: Parameters<typeof startNode>): Promise<Libp2pTransport> => {
    const node = await startNode(...options)
    nodes.push(node)
    return node
  }
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  it('keeps one connection between any two peers, although all dial each other', async () => {
    const all = await Promise.all([start(), start(), start(), start()])
    const addresses = all.map(addressOf)
    for (const node of all) node.setPeers(addresses)
    await eventually(() => all.every((node) => node.connected().length === 3), 'they do not connect')
    const recorders = all.map((node) => new Recorder(node, TOPIC))
    await Promise.all(
      all.flatMap((a) => all.filter((b) => b !== a).map((b) => a.send(b.self, TOPIC, Buffer.from('x')))),
    )
    await eventually(() => recorders.every(({ got }) => got.length === 3), 'direct streams do not work')
    // six connections, both ends of each in this process
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    await eventually(() => sockets() === 12, 'there are second connections')
  })

  for (const who of ['smaller', 'larger'] as const) {
    it(`is joined again within seconds by a peer that restarts (its id is the ${who} one)`, async () => {
      const [smaller, larger] = await pair()
      const [restarting, staying] = who === 'smaller' ? [smaller, larger] : [larger, smaller]
      const stays = await start({ identity: staying })
      let comes = await start({ identity: restarting })
      const listen = `/ip4/127.0.0.1/tcp/${portOf(comes)}`
      const addresses = [addressOf(stays), addressOf(comes)]
      stays.setPeers(addresses)
      comes.setPeers(addresses)
      await eventually(() => stays.connected().length === 1, 'they do not connect')
      await comes.stop()
      await eventually(() => stays.connected().length === 0, 'the stopped peer seems connected')

      comes = await start({ identity: restarting, listen })
      comes.setPeers(addresses)
      const recorder = new Recorder(comes, TOPIC)
      const back = new Recorder(stays, TOPIC)
      const joined = () => comes.connected().length === 1 && stays.connected().length === 1
      await eventually(joined, 'it does not come back', 5_000)
      await stays.send(comes.self, TOPIC, Buffer.from('welcome'))
      await comes.send(stays.self, TOPIC, Buffer.from('thanks'))
      await eventually(
        () => recorder.texts().includes('welcome') && back.texts().includes('thanks'),
        'no direct stream',
        5_000,
      )
      let round = 0
      await eventually(
        async () => {
          await stays.publish(TOPIC, Buffer.from(`round ${round++}`))
          return recorder.got.some(({ via }) => via === 'gossip')
        },
        'no gossip',
        5_000,
      )
    })
  }

  it('lets a peer come back that died without a word, before it is missed', async () => {
    const [smaller, larger] = await pair()
    const stays = await start({ identity: smaller })
    const dies = await start({ identity: larger })
    const proxy = await startTcpProxy(Number(portOf(dies)))
    try {
      const addresses = [addressOf(stays), { id: dies.self, addresses: [`/ip4/127.0.0.1/tcp/${proxy.port}`] }]
      for (const node of [stays, dies]) node.setPeers(addresses)
      await eventually(() => [stays, dies].every((node) => node.connected().length === 1), 'they do not connect')
      const listen = `/ip4/127.0.0.1/tcp/${portOf(dies)}`
      proxy.freeze()
      await dies.stop()
      const recorder = new Recorder(stays, TOPIC)
      const comes = await start({ identity: larger, listen })
      assert.deepEqual(stays.connected(), [comes.self])
      comes.setPeers(addresses)
      // pings would find the dead connection after five to ten seconds, and both would dial only then
      let round = 0
      const arrives = async () => {
        await comes.send(stays.self, TOPIC, Buffer.from(`back ${round++}`)).catch(() => undefined)
        return recorder.got.length > 0
      }
      await eventually(arrives, 'it does not come back', 8_000)
    } finally {
      await proxy.close()
    }
  })

  it('finds a peer that only the other can dial', async () => {
    const [smaller, larger] = await pair()
    const hidden = await start({ identity: smaller })
    const open = await start({ identity: larger })
    open.setPeers([{ id: hidden.self, addresses: [] }])
    hidden.setPeers([addressOf(open)])
    await eventually(() => open.connected().length === 1 && hidden.connected().length === 1, 'they do not connect')
  })

  it('takes addresses that do not work for what they are, and tries the next', async () => {
    const [smaller, larger] = await pair()
    const target = await start({ identity: larger })
    const node = await start({ identity: smaller })
    const other = await start()
    target.setPeers([{ id: node.self, addresses: [] }])
    const wrong = ['nonsense', '/ip4/127.0.0.1/udp/1', `/ip4/127.0.0.1/tcp/${portOf(other)}`, '/ip4/127.0.0.1/tcp/1']
    node.setPeers([{ id: target.self, addresses: [...wrong, ...target.multiaddrs()] }])
    await eventually(() => node.connected().length === 1, 'it does not connect')
    assert.deepEqual(node.connected(), [target.self])
    assert.deepEqual(other.connected(), [])
  })

  it('tells where it cannot listen', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(address !== null && typeof address === 'object')
    await assert.rejects(startNode({ listen: `/ip4/127.0.0.1/tcp/${address.port}` }), { code: 'p2p.listen' })
    server.close()
    await assert.rejects(startNode({ listen: 'rubbish' }), { code: 'p2p.listen', message: /rubbish.*p2p\.listen/ })
  })

  it('leaves nothing running after stop, which may be called twice', async () => {
    const [a, b] = await Promise.all([start(), start()])
    const [port, addresses] = [Number(portOf(a)), [addressOf(a), addressOf(b)]]
    for (const node of [a, b]) node.setPeers(addresses)
    await eventually(() => b.connected().length === 1, 'they do not connect')
    await Promise.all([a.stop(), a.stop()])
    await eventually(() => b.connected().length === 0, 'the connection stays open')
    const socket = connect(port, '127.0.0.1')
    const [error] = await once(socket, 'error')
    assert.equal(error.code, 'ECONNREFUSED')
    await assert.rejects(a.publish(TOPIC, Buffer.from('x')), { code: 'p2p.stopped' })
  })

  for (const who of ['smaller', 'larger'] as const) {
    it(`lets a second instance with one peer id in at once, and the first again when that one has left (the ${who} id)`, async () => {
      const [smaller, larger] = await pair()
      const [doubled, other] = who === 'smaller' ? [smaller, larger] : [larger, smaller]
      const hub = await start({ identity: other })
      const first = await start({ identity: doubled })
      const addresses = [addressOf(hub), addressOf(first)]
      hub.setPeers(addresses)
      first.setPeers(addresses)
      const heard = new Recorder(hub, TOPIC)
      const atFirst = new Recorder(first, TOPIC)
      let round = 0
      /** Both ways, by gossip: a mixed-up stream would break one of them. */
      const gossips = async (node: Libp2pTransport, recorder: Recorder, name: string) => {
        const [to, back] = [`to ${name} ${round}`, `from ${name} ${round++}`]
        await hub.publish(TOPIC, Buffer.from(to))
        await node.publish(TOPIC, Buffer.from(back))
        const has = ({ got }: Recorder, start: string) =>
          got.some(({ via, text }) => via === 'gossip' && text.startsWith(start))
        return has(recorder, `to ${name}`) && has(heard, `from ${name}`)
      }
      await eventually(() => gossips(first, atFirst, 'the first'), 'the first has no gossip')

      const second = await start({ identity: doubled })
      const atSecond = new Recorder(second, TOPIC)
      second.setPeers(addresses)
      await eventually(() => gossips(second, atSecond, 'the second'), 'the second is not let in', 5_000)
      await second.stop()

      await eventually(() => gossips(first, atFirst, 'the first again'), 'the first does not come back', 10_000)
      await hub.send(first.self, TOPIC, Buffer.from('welcome'))
      await eventually(() => atFirst.texts().includes('welcome'), 'no direct stream', 5_000)
    })
  }
})
