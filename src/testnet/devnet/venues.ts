import type { ExitCode } from '../../node/exit.ts'
import { openLog } from '../../node/logging.ts'
import { untilStopped } from '../../node/untilStopped.ts'
import { systemClock } from '../../util/clock.ts'
import { localClient } from '../batch.ts'
import { createLrtWatch } from '../lrtWatch.ts'
import { STAKED_SYMBOLS } from '../network.ts'
import { createEthMarkets } from '../venues/ethMarkets.ts'
import { loadSeries } from '../venues/series.ts'
import { startVenues } from '../venues/server.ts'
import { syntheticSeries } from '../venues/synthetic.ts'
import { readNetworkFile } from './networkFile.ts'

/** The venues of a network that `deployDevnet` made. Markets of its staked tokens follow the rates that its chain tells. */
export function runDevnetVenues(options: {
  readonly network: string
  readonly host: string
  readonly port: number
  /** CSV file of recorded prices; synthetic ones without. */
  readonly prices?: string | undefined
  /** Unix second of the series. */
  readonly from?: number | undefined
  readonly speed: number
  readonly seed: number
}): Promise<ExitCode> {
  const { host, port, prices, from, speed, seed } = options
  const clock = systemClock
  const log = openLog({ level: 'info', format: 'json' })
  return untilStopped('venues', log, async (lifecycle) => {
    const { rpcUrl, deployed } = await readNetworkFile(options.network)
    const series = prices === undefined ? syntheticSeries({ seed }) : loadSeries(prices)
    const ethMarkets = createEthMarkets(STAKED_SYMBOLS)
    if (deployed.restaking === undefined) throw new RangeError('the deployment has no LRT')
    const { lsts, lrt } = deployed.restaking
    const watch = createLrtWatch({
      ...{ client: localClient(rpcUrl), lrt, lsts, markets: ethMarkets, clock },
      onError: (what) => log.warn('the rates cannot be read', { what }),
    })
    lifecycle.add({ name: 'rates', start: async () => watch.start(), stop: watch.stop })
    const { url } = await lifecycle.open(
      'venues',
      () => startVenues({ clock, series, speed, from, ethMarkets, host, port }),
      (venues) => venues.stop(),
    )
    log.info('the venues answer', { url, source: series.source })
  })
}
