import type { Part } from '../../avs/api.ts'
import type { ExitCode } from '../../node/exit.ts'
import { openLog } from '../../node/logging.ts'
import { untilStopped } from '../../node/untilStopped.ts'
import { systemClock } from '../../util/clock.ts'
import { loadArtifacts } from '../artifacts.ts'
import { localClient } from '../batch.ts'
import { createBeaconWatch } from '../beaconWatch.ts'
import { openBridgeWatch } from '../bridgeNet.ts'
import type { BridgeWatch } from '../bridgeWatch.ts'
import { openChainFacts } from '../chainFacts.ts'
import { createCollector } from '../collector.ts'
import { ACCOUNTS, STAKED_SYMBOLS } from '../network.ts'
import { createPayday } from '../payday.ts'
import { untilReady } from '../ready.ts'
import { decimalString, type FeedFact } from '../report.ts'
import { createRestaking } from '../restaking.ts'
import { beaconFigures, bridgeFigures, lrtFigures } from '../summary.ts'
import { createEthMarkets } from '../venues/ethMarkets.ts'
import { readNetworkFile } from './networkFile.ts'
import { statusServer } from './statusServer.ts'

/**
 * What people, oracles and keepers do around the operators of a network that `deployDevnet` made: as soon as there are prices they
 * open the LRT and restake, pay, report rewards, and send the LRT over the bridge and back. `/status` tells how all of it is; it
 * answers 503 until all of that has begun.
 */
export function runDevnetLife(options: {
  readonly network: string
  readonly artifacts: string
  readonly host: string
  readonly port: number
}): Promise<ExitCode> {
  const { network: folder, host, port } = options
  const clock = systemClock
  const log = openLog({ level: 'info', format: 'json' })
  return untilStopped('life', log, async (lifecycle) => {
    const { rpcUrl, deployed, operators, randomness, bridge } = await readNetworkFile(folder)
    const client = localClient(rpcUrl)
    let settled = false
    // while the network starts it is no news that something does not answer yet
    const onError = (what: string) => log[settled ? 'warn' : 'debug']('something did not work', { what })
    const chain = await lifecycle.open(
      'chain facts',
      () => openChainFacts(client, deployed.priceFeeds, clock),
      (opened) => opened.close(),
    )
    const common = { client, clock, onError }
    const collector = createCollector({ chain, operators, clock, onError })
    // the venues' own markets follow the rates by themselves
    const markets = createEthMarkets(STAKED_SYMBOLS)
    const restaking = createRestaking({ rpcUrl, deployed, operators, markets, clock, onError })
    const payday = createPayday({
      ...{ ...common, deployed, folder, payer: ACCOUNTS.payer, updater: ACCOUNTS.updater },
      facts: collector.facts,
    })
    const beaconWatch = createBeaconWatch({ ...common, contracts: randomness, apis: operators.map(({ api }) => api) })
    let bridgeWatch: BridgeWatch | undefined
    const status = () => {
      const { feeds } = collector.facts()
      const lrt = restaking.fact()
      return {
        status: settled ? 200 : 503,
        body: {
          running: settled,
          nodes: collector.nodes().map(({ name, health }) => ({ name, healthy: health?.healthy ?? null })),
          prices: Object.fromEntries(feeds.map((feed) => [feed.name, priceFigures(feed)])),
          lrt: lrt === undefined ? null : lrtFigures(lrt),
          randomness: beaconFigures(beaconWatch.fact()),
          bridge: bridgeFigures(bridgeWatch?.fact()),
        },
      }
    }
    lifecycle.add(
      statusServer({ host, port, status }),
      part('restaking', restaking.start, restaking.stop),
      part('collector', collector.start, collector.stop),
      part('beacon', beaconWatch.start, beaconWatch.stop),
      {
        name: 'life',
        async start(signal) {
          await untilReady(collector, clock, [], signal)
          log.info('prices are on chain')
          await restaking.open(await loadArtifacts(options.artifacts), signal)
          log.info('the LRT is open')
          bridgeWatch = await openBridgeWatch({ rpcUrl, bridge, deployed, clock, onError, signal })
          bridgeWatch.start()
          payday.start()
          settled = true
        },
        async stop() {
          await Promise.all([payday.stop(), bridgeWatch?.stop()])
        },
      },
    )
  })
}

function part(name: string, start: () => void, stop: () => Promise<void>): Part {
  return { name, start: async () => start(), stop }
}

/** What the chain says of a feed; null before it has an answer. */
function priceFigures({ latest, decimals }: FeedFact) {
  if (latest === undefined) return null
  return { answer: decimalString(latest.answer, decimals), updatedAt: latest.updatedAt, round: latest.roundId }
}
