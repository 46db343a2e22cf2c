import { createMetrics } from '../metrics/registry.ts'
import { systemClock } from '../util/clock.ts'
import { isAbort } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { VERSION } from '../util/version.ts'
import { compose } from './compose.ts'
import { loadConfig } from './config/load.ts'
import { Exit, type ExitCode, exitCodeOf } from './exit.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { openLog } from './logging.ts'
import { PLUGINS } from './plugins.ts'
import { onStopSignals } from './signals.ts'

/**
 * Runs a node until it is told to stop (SIGTERM, SIGINT or SIGHUP), then drains: no new slots, those in flight end or are
 * cut off, everything durable is flushed. A second signal ends the process at once.
 * @returns the exit code; what went wrong is in the log
 * @throws LariatError `config.…` before there is a log
 */
export async function runNode(configFile: string): Promise<ExitCode> {
  const config = await loadConfig(configFile, PLUGINS)
  const log = openLog(config.log)
  const ending = new AbortController()
  const lifecycle = createLifecycle({ log, clock: systemClock, signal: ending.signal })
  const unlisten = onStopSignals((signal) => {
    log.info('told to stop', { signal })
    ending.abort(new DOMException(`stopped by ${signal}`, 'AbortError'))
  })
  let broken: unknown
  const onBroken = (error: unknown) => {
    log.error('unexpected error, stopping', { error })
    broken ??= error
    ending.abort(error)
  }
  process.on('uncaughtException', onBroken)
  try {
    log.info('lariat starts', {
      version: VERSION,
      operator: config.operator.address,
      config: config.file,
      pid: process.pid,
    })
    await compose({ config, lifecycle, clock: systemClock, log, metrics: createMetrics() })
    await lifecycle.start()
    log.info('lariat runs')
    await aborted(ending.signal)
  } catch (error) {
    if (!(ending.signal.aborted && isAbort(error))) {
      log.error('lariat cannot go on', { error })
      broken ??= error
    }
  }
  const code = await stop(lifecycle, log, broken)
  process.off('uncaughtException', onBroken)
  unlisten()
  log.info('lariat has stopped', { exitCode: code })
  return code
}

async function stop(lifecycle: Lifecycle, log: Log, broken: unknown): Promise<ExitCode> {
  try {
    await lifecycle.stop()
    return broken === undefined ? Exit.ok : exitCodeOf(broken)
  } catch (error) {
    log.error('the stop was not clean', { error })
    return broken === undefined ? exitCodeOf(error) : exitCodeOf(broken)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
