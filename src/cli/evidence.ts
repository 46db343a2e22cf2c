import { Command } from 'commander'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { runPlan, type SendingOptions, sendingCommand } from './operator/common.ts'
import { type ConfigFlags, withConfig } from './options.ts'

/** `evidence list|show|submit`: proofs that operators signed two payloads for one slot. */
export function evidenceCommand(): Command {
  return new Command('evidence')
    .description('proofs that operators signed two payloads for one slot, and what became of them (docs/evidence.md)')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(submitCommand())
}

function listCommand(): Command {
  const list = new Command('list').description(
    'who equivocated, when and in what, as far as this node knows; also while it runs',
  )
  return about(withConfig(list), {
    examples: ['lariat evidence list --config node.yaml', 'lariat evidence list --config node.yaml --json'],
    jsonLines: `{ ${CASE} }`,
    progress: 'reading the evidence',
  }).action(async (flags: ConfigFlags) => {
    const { listEvidence } = await import('../node/evidence/show.ts')
    await finish(await listEvidence(flags))
  })
}

function showCommand(): Command {
  const show = new Command('show')
    .description('one evidence whole')
    .argument('<id>', 'its id, or enough of its beginning')
  return about(withConfig(show), {
    examples: ['lariat evidence show 0x3fa1 --config node.yaml'],
    json: `{ id, serviceManager, first: ${SIDE}, second: ${SIDE}, cases: [{ ${CASE} }] }`,
    progress: 'reading the evidence',
  }).action(async (id: string, flags: ConfigFlags) => {
    const { showEvidence } = await import('../node/evidence/show.ts')
    await finish(await showEvidence({ ...flags, id }))
  })
}

function submitCommand(): Command {
  return sendingCommand('submit', 'bring evidence on chain by hand: the running node does it by itself', {
    examples: [
      'lariat evidence submit --config node.yaml',
      'lariat evidence submit 0x3fa1 --config node.yaml --calldata',
    ],
  })
    .argument('[id]', 'its id, or enough of its beginning; all that is open when left out')
    .action(async (id: string | undefined, options: SendingOptions) => {
      const { submitPlanner } = await import('../node/evidence/submit.ts')
      await runPlan(options, submitPlanner(id))
    })
}

const CASE =
  'id, operator, service, serviceId, serviceManager, kind, slot, attempt, epoch, status, seenAt, changedAt, transaction, note'
const SIDE =
  '{ form, statement: { service, kind: number, epoch, slot, attempt: number, payload }, signature, author?: number, absent? }'
