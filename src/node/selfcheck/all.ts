import type { Sightings } from '../../avs/secondSelf/sighting.ts'
import type { Chain } from '../../chain/clients.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { secondsPerBlock, takeSnapshot } from '../../chain/snapshot.ts'
import type { Metrics } from '../../metrics/registry.ts'
import type { Libp2pTransport } from '../../p2p/libp2p.ts'
import type { OperatorKeys } from '../../signer/operatorKeys.ts'
import type { DataStore, GuardStore } from '../../store/store.ts'
import type { EpochTable } from '../../types/epoch.ts'
import type { Clock } from '../../util/clock.ts'
import type { Address } from '../../util/hex.ts'
import type { Following } from '../chains/follow.ts'
import type { ChecksConfig } from '../config/checks.ts'
import { files } from '../files.ts'
import { riskChecks } from '../risk/checks.ts'
import type { RiskMonitor } from '../risk/monitor.ts'
import { inEther } from '../risk/ratio.ts'
import type { NodeService } from '../service.ts'
import { allocationCheck, slasherCheck } from './allocation.ts'
import { chainCheck, finalityCheck } from './chain.ts'
import { clockCheck } from './clock.ts'
import { diskCheck } from './disk.ts'
import { encumberedCheck, readEncumbering } from './encumbered.ts'
import { epochCheck } from './epoch.ts'
import { furtherChainCheck } from './furtherChain.ts'
import { gasCheck } from './gas.ts'
import { guardCheck } from './guard.ts'
import { shared } from './looks.ts'
import { memoryCheck } from './memory.ts'
import { declareSelfCheckMetrics } from './metrics.ts'
import { readPeerClocks } from './peerClocks.ts'
import { peersCheck } from './peers.ts'
import { agreementCheck, providersCheck, reorgCheck } from './providers.ts'
import { keyCheck, membershipCheck, peerIdCheck } from './registration.ts'
import { secondSelfCheck } from './secondSelf.ts'
import { signerCheck } from './signer.ts'
import { slashedChecks } from './slashed.ts'
import { openSlashes, type Slash } from './slashes.ts'
import { missedCheck, participationCheck } from './slots.ts'
import { stakeCheck } from './stake.ts'
import { readStanding } from './standing.ts'
import { storageCheck } from './storage.ts'
import { fail, type SelfCheck } from './types.ts'

export interface CheckedNode {
  readonly chain: Chain
  readonly deployment: Deployment
  readonly operator: Address
  /** Who sends transactions. */
  readonly account: Address
  readonly dataDir: string
  readonly guard: Pick<GuardStore, 'probe'>
  readonly keys: Pick<OperatorKeys, 'check'>
  readonly sightings: Pick<Sightings, 'current'>
  readonly data: Pick<DataStore, 'cursors' | 'journal'>
  readonly transport: Pick<Libp2pTransport, 'self' | 'connected' | 'clockOf'>
  /** `p2p.announce` */
  readonly announce: readonly string[]
  readonly servedElsewhere: readonly Address[]
  readonly services: readonly NodeService[]
  /** The further chains. */
  readonly chains: readonly Following[]
  readonly risk: RiskMonitor
  /** Told of what each look for slashes found. */
  readonly onSlashes?: (slashes: readonly Slash[]) => void
  readonly config: ChecksConfig
  readonly metrics: Metrics
  readonly clock: Clock
  /** The machine's clock, ms since the epoch. */
  readonly wall: () => number
  /** ms for which several checks share one reading of the chain. */
  readonly sharedMs?: number
}

/** ms; less than the time between two looks of any check. */
const DEFAULT_SHARED_MS = 2_000

