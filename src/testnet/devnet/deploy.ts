import { join } from 'node:path'
import { Exit, type ExitCode } from '../../node/exit.ts'
import { openLog } from '../../node/logging.ts'
import { onStopSignals } from '../../node/signals.ts'
import { type Clock, systemClock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import { writeFileAtomic } from '../../util/files.ts'
import type { Log } from '../../util/log.ts'
import { loadArtifacts } from '../artifacts.ts'
import { localClient } from '../batch.ts'
import { deployBeacon } from '../beacon.ts'
import { deployTestnetBridge, openTestnetBridge } from '../bridgeNet.ts'
import {
  ACCOUNTS,
  buildEpoch,
  configureNodes,
  createOperators,
  deployAll,
  deployRestaking,
  openFolder,
  ownStakes,
} from '../network.ts'
import { createShares, type KnownOperator } from '../operators.ts'
import { ownPlace } from '../places.ts'
import { registerAll } from '../registerAll.ts'
import { joinMore } from '../serving.ts'
import { findNetworkFile, type NetworkFile, writeNetworkFile } from './networkFile.ts'

export interface DeployDevnetOptions {
  readonly rpcUrl: string
  /** Of the bridge's other chain. */
  readonly awayUrl: string
  readonly venuesUrl: string
  readonly operators: number
  /** Host name of each operator's node, with `{n}` for its number. */
  readonly host: string
  /** Seconds between rounds of prices, and of the beacon. */
  readonly interval: number
  readonly beaconPeriod: number
  /** Folder for what everybody may read: `network.json`, deployment, rewards, targets of Prometheus. */
  readonly network: string
  /** Folder for one folder of each operator, with keys, configuration and data. */
  readonly dir: string
  /** Of compiled contracts. */
  readonly artifacts: string
  readonly log: Log
  readonly signal: AbortSignal
}

/** Of Prometheus's `file_sd_configs`. */
const TARGETS = 'prometheus.json'

/** `deployDevnet`, until it is told to stop. @throws what `deployDevnet` throws */
export async function runDevnetDeploy(options: Omit<DeployDevnetOptions, 'log' | 'signal'>): Promise<ExitCode> {
  const ending = new AbortController()
  const unlisten = onStopSignals((signal) => ending.abort(new DOMException(`stopped by ${signal}`, 'AbortError')))
  await deployDevnet({ ...options, log: openLog({ level: 'info', format: 'json' }), signal: ending.signal })
  unlisten()
  return Exit.ok
}

/**
 * Puts a network on two chains that have none: core, price service, LRT, beacon and bridge, with operators that serve all of it once
 * their nodes start. What is there already, from an earlier run on the same chains, is left as it is.
 * @throws LariatError `testnet.network` when what is there is another network, `testnet.folder`, `testnet.transaction`
 */
export async function deployDevnet(options: DeployDevnetOptions): Promise<void> {
  const { network: folder, log } = options
  const found = await findNetworkFile(folder)
  if (found !== undefined) {
    await mustBeSame(found, options)
    log.info('the network is on its chains already', { operators: found.operators.length })
    return
  }
  const network = await deploy(options, systemClock)
  await writeFileAtomic(join(folder, TARGETS), targetsOf(network.operators), 0o644)
  // last: with it the network is whole
  await writeNetworkFile(folder, network)
  log.info('the network is on its chains', { operators: network.operators.length })
}

async function deploy(options: DeployDevnetOptions, clock: Clock): Promise<NetworkFile> {
  const { rpcUrl, awayUrl, interval, log, signal } = options
  const artifacts = await loadArtifacts(options.artifacts)
  const places = Array.from({ length: options.operators }, (_, i) => ownPlace(hostOf(options.host, i + 1)))
  const operators = await createOperators(await openFolder(options.dir), places)
  log.info('keys are made')
  const deployed = await deployAll({ rpcUrl, artifacts, operators, interval, signal })
  log.info('core and price service are deployed')
  const common = { rpcUrl, artifacts, deployed, signal }
  const [randomness, bridge] = await Promise.all([
    deployBeacon({ ...common, operators: operators.length, period: options.beaconPeriod, clock }),
    deployTestnetBridge({ ...common, awayUrl, operators }),
    deployRestaking(rpcUrl, artifacts, deployed, signal),
  ])
  log.info('LRT, beacon and bridge are deployed')
  await registerAll({
    ...{ artifacts, deployed, operators, signal, slasher: undefined, further: { randomness: true, bridge: true } },
    client: localClient(rpcUrl),
    stakes: ownStakes(operators.length),
  })
  const epoch = { rpcUrl, account: ACCOUNTS.deployer, service: deployed.priceFeeds, operators: operators.length }
  await Promise.all([
    buildEpoch({ ...epoch, signal }),
    joinMore({
      ...{ rpcUrl, deployed, operators, signal, slasher: undefined },
      randomness: Promise.resolve(randomness),
      bridge: Promise.resolve(bridge),
    }),
  ])
  await openTestnetBridge({ rpcUrl, bridge, signal })
  log.info('operators have joined')
  await configureNodes({
    ...{ folder: options.network, rpcUrl, deployed, operators, bridge },
    venuesUrl: options.venuesUrl,
    randomness: randomness.service,
  })
  for (const operator of operators) await createShares(operator, deployed.deployment, randomness.keyGeneration)
  return { rpcUrl, deployed, randomness, bridge, operators }
}

const hostOf = (pattern: string, number: number) => pattern.replaceAll('{n}', String(number))

/** @throws LariatError `testnet.network` */
async function mustBeSame(found: NetworkFile, { rpcUrl, operators }: DeployDevnetOptions): Promise<void> {
  const mend = 'to begin anew, empty the volumes (docker compose down --volumes)'
  if (found.operators.length !== operators) {
    throw new LariatError(
      'testnet.network',
      `the network has ${found.operators.length} operators, not ${operators}: keep their number, or ${mend}`,
    )
  }
  const { hash } = await localClient(rpcUrl).getBlock({ blockNumber: 0n })
  if (hash !== found.deployed.deployment.genesisHash) {
    throw new LariatError('testnet.network', `the network is on another chain than that of ${rpcUrl}: ${mend}`)
  }
}

/** Each node by its operator's name, whatever its address. */
function targetsOf(operators: readonly KnownOperator[]): string {
  const groups = operators.map(({ name, api }) => ({ targets: [new URL(api).host], labels: { instance: name } }))
  return `${JSON.stringify(groups, undefined, 2)}\n`
}
