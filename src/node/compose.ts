import { assertNative } from '../bls/native.ts'
import { openChain } from '../chain/clients.ts'
import { loadDeployment } from '../chain/deployment.ts'
import { createSender } from '../chain/sender.ts'
import { createServiceChain } from '../chain/serviceChain.ts'
import { takeSnapshot } from '../chain/snapshot.ts'
import type { Metrics } from '../metrics/registry.ts'
import { startLibp2p } from '../p2p/libp2p.ts'
import { lockDataDir } from '../store/lock.ts'
import { openDataStore } from '../store/sqlite/data.ts'
import { openEvidenceStore } from '../store/sqlite/evidence.ts'
import { openIntentStore } from '../store/sqlite/transactions.ts'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { eigenRoutes } from './api/eigen.ts'
import { healthRoute } from './api/health.ts'
import { metricsRoute, slotsRoute } from './api/routes.ts'
import { type ApiServer, createApiServer } from './api/server.ts'
import { statusRoute } from './api/status.ts'
import { openFurtherChains } from './chains/all.ts'
import { stakePort } from './chains/stake.ts'
import { openNodeCheckpointKey } from './checkpoints.ts'
import type { LoadedConfig } from './config/load.ts'
import { publishEigenMetrics } from './eigen/metrics.ts'
import { openExitGuard } from './exitGuard.ts'
import { files } from './files.ts'
import { openFinality } from './finality.ts'
import { openNodeGuard } from './guard/open.ts'
import { checkAccount, openIdentity } from './identity.ts'
import { followRotation } from './keyRotation.ts'
import type { Lifecycle } from './lifecycle.ts'
import { openOperatorKeys } from './operatorKeys.ts'
import { createStatusPage, tellingJournal } from './page/page.ts'
import { recentWarnings } from './page/warnings.ts'
import { createPeerClocks } from './peerClocks.ts'
import { followPeers } from './peers.ts'
import { createPhases } from './phases.ts'
import { declareOperatorMetric, declareProcessMetrics } from './processMetrics.ts'
import { declareRewardsMetrics } from './rewards/metrics.ts'
import { openRewards } from './rewards/open.ts'
import { createScheduledClaims } from './rewards/schedule.ts'
import { createRiskMonitor } from './risk/monitor.ts'
import { openSightings } from './secondSelf/file.ts'
import { allChecks } from './selfcheck/all.ts'
import { eventLoopCheck } from './selfcheck/eventLoop.ts'
import { createSelfChecks } from './selfcheck/monitor.ts'
import { type NodeService, openService, type Shared } from './service.ts'

