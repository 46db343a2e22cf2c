import { Command } from 'commander'
import { finish } from './finish.ts'
import { runPlan, type SendingOptions, sendingCommand } from './operator/common.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
}

/** `evidence list|show|submit`: proofs that operators signed two payloads for one slot. */
export function evidenceCommand(): Command {
  const evidence = new Command('evidence').description(
    'proofs that operators signed two payloads for one slot, and what became of them (docs/evidence.md)',
  )
  evidence
    .command('list')
    .description('who equivocated, when and in what, as far as this node knows; also while it runs')
    .requiredOption('--config <file>', "the node's configuration (docs/configuration.md)")
    .option('--json', 'one JSON object a line instead of text')
    .exitOverride()
    .action(async (flags: Flags) => {
      const { listEvidence } = await import('../node/evidence/show.ts')
      await finish(await listEvidence(flags))
    })
  evidence
    .command('show')
    .description('one evidence whole')
    .argument('<id>', 'its id, or enough of its beginning')
    .requiredOption('--config <file>', "the node's configuration (docs/configuration.md)")
    .option('--json', 'one JSON object instead of text')
    .exitOverride()
    .action(async (id: string, flags: Flags) => {
      const { showEvidence } = await import('../node/evidence/show.ts')
      await finish(await showEvidence({ ...flags, id }))
    })
  evidence.addCommand(
    sendingCommand('submit', 'bring evidence on chain by hand: the running node does it by itself')
      .argument('[id]', 'its id, or enough of its beginning; all that is open when left out')
      .action(async (id: string | undefined, options: SendingOptions) => {
        const { submitPlanner } = await import('../node/evidence/submit.ts')
        await runPlan(options, submitPlanner(id))
      }),
  )
  return evidence.exitOverride()
}
