import assert from 'node:assert/strict'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { clockCheck } from '../../../../src/node/selfcheck/clock.ts'
import { readPeerClocks } from '../../../../src/node/selfcheck/peerClocks.ts'
import { peersCheck } from '../../../../src/node/selfcheck/peers.ts'
import { generateIdentity } from '../../../../src/p2p/identity.ts'
import { type Libp2pTransport, startLibp2p } from '../../../../src/p2p/libp2p.ts'
import { type Clock, systemClock } from '../../../../src/util/clock.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { eventually } from '../../../support/eventually.ts'
import { checkBench, SERVICE_NAME } from '../../../support/selfchecks.ts'
import { castOf, directoryOf } from '../../../support/simnet.ts'

/** The machine's clock, set wrong by `ms`. */
const wrongBy = (set: { ms: number }): Clock => ({
  now: () => systemClock.now() + set.ms,
  after: (ms, fn) => systemClock.after(ms, fn),
})

describe('self-checks of the network turn with their cause, and back', function () {
  this.timeout(60_000)
  const cast = castOf(4)
  /** What each node's clock is wrong by. */
  const sets = cast.operators.map(() => ({ ms: 0 }))
  const own = sets[0] as { ms: number }
  let transports: Libp2pTransport[]

  before(async () => {
    transports = await Promise.all(
      sets.map(async (set) =>
        startLibp2p({
          listen: ['/ip4/127.0.0.1/tcp/0'],
          announce: [],
          identity: await generateIdentity(),
          metrics: createMetrics(),
          log: silentLog,
          clock: wrongBy(set),
          loopback: true,
        }),
      ),
    )
    await connect()
  })
  after(() => Promise.all(transports.map((transport) => transport.stop())))
  beforeEach(() => {
    for (const set of sets) set.ms = 0
  })

  const addresses = () => transports.map((each) => ({ id: each.self, addresses: each.multiaddrs() }))
  async function connect(): Promise<void> {
    for (const each of transports) each.setPeers(addresses().filter(({ id }) => id !== each.self))
    await eventually(
      () => transports.every((each) => each.connected().length === transports.length - 1),
      'the operators did not connect',
    )
  }
  const peers = () => {
    const [first] = transports as [Libp2pTransport]
    const { peerOf } = directoryOf(
      cast,
      transports.map(({ self }) => self),
    )
    return { self: first.self, connected: () => first.connected(), table: () => cast.table, peerOf, first }
  }
  const clockBench = () => {
    const { self, connected, table, peerOf, first } = peers()
    const clock = wrongBy(own)
    return checkBench(
      [
        clockCheck({
          clock,
          wall: () => Date.now() + own.ms,
          headTime: () => BigInt(Math.floor(systemClock.now() / 1_000)),
          peers: () =>
            readPeerClocks({
              ...{ self, connected },
              clockOf: (peer) => first.clockOf(peer),
              services: [{ table, peerOf }],
            }),
        }),
      ],
      clock,
    )
  }

  it('a peer tells its clock', async () => {
    const [first, second] = transports as [Libp2pTransport, Libp2pTransport]
    const set = sets[1] as { ms: number }
    set.ms = 5_000
    const { offsetMs, roundTripMs } = await first.clockOf(second.self)
    assert.ok(Math.abs(offsetMs - 5_000) <= roundTripMs / 2 + 5, `${offsetMs} ± ${roundTripMs / 2}`)
    await assert.rejects(first.clockOf('12D3KooWNobody'), { code: 'p2p.unreachable' })
  })

  it('clock: when the machine’s is set wrong, against the other operators', async () => {
    const { turns, selfChecks } = clockBench()
    await turns('clock', 'pass')
    own.ms = -1_200
    await turns('clock', 'warn', /this machine's clock is 1\.\d s behind the other operators'/)
    own.ms = 3_500
    await turns('clock', 'fail', /this machine's clock is 3\.\d s ahead of the other operators'/)
    await selfChecks.look()
    assert.match(selfChecks.refusal(SERVICE_NAME) ?? '', /^clock: /)
    own.ms = 0
    await turns('clock', 'pass')
    assert.equal(selfChecks.refusal(SERVICE_NAME), undefined)
  })

  it('clock: one operator whose clock is wrong, or lies, moves nothing', async () => {
    const { turns } = clockBench()
    const liar = sets[2] as { ms: number }
    liar.ms = 3_600_000
    await turns('clock', 'pass')
  })

  it('clock: when the process was suspended, before anything is signed', async () => {
    let suspendedMs = 0
    const clock: Clock = { ...systemClock, now: () => systemClock.now() - suspendedMs }
    const check = clockCheck({
      clock,
      wall: () => Date.now(),
      headTime: () => 0n,
      peers: async () => ({ clocks: [], weight: 1 }),
    })
    const { turns, selfChecks } = checkBench([check], clock)
    await selfChecks.look()
    assert.equal(selfChecks.refusal(SERVICE_NAME), undefined)
    suspendedMs = 3_000
    // no look since: the gate asks by itself
    assert.match(selfChecks.refusal(SERVICE_NAME) ?? '', /this process's clock is 3\.\d s behind the machine's/)
    await turns('clock', 'fail', /restart the node/)
    suspendedMs = 0
    await turns('clock', 'pass')
  })

  it('peers: when too little weight is connected', async () => {
    const { self, connected, table, peerOf } = peers()
    const { turns } = checkBench([peersCheck({ service: SERVICE_NAME, self, table, peerOf, connected })])
    await turns('peers', 'pass')
    const [first, second] = transports as [Libp2pTransport, Libp2pTransport]
    first.setPeers(addresses().filter(({ id }) => id === second.self))
    await eventually(() => first.connected().length === 1, 'the others are not disconnected')
    await turns('peers', 'fail', /connected operators hold 50 % of the weight, and a quorum is/)
    await connect()
    await turns('peers', 'pass')
  })
})