/** What must hold for this node to do its work; `eventLoop` is the check of the process, which needs an end of its own. */
export function allChecks(node: CheckedNode, eventLoop: SelfCheck): SelfCheck[] {
  const { chain, clock, config, dataDir, transport, operator, services, sharedMs = DEFAULT_SHARED_MS } = node
  const { core } = node.deployment
  const metrics = declareSelfCheckMetrics(node.metrics)
  const snapshot = shared(clock, sharedMs, () => takeSnapshot(chain))
  const slashes = openSlashes({
    chain,
    allocationManager: core.allocationManager,
    operator,
    cursors: node.data.cursors,
  })
  const readSlashes = async () => {
    const found = await slashes.read()
    node.onSlashes?.(found)
    return found
  }
  const tableOf = ({ epochs }: NodeService) => epochs.at(clock.now() / 1_000)
  const peers = {
    self: transport.self,
    connected: () => transport.connected(),
    clockOf: (peer: string) => transport.clockOf(peer),
    services: services.map((service) => ({
      table: () => tableOf(service),
      peerOf: (address: Address) => service.directory.peerOf(address),
    })),
  }
  return [
    guardCheck({ file: files(dataDir).guard, probe: () => node.guard.probe() }),
    secondSelfCheck(node.sightings),
    signerCheck(node.keys),
    storageCheck(dataDir, config),
    clockCheck({
      clock,
      wall: node.wall,
      peers: () => readPeerClocks(peers),
      headTime: () => chain.heads.current('latest').timestamp,
      measured: (aheadMs) => metrics.clockOffset.set({}, aheadMs / 1_000),
    }),
    agreementCheck(chain),
    providersCheck(chain),
    ...slashedChecks({ slashes: shared(clock, sharedMs, readSlashes), services }),
    chainCheck(chain, clock),
    finalityCheck(chain),
    ...node.chains.map((further) => furtherChainCheck(further, clock)),
    diskCheck(dataDir, undefined, (free) => metrics.diskFree.set({}, free)),
    memoryCheck(),
    eventLoop,
    gasCheck(
      async () => readFunds(chain, node.account),
      config.minBalance,
      ({ balance, gasPrice }) => {
        metrics.balance.set({}, inEther(balance))
        metrics.gasPrice.set({}, inEther(gasPrice))
      },
    ),
    encumberedCheck({
      avss: async () => readEncumbering(await snapshot(), core, operator),
      known: [...services.map(({ contract }) => contract), ...node.servedElsewhere],
      most: config.maxAvss,
    }),
    ...services.flatMap((service) => serviceChecks(service, node, snapshot)),
    ...riskChecks(
      node.risk,
      clock,
      services.map(({ name }) => name),
    ),
  ]
}

function serviceChecks(
  service: NodeService,
  node: CheckedNode,
  snapshot: () => ReturnType<typeof takeSnapshot>,
): SelfCheck[] {
  const { chain, clock, config, operator, transport, deployment, sharedMs = DEFAULT_SHARED_MS } = node
  const { name, contract, epochs, directory, runner, keys } = service
  const rhythm = shared(clock, RHYTHM_MS, async () => secondsPerBlock(chain, (await snapshot()).block))
  let seconds: number | undefined
  const standing = shared(clock, sharedMs, async () => {
    const [read, measured] = await Promise.all([
      snapshot().then((at) =>
        readStanding({ snapshot: at, core: deployment.core, serviceManager: contract, operator }),
      ),
      rhythm(),
    ])
    seconds = measured
    return read
  })
  const common = { service: name, standing }
  const timed = { ...common, secondsPerBlock: () => seconds }
  const slots = {
    service: name,
    id: runner.service,
    operator,
    journal: node.data.journal,
    since: clock.now(),
    missedPercent: config.missedPercent,
  }
  const table = () => epochs.at(clock.now() / 1_000)
  return [
    reorgCheck(name, chain),
    keyCheck({ ...common, keys, inUse: () => ownKey(table(), operator) }),
    membershipCheck(common),
    epochCheck({ service: name, operator, keys, tables: () => epochs.tables(), at: (time) => epochs.at(time), clock }),
    stakeCheck({ ...common, operator, newest: () => epochs.tables().at(-1), least: config.minStake }),
    allocationCheck(timed),
    slasherCheck(timed),
    peerIdCheck({ ...common, self: transport.self, announce: node.announce }),
    peersCheck({
      service: name,
      self: transport.self,
      table,
      peerOf: (address) => directory.peerOf(address),
      connected: () => transport.connected(),
    }),
    missedCheck(slots),
    participationCheck(slots),
    {
      name: 'service',
      service: name,
      everyMs: 1_000,
      trustMs: 30_000,
      async run() {
        const problems = await runner.problems()
        return problems.length === 0 ? undefined : fail(problems.join('; '))
      },
    },
  ]
}

function ownKey(table: EpochTable | undefined, operator: Address): Uint8Array | undefined {
  return table?.members.find((member) => member.operator.toLowerCase() === operator.toLowerCase())?.publicKey
}

/** ms between two measurings of the rhythm of blocks. */
const RHYTHM_MS = 600_000

async function readFunds({ providers }: Chain, account: Address) {
  return providers.ask(`the balance of ${account}`, async (client) => {
    const [balance, gasPrice] = await Promise.all([client.getBalance({ address: account }), client.getGasPrice()])
    return { account, balance, gasPrice }
  })
}
