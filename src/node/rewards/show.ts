import { toJson } from '../../util/json.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { openSession } from '../operator/session.ts'
import { processTerminal, type Terminal } from '../operator/terminal.ts'
import { openRewards } from './open.ts'
import { faceOf, inTokens, rootNotes } from './words.ts'

export interface ShowOptions {
  /** Configuration file. */
  readonly config: string
  /** One JSON object instead of text; amounts in the tokens' smallest units. */
  readonly json?: boolean | undefined
}

/**
 * Shows what the operator has earned, claimed, and can claim of each token, and by which root.
 * @throws LariatError what `openSession` throws, `config.rewards`, `deployment.rewards`, `rewards.…`
 */
export async function showRewards(options: ShowOptions, terminal: Terminal = processTerminal()): Promise<ExitCode> {
  const session = await openSession({ config: options.config, send: false })
  try {
    const { operator, config, deployment, clock } = session
    const { ledger, coordinator } = openRewards(config, deployment, clock)
    const { read, block } = await session.look()
    const now = Number(block.timestamp)
    const rewards = await ledger.look({ read, now }, operator)
    const { newest, claimable, root, active, claimer, tokens } = rewards
    if (options.json === true) {
      terminal.out(
        toJson({ operator, coordinator, block: block.number, now, claimer, newest, claimable, root, active, tokens }),
      )
      return Exit.ok
    }
    terminal.out(`Rewards of ${operator} on ${deployment.name} (chain ${deployment.chainId})`)
    for (const note of rootNotes(rewards, now)) terminal.out(`  ${note}`)
    if (claimer !== operator) terminal.out(`  Only the claimer ${claimer} can claim.`)
    for (const { token, earned, claimed, claimable: due } of tokens) {
      const face = await faceOf(read, token)
      terminal.out(`  ${face.symbol} (${token})`)
      terminal.out(`    earned ${inTokens(earned, face)}, claimed ${inTokens(claimed, face)}`)
      terminal.out(`    ${active ? 'claimable now' : 'claimable once the root is active'}: ${inTokens(due, face)}`)
    }
    if (root !== undefined && tokens.length === 0) terminal.out('  The distribution has nothing for this operator.')
    return Exit.ok
  } finally {
    await session.close()
  }
}
