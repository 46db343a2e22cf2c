import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Directory } from '../../src/avs/ports.ts'
import type { Chain } from '../../src/avs/randomness/beacon/node.ts'
import type { BeaconSharing, Group } from '../../src/avs/randomness/beacon/sharings.ts'
import { createPeerClocks } from '../../src/node/peerClocks.ts'
import { peerTimeOf } from '../../src/node/peerTime.ts'
import type { Transport } from '../../src/p2p/transport.ts'
import type { PeerTime, ShareVault } from '../../src/signer/shares/vault.ts'
import { openDataStore } from '../../src/store/sqlite/data.ts'
import { systemClock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import { type BeaconNode, startBeaconNode } from '../../test/support/beaconRun.ts'
import { eventually } from '../../test/support/eventually.ts'
import { castOf, fixedEpochs } from '../../test/support/simnet.ts'
import { addressOf, startNode } from '../../test/support/transports.ts'
import { assembleAll, dealAll, openVaults } from './keyMaking.ts'

/**
 * Seconds from when all are connected until round 1, in which shares are assembled and nodes started; assembling takes about as
 * long as dealing did, so so many times that is added.
 */
const LEAD = 4
/** And for each operator, whose node is started. */
const LEAD_EACH = 0.75
const LEAD_PART = 2
/** Length of a window of conduct, seconds, as on a testnet. */
const WINDOW_SECONDS = 600
/** ms until one more operator is connected to all others, on a slow machine. */
const CONNECT_MS = 240_000

/** A beacon of operators in this process, over libp2p and loopback TCP, on the wall clock and each other's clocks. */
export interface BeaconNet {
  readonly group: Group
  readonly sharing: BeaconSharing
  readonly vaults: readonly ShareVault[]
  readonly nodes: readonly BeaconNode[]
  readonly chains: readonly Chain[]
  stop(): Promise<void>
}

/** As quick as a node's, whose books are maps too; the one of tests is not. */
function directoryFor(operators: readonly Address[], transports: readonly Transport[]): Directory {
  const peers = new Map(operators.map((operator, i) => [operator.toLowerCase(), transports[i]?.self]))
  const byPeer = new Map(transports.map(({ self }, i) => [self, operators[i]]))
  return {
    peerOf: (operator) => peers.get(operator.toLowerCase()),
    operatorOf: (peer) => byPeer.get(peer),
    keep: () => {},
  }
}

/** @param period seconds */
export async function startBeaconNet(count: number, threshold: number, period: number): Promise<BeaconNet> {
  const folder = mkdtempSync(join(tmpdir(), 'lariat-bench-beacon-'))
  const cast = castOf(count)
  const peerTimes: PeerTime[] = []
  // a vault is made before the clocks that it asks
  const vaults = await openVaults(folder, cast.operators, (i) => ({ now: () => peerTimes[i]?.now() }))
  const dealing = performance.now()
  const dealings = await dealAll(
    vaults,
    cast.operators.map(() => 1),
    threshold,
  )
  const leadMs = (LEAD + LEAD_EACH * count) * 1_000 + LEAD_PART * (performance.now() - dealing)

  const transports = await Promise.all(cast.operators.map(() => startNode()))
  const addresses = transports.map(addressOf)
  // one after the other: all at once they would dial, and give up, for minutes on a slow machine
  for (let known = 2; known <= count; known++) {
    const some = addresses.slice(0, known)
    for (const transport of transports.slice(0, known)) {
      transport.setPeers(some.filter(({ id }) => id !== transport.self))
    }
    const isWhole = () => transports.slice(0, known).every((one) => one.connected().length === known - 1)
    await eventually(isWhole, 'the operators did not connect to each other', CONNECT_MS)
  }

  const genesis = BigInt(Math.ceil((systemClock.now() + leadMs) / 1_000))
  const { group, sharing } = await assembleAll(vaults, dealings, { genesis, period })
  const directory = directoryFor(cast.operators, transports)
  const clocks = transports.map((transport) => createPeerClocks({ transport, clock: systemClock }))
  const stores = cast.operators.map((_, i) => openDataStore(join(folder, `data-${i}.sqlite`)))
  const nodes: BeaconNode[] = []
  for (const [index, transport] of transports.entries()) {
    const readings = clocks[index] as (typeof clocks)[number]
    await readings.start(new AbortController().signal)
    const peerTime = peerTimeOf({
      readings,
      directory,
      epochs: fixedEpochs(cast.table),
      operator: cast.operators[index] as Address,
      clock: systemClock,
    })
    peerTimes.push(peerTime)
    const data = stores[index] as (typeof stores)[number]
    const shares = vaults[index] as ShareVault
    nodes.push(
      await startBeaconNode({
        ...{ cast, index, dealt: { group }, sharings: [{ sharing, shares: [] }], transport, clock: systemClock },
        ...{ now: peerTime.now, directory, data, shares, windowSeconds: WINDOW_SECONDS },
      }),
    )
  }
  if (systemClock.now() / 1_000 > Number(genesis)) throw new Error('this machine was too slow to be ready by round 1')
  const chains = nodes.map(({ state }) => state.engine.chain as Chain)
  return {
    ...{ group, sharing, vaults, nodes, chains },
    async stop() {
      await Promise.all(nodes.map(({ runner }) => runner.stop()))
      await Promise.all(clocks.map((one) => one.stop()))
      await Promise.all(transports.map((transport) => transport.stop()))
      await Promise.all(vaults.map((vault) => vault.close()))
      for (const store of stores) store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
