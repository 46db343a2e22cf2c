import { Exit } from './exit.ts'

/** SIGHUP is a closed terminal. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Calls `stop` at the first signal to stop; a second one ends the process at once with the code for an unclean stop.
 * @returns the function that ends the listening
 */
export function onStopSignals(stop: (signal: NodeJS.Signals) => void): () => void {
  let told = false
  const listener = (signal: NodeJS.Signals) => {
    if (told) process.exit(Exit.unclean)
    told = true
    stop(signal)
  }
  for (const signal of STOP_SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listener)
  }
}