export interface ComposeOptions {
  readonly config: LoadedConfig
  readonly lifecycle: Lifecycle
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** The composition root: opens what a node rests on, and adds its parts to `lifecycle` in the order in which they start. */
export async function compose({ config, lifecycle, clock, metrics, ...options }: ComposeOptions): Promise<ApiServer> {
  assertNative()
  const startedAt = clock.now()
  const warnings = recentWarnings(clock)
  const log = warnings.watch(options.log)
  const { dataDir } = config
  const {
    guard: guardFile,
    data: dataFile,
    evidence: evidenceFile,
    api: addressFile,
    finality,
    intents,
    shares: sharesFolder,
  } = files(dataDir)
  const close = (opened: { close(): Promise<void> | void }) => opened.close()

  await lifecycle.open(
    'data folder',
    () => lockDataDir(dataDir),
    (lock) => lock.release(),
  )
  await lifecycle.open(
    'process metrics',
    () => declareProcessMetrics(metrics),
    (end) => end(),
  )
  const deployment = await loadDeployment(config.chain.deployment)
  if (deployment.chainId !== config.chain.id) {
    throw new LariatError(
      'config.mismatch',
      `${config.file}: chain.id is ${config.chain.id}, and ${config.chain.deployment} is of chain ${deployment.chainId}: correct one of them`,
    )
  }
  const { account, p2p } = await openIdentity(config, log)
  const { genesisHash } = deployment
  const keys = await lifecycle.open(
    'signing keys',
    () => openOperatorKeys({ config, genesisHash, clock, log, metrics }),
    close,
  )
  const { checkpoints } = config.keys
  const checkpointKey =
    checkpoints &&
    (await lifecycle.open(
      'key of checkpoints',
      () => openNodeCheckpointKey(checkpoints, [account.address, config.operator.address], log),
      close,
    ))
  const sightings = openSightings(files(dataDir).secondSelf, log)
  const data = await lifecycle.open('data', () => openDataStore(dataFile), close)
  const slots = tellingJournal(data.journal)
  const evidence = await lifecycle.open('evidence', () => openEvidenceStore(evidenceFile), close)
  const chain = await lifecycle.open(
    'chain',
    () =>
      openChain({
        ...config.chain,
        genesisHash: deployment.genesisHash,
        final: openFinality(finality, deployment.genesisHash),
        clock,
        log,
        metrics,
      }),
    close,
  )
  const operator = config.operator.address
  await checkAccount({ chain, deployment, operator, account: account.address })
  const guard = await lifecycle.open(
    'guard',
    () =>
      openNodeGuard({
        ...{ path: guardFile, operator },
        serviceManagers: config.services.map(({ config: { contract } }) => contract),
        snapshot: () => takeSnapshot(chain),
      }),
    close,
  )
  await lifecycle.open(
    'exit guard',
    () =>
      openExitGuard({
        ...{ chain, deployment, operator, log },
        served: config.services.map(({ definition, config: { contract } }) => ({ name: definition.name, contract })),
        servedElsewhere: config.operator.servedElsewhere,
      }),
    (guardian) => guardian.warn(),
  )
  const journal = await lifecycle.open(
    'transactions file',
    () => openIntentStore(intents, { genesisHash: chain.genesisHash, account: account.address }),
    close,
  )
  const sender = await lifecycle.open('transactions', () => createSender({ chain, account, log, journal }), close)
  const followed = await openFurtherChains(
    { chains: config.chains, dataDir, account, cursors: data.cursors, clock, log, metrics },
    lifecycle,
  )
  const transport = await lifecycle.open(
    'p2p',
    () => startLibp2p({ ...config.p2p, identity: p2p, metrics, log, clock }),
    (opened) => opened.stop(),
  )
  const peerClocks = createPeerClocks({ transport, clock })
  const names = config.services.map(({ definition }) => definition.name)
  const selfChecks = createSelfChecks({ services: names, clock, log, metrics })
  const stake = createServiceChain({ chain, sender, log, cursors: data.cursors })
  const shared: Shared = {
    chain: stake,
    chains: new Map([stakePort(chain, stake), ...followed.map(({ port }) => port)].map((port) => [port.name, port])),
    genesisHash: chain.genesisHash,
    operator,
    keys,
    guard,
    selfChecks,
    data: { ...data, journal: slots.journal },
    evidence,
    sightings,
    silentSlots: config.secondSelf.silentSlots,
    shares: { folder: sharesFolder, password: config.keys.shares },
    checkpointKey,
    transport,
    peerClocks,
    clock,
    log,
    metrics,
  }
  const services: NodeService[] = []
  for (const service of config.services) services.push(await openService(service, shared, lifecycle))
  const directories = services.map(({ directory }) => directory)
  await lifecycle.open(
    'peers',
    () => followPeers(transport, directories, sightings),
    (end) => end(),
  )
  await lifecycle.open(
    'key rotation',
    () => followRotation({ operator, keys, services, clock, log }),
    (end) => end(),
  )

  const risk = createRiskMonitor({
    chain: shared.chain,
    core: deployment.core,
    lsts: deployment.lsts ?? [],
    lrt: deployment.lrt,
    operator,
    services: services.map(({ name, contract, epochs }) => ({
      name,
      contract,
      table: () => epochs.at(clock.now() / 1_000),
      secured: config.risk.secured[name],
    })),
    limits: { heartbeat: config.risk.market.heartbeat / 1_000, depegBps: config.risk.market.depegBps },
    refreshMs: config.risk.refresh,
    clock,
    log,
    metrics,
  })
  const onSlashes = await lifecycle.open(
    'metrics of the AVS node specification',
    () =>
      publishEigenMetrics({
        ...{ metrics, chain: stake, operator, journal: data.journal, cursors: data.cursors, clock },
        services: services.map(({ name, contract, epochs, runner }) => ({
          ...{ name, contract, lines: runner.lines.map(({ service }) => service) },
          table: () => epochs.at(clock.now() / 1_000),
        })),
      }),
    () => {},
  )
  declareOperatorMetric(metrics).set({ operator }, 1)
  const eventLoop = await lifecycle.open('event loop', eventLoopCheck, ({ end }) => end())
  selfChecks.add(
    ...allChecks(
      {
        ...{ chain, deployment, operator, account: account.address, dataDir, guard, data, transport, services, risk },
        keys,
        chains: followed,
        sightings,
        onSlashes,
        announce: config.p2p.announce,
        servedElsewhere: config.operator.servedElsewhere,
        config: config.checks,
        metrics,
        clock,
        wall: Date.now,
      },
      eventLoop.check,
    ),
  )
  const phases = createPhases()
  const page = createStatusPage({
    ...{ operator, chain, chains: followed, transport, services, checks: selfChecks, phases, risk, clock, startedAt },
    ...{ warnings, slots, log },
  })
  const api = createApiServer({
    ...config.api,
    routes: [
      healthRoute(selfChecks, names),
      ...eigenRoutes({ checks: selfChecks, phases, services, chainId: chain.id, log }),
      metricsRoute(metrics),
      ...page.routes,
      statusRoute({ operator, chain, chains: followed, transport, services, risk, clock }),
      slotsRoute(
        data.journal,
        services.flatMap(({ runner }) => runner.lines.map(({ name, service }) => ({ name, id: service }))),
      ),
      ...services.flatMap(({ runner }) => runner.routes),
    ],
    log,
    metrics,
    clock,
    addressFile,
  })
  // the API first, so that it tells of the others until they have stopped; nothing signs before the first look
  lifecycle.add(
    ...[api, page.events, selfChecks, peerClocks],
    ...services.flatMap(({ name, runner, keeper }) => [phases.watch(name, runner), keeper]),
    risk,
  )
  // declared whether or not rewards are claimed: what a node can tell does not hang on its configuration
  const rewardsMetrics = declareRewardsMetrics(metrics)
  if (config.rewards?.claim !== undefined) {
    const { claim, recipient = operator } = config.rewards
    const rewards = openRewards(config, deployment, clock)
    lifecycle.add(
      createScheduledClaims({
        ...rewards,
        chain: shared.chain,
        earner: operator,
        recipient,
        claim,
        strategyOf: (token) =>
          deployment.strategies.find((entry) => entry.token.toLowerCase() === token.toLowerCase())?.strategy,
        clock,
        log,
        metrics: rewardsMetrics,
      }),
    )
  }
  lifecycle.add(phases.whole())
  return api
}
