import type { ExitCode } from '../node/exit.ts'
import { progressLine } from '../util/progress.ts'

/**
 * Ends the process once standard output has been written: everything has been stopped by then, and a library's stray timer
 * must not keep the process.
 */
export async function finish(code: ExitCode): Promise<never> {
  progressLine.output()
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
  process.exit(code)
}
