import assert from 'node:assert/strict'
import { memorySightings } from '../../src/avs/secondSelf/sighting.ts'
import { openDirectory } from '../../src/chain/directory.ts'
import { createMemoryEpochs } from '../../src/chain/memoryEpochs.ts'
import { peerIdToText } from '../../src/chain/peerId.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { followPeers } from '../../src/node/peers.ts'
import type { MemoryTransport } from '../../src/p2p/memory.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import type { SimClock } from '../../src/util/simclock.ts'
import { dealSharing } from '../support/beacon.ts'
import { type BeaconRun, beaconRun, GENESIS, PERIOD } from '../support/beaconRun.ts'
import { FakeServiceManager, operator, SERVICE_MANAGER } from '../support/fakeServiceManager.ts'
import { castOf } from '../support/simnet.ts'
import { metricValue } from '../unit/signer/fixtures.ts'

const SEED = 43
/** Rounds of the new sharing after which who left is let go. */
const LET_GO = 10n

/** A multihash of a key that nobody has. */
const peerBytes = (i: number): Hex => `0x1220${i.toString(16).padStart(64, '0')}`

/** Operators in a contract's list and in epochs, which each node follows to know whom to connect to, as a daemon does. */
function registry(count: number) {
  const epochs = createMemoryEpochs([castOf(count).table])
  const ends: (() => void)[] = []
  const directories: { operator: Address; peer: string; peerOf: (who: Address) => string | undefined }[] = []
  let manager: FakeServiceManager | undefined
  const peers = Array.from({ length: count }, (_, i) => peerIdToText(Buffer.from(peerBytes(i).slice(2), 'hex')))
  const managerOn = (clock: SimClock) => {
    if (manager !== undefined) return manager
    manager = new FakeServiceManager(clock)
    for (let i = 0; i < count; i++) {
      manager.operators.push(operator(i))
      manager.setPeer(operator(i), peerBytes(i), [])
    }
    for (let block = 0; block < 4; block++) manager.chain.mine()
    return manager
  }
  return {
    peers,
    async open(transport: MemoryTransport, clock: SimClock) {
      const directory = await openDirectory({
        chain: managerOn(clock).chain.as(operator(0)),
        ...{ serviceManager: SERVICE_MANAGER, epochs, clock, log: silentLog, metrics: createMetrics() },
      })
      ends.push(followPeers(transport, [directory], memorySightings()), () => directory.close())
      directories.push({
        operator: operator(peers.indexOf(transport.self)),
        peer: transport.self,
        peerOf: directory.peerOf,
      })
      return directory
    },
    /** Takes an operator out of the set, and out of every live epoch: the grace of the last one that has it is over. */
    async leave(who: Address, clock: SimClock) {
      const chain = managerOn(clock)
      chain.operators.splice(chain.operators.indexOf(who), 1)
      chain.chain.emit(SERVICE_MANAGER, 'OperatorLeft', { operator: who })
      chain.chain.mine()
      const [table] = epochs.tables()
      if (table === undefined) throw new Error('no table')
      const members = table.members.filter((member) => member.operator !== who)
      epochs.set([{ ...table, number: 2n, members: members.map((member, index) => ({ ...member, index })) }])
      await clock.advance(1)
    },
    /** Who knows, in the order in which nodes were started, where an operator is reached. */
    knowers: (who: Address) => directories.filter(({ peerOf }) => peerOf(who) !== undefined).map((one) => one.operator),
    close() {
      for (const end of ends.reverse()) end()
    },
  }
}

describe(`operators that leave a beacon (seed ${SEED})`, function () {
  this.timeout(120_000)
  let run: BeaconRun
  let operators: ReturnType<typeof registry>
  afterEach(async () => {
    await run.stop()
    operators.close()
  })

  /** Rounds that a node verified at their time, not later. */
  const onTime = async (index: number) => {
    const of = (by: string) => metricValue(run.node(index).metrics, `lariat_randomness_round_seconds_count{by="${by}"}`)
    return (await of('own')) + (await of('peer'))
  }
  const timeOf = (round: bigint) => Number(GENESIS + (round - 1n) * BigInt(PERIOD)) * 1_000

  it('are there for rounds until the next sharing has switched, however short the grace of their last epoch', async () => {
    operators = registry(4)
    const { peers, open } = operators
    // one is down, so that no round comes about without the one that leaves
    run = await beaconRun({ count: 4, seed: SEED, threshold: 3, down: [2], peers, directory: open })
    const leaver = operator(3)
    await run.toRound(2n)
    await operators.leave(leaver, run.clock)
    await run.toRound(4n)
    assert.equal(await onTime(0), 4)
    // a node that starts anew has only what the chain keeps of where it is reached
    await run.kill(0)
    await run.start(0)
    const switchRound = 8n
    run.announce(
      dealSharing(run.dealt, {
        ...{ number: 2n, switchRound, threshold: 2 },
        members: [0, 1, 2].map((i) => ({ operator: operator(i), shares: 1 })),
      }),
    )
    const last = switchRound + LET_GO
    await run.toRound(last - 1n)
    assert.equal(await onTime(1), Number(last) - 1)
    assert.equal(await onTime(3), Number(last) - 1, 'the one that left does not hear of the rounds after the switch')
    assert.deepEqual(operators.knowers(leaver), [operator(0), operator(1), leaver, operator(0)])
    // and then it is let go
    await run.clock.advance(timeOf(last + 2n) - run.clock.now())
    assert.deepEqual(operators.knowers(leaver).includes(operator(1)), false)
    await run.toRound(last + 3n)
    assert.equal(await onTime(1), Number(last) + 3)
    assert.equal((await onTime(3)) < Number(last) + 3, true)
  })
})
