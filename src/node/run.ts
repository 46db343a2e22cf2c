import { createMetrics } from '../metrics/registry.ts'
import { systemClock } from '../util/clock.ts'
import { VERSION } from '../util/version.ts'
import { compose } from './compose.ts'
import { loadConfig } from './config/load.ts'
import type { ExitCode } from './exit.ts'
import { openLog } from './logging.ts'
import { PLUGINS } from './plugins.ts'
import { untilStopped } from './untilStopped.ts'

/**
 * Runs a node until it is told to stop (SIGTERM, SIGINT or SIGHUP), then drains: no new slots, those in flight end or are
 * cut off, everything durable is flushed. A second signal ends the process at once.
 * @returns the exit code; what went wrong is in the log
 * @throws LariatError `config.…` before there is a log
 */
export async function runNode(configFile: string): Promise<ExitCode> {
  const config = await loadConfig(configFile, PLUGINS)
  const log = openLog(config.log)
  return untilStopped('lariat', log, async (lifecycle) => {
    log.info('lariat starts', {
      version: VERSION,
      operator: config.operator.address,
      config: config.file,
      pid: process.pid,
    })
    await compose({ config, lifecycle, clock: systemClock, log, metrics: createMetrics() })
  })
}
