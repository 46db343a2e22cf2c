import { toJson } from '../../../util/json.ts'
import { Exit, type ExitCode } from '../../exit.ts'
import { openSession } from '../session.ts'
import { processTerminal, type Terminal } from '../terminal.ts'
import { groups } from '../words.ts'
import { reportJson } from './json.ts'
import { readReport } from './read.ts'
import { reportLines } from './text.ts'

/** Shows where the operator of a configuration stands with the core. @throws LariatError, see `openSession` and `readReport` */
export async function showOperator(
  options: { readonly config: string; readonly json?: boolean | undefined },
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const session = await openSession({ config: options.config, send: false })
  try {
    const view = await session.look()
    const report = await readReport(session, view)
    if (options.json === true) {
      terminal.out(toJson(reportJson(session, view, report), 2))
      return Exit.ok
    }
    const { operator, deployment } = session
    terminal.out(
      `Operator ${operator} on ${deployment.name} (chain ${deployment.chainId}), block ${groups(view.block.number)}`,
    )
    for (const line of reportLines(report, view)) terminal.out(line)
    return Exit.ok
  } finally {
    await session.close()
  }
}
