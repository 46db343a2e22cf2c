import assert from 'node:assert/strict'
import { startThreshold } from '../../../src/bls/threshold/start.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createPeerClocks, type PeerClockReadings } from '../../../src/node/peerClocks.ts'
import { peerTimeOf } from '../../../src/node/peerTime.ts'
import { generateIdentity } from '../../../src/p2p/identity.ts'
import { type Libp2pTransport, startLibp2p } from '../../../src/p2p/libp2p.ts'
import { systemClock } from '../../../src/util/clock.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { dealGroup, dealSharing, signatureBySecret } from '../../support/beacon.ts'
import { type BeaconNode, startBeaconNode } from '../../support/beaconRun.ts'
import { eventually } from '../../support/eventually.ts'
import { castOf, directoryOf, fixedEpochs } from '../../support/simnet.ts'

/** Rounds of one second that all nodes must have, made while the test looks on. */
const ROUNDS = 5n

describe('a beacon over libp2p, on the wall clock and the peers’ clocks', function () {
  this.timeout(60_000)
  const cast = castOf(4)
  const transports: Libp2pTransport[] = []
  const clocks: PeerClockReadings[] = []
  const nodes: BeaconNode[] = []
  after(async () => {
    for (const { runner } of nodes) await runner.stop()
    for (const one of clocks) await one.stop()
    for (const transport of transports) await transport.stop()
  })

  it('has every round at every node', async () => {
    await startThreshold()
    for (const _ of cast.operators) {
      const common = { metrics: createMetrics(), log: silentLog, clock: systemClock, loopback: true }
      const identity = await generateIdentity()
      transports.push(await startLibp2p({ listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], identity, ...common }))
    }
    const addresses = transports.map((one) => ({ id: one.self, addresses: one.multiaddrs() }))
    for (const one of transports) one.setPeers(addresses.filter(({ id }) => id !== one.self))
    const isWhole = () => transports.every((one) => one.connected().length === cast.operators.length - 1)
    await eventually(isWhole, 'the operators did not connect to each other', 30_000)

    const schedule = { genesis: BigInt(Math.floor(Date.now() / 1_000) + 2), period: 1 }
    const dealt = dealGroup(21, schedule)
    const members = cast.operators.map((operator) => ({ operator, shares: 1 }))
    const sharings = [dealSharing(dealt, { number: 1n, switchRound: 1n, threshold: 3, members })]
    const peers = transports.map(({ self }) => self)
    for (const [index, transport] of transports.entries()) {
      const readings = createPeerClocks({ transport, clock: systemClock })
      clocks.push(readings)
      await readings.start(new AbortController().signal)
      const { now } = peerTimeOf({
        readings,
        directory: directoryOf(cast, peers),
        epochs: fixedEpochs(cast.table),
        operator: cast.operators[index] as Address,
        clock: systemClock,
      })
      nodes.push(await startBeaconNode({ cast, index, dealt, sharings, transport, clock: systemClock, now, peers }))
    }
    const chains = nodes.map(({ state }) => state.engine.chain)
    const from = chains[0]?.current() ?? 0n
    const has = (round: bigint) => chains.every((chain) => chain?.rounds.get(round) !== undefined)
    for (let round = from + 1n; round <= from + ROUNDS; round++) {
      await eventually(() => has(round), `round ${round} is not everywhere`, 30_000)
      for (const chain of chains) {
        assert.deepEqual(
          Buffer.from(chain?.rounds.get(round)?.signature ?? []),
          Buffer.from(signatureBySecret(dealt, round)),
        )
      }
    }
  })
})
