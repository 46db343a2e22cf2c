import assert from 'node:assert/strict'
import { createMessaging, type Messaging, type ServiceMessage } from '../../../src/avs/messages.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createMemoryNetwork } from '../../../src/p2p/memory.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, DOMAIN, directoryOf, SERVICE } from '../../support/simnet.ts'
import { metricValue } from '../signer/fixtures.ts'

const PARTIAL = { name: 'partial', maxBytes: 8, perPeer: { perSecond: 2, burst: 3 } }
const ROUND = { name: 'round', maxBytes: 4, perPeer: { perSecond: 1_000, burst: 1_000 } }

describe('messages of a service', () => {
  const cast = castOf(3)
  const peers = ['a', 'b', 'c']
  let clock: SimClock
  let all: Messaging[]
  let heard: (ServiceMessage & { type: string; by: string })[]
  let metrics: ReturnType<typeof createMetrics>

  beforeEach(() => {
    clock = new SimClock()
    heard = []
    metrics = createMetrics()
    const network = createMemoryNetwork({ clock, seed: 1, latency: () => 1 })
    all = peers.map((peer) => {
      const transport = network.join(peer)
      transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
      return createMessaging({
        name: 'beacon',
        service: SERVICE,
        domain: DOMAIN,
        types: [PARTIAL, ROUND],
        transport,
        directory: directoryOf(cast, peers),
        clock,
        log: silentLog,
        metrics: peer === 'b' ? metrics : createMetrics(),
      })
    })
    for (const [i, messaging] of all.entries()) {
      messaging.open((type, message) => {
        heard.push({ ...message, type, by: peers[i] as string })
        if (message.data[0] === 0xff) throw new Error('not of this world')
        return message.data[0] === 0 ? 'reject' : 'accept'
      })
    }
  })
  const at = (i: number) => all[i] as Messaging

  it('go to one operator or peer, with what is authenticated about who sent them', async () => {
    await at(0).send('partial', { operator: cast.operators[1] as `0x${string}` }, Uint8Array.of(7))
    await at(0).send('round', { peer: 'c' }, Uint8Array.of(8))
    await clock.advance(10)
    assert.deepEqual(
      heard.map(({ type, by, peer, operator, via, data }) => [type, by, peer, operator, via, data[0]]),
      [
        ['partial', 'b', 'a', cast.operators[0], 'direct', 7],
        ['round', 'c', 'a', cast.operators[0], 'direct', 8],
      ],
    )
  })

  it('go to all by gossip, once each', async () => {
    await at(0).publish('round', Uint8Array.of(9))
    await clock.advance(10)
    assert.deepEqual(heard.map(({ by, via }) => [by, via]).sort(), [
      ['b', 'gossip'],
      ['c', 'gossip'],
    ])
  })

  it('are refused when they are longer than their type says, before anything goes out', async () => {
    await assert.rejects(at(0).send('round', { peer: 'b' }, new Uint8Array(5)), { code: 'p2p.too-large' })
    await assert.rejects(at(0).publish('round', new Uint8Array(5)), { code: 'p2p.too-large' })
    await assert.rejects(at(0).publish('other', new Uint8Array(1)), { code: 'plugin.undeclared' })
    await assert.rejects(at(0).send('round', { operator: `0x${'f'.repeat(40)}` }, new Uint8Array(1)), {
      code: 'p2p.unreachable',
    })
    assert.deepEqual(heard, [])
  })

  it('are ignored unseen beyond what one peer may hand us, until its allowance has grown', async () => {
    for (let i = 1; i <= 5; i++) await at(0).send('partial', { peer: 'b' }, Uint8Array.of(i))
    await clock.advance(10)
    assert.deepEqual(
      heard.map(({ data }) => data[0]),
      [1, 2, 3],
    )
    const limited = 'lariat_service_messages_total{service="beacon",type="partial",via="direct",verdict="limited"}'
    assert.equal(await metricValue(metrics, limited), 2)
    await at(2).send('partial', { peer: 'b' }, Uint8Array.of(6)) // another peer has its own
    await clock.advance(500)
    await at(0).send('partial', { peer: 'b' }, Uint8Array.of(7))
    await clock.advance(10)
    assert.deepEqual(
      heard.map(({ data }) => data[0]),
      [1, 2, 3, 6, 7],
    )
  })

  it('cost their peer when they are rejected, and a handler that throws ignores', async () => {
    await at(0).send('partial', { peer: 'b' }, Uint8Array.of(0xff))
    await at(0).send('round', { peer: 'b' }, Uint8Array.of(0))
    await clock.advance(10)
    const of = (type: string, verdict: string) =>
      metricValue(
        metrics,
        `lariat_service_messages_total{service="beacon",type="${type}",via="direct",verdict="${verdict}"}`,
      )
    assert.deepEqual([await of('partial', 'ignore'), await of('round', 'reject')], [1, 1])
  })

  it('can name operators to stay connected to, a few hundred at most', () => {
    const named: (readonly string[])[] = []
    const messaging = createMessaging({
      ...{
        name: 'beacon',
        service: SERVICE,
        domain: DOMAIN,
        types: [],
        clock,
        log: silentLog,
        metrics: createMetrics(),
      },
      transport: createMemoryNetwork({ clock, seed: 1 }).join('z'),
      directory: { ...directoryOf(cast, peers), keep: (operators) => named.push(operators) },
    })
    messaging.keep(cast.operators)
    assert.deepEqual(named, [cast.operators])
    const many = Array.from({ length: 513 }, () => cast.operators[0] as `0x${string}`)
    assert.throws(() => messaging.keep(many), { code: 'plugin.out-of-range' })
    assert.equal(named.length, 1)
  })

  it('are not declared wrongly', () => {
    const declare = (...types: (typeof PARTIAL)[]) =>
      createMessaging({
        name: 'beacon',
        service: SERVICE,
        domain: DOMAIN,
        types,
        transport: createMemoryNetwork({ clock, seed: 1 }).join('z'),
        directory: directoryOf(cast, peers),
        clock,
        log: silentLog,
        metrics: createMetrics(),
      })
    for (const wrong of [
      [{ ...PARTIAL, name: 'Partial' }],
      [{ ...PARTIAL, maxBytes: 0 }],
      [{ ...PARTIAL, maxBytes: 2 ** 21 }],
      [{ ...PARTIAL, perPeer: { perSecond: 0, burst: 1 } }],
      [PARTIAL, PARTIAL],
    ]) {
      assert.throws(() => declare(...wrong), { code: 'plugin.invalid' })
    }
  })
})
