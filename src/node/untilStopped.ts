import { systemClock } from '../util/clock.ts'
import { isAbort } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { Exit, type ExitCode, exitCodeOf } from './exit.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { onStopSignals } from './signals.ts'

/**
 * Runs a process until it is told to stop (SIGTERM, SIGINT or SIGHUP), then stops all that it had opened and started. A second
 * signal ends the process at once.
 * @param name of what runs, for the log
 * @param compose opens what the process rests on, and adds its parts to the lifecycle
 * @returns the exit code; what went wrong is in the log
 */
export async function untilStopped(
  name: string,
  log: Log,
  compose: (lifecycle: Lifecycle) => Promise<unknown>,
): Promise<ExitCode> {
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
    await compose(lifecycle)
    await lifecycle.start()
    log.info(`${name} runs`)
    await aborted(ending.signal)
  } catch (error) {
    if (!(ending.signal.aborted && isAbort(error))) {
      log.error(`${name} cannot go on`, { error })
      broken ??= error
    }
  }
  const code = await stop(lifecycle, log, broken)
  process.off('uncaughtException', onBroken)
  unlisten()
  log.info(`${name} has stopped`, { exitCode: code })
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
