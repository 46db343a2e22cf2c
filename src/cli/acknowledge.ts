import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { type ConfigFlags, printResult, withConfig } from './options.ts'

export function acknowledgeCommand(): Command {
  return new Command('acknowledge')
    .description('let a node go on after what its operator must have seen')
    .addCommand(slashedCommand())
    .addCommand(reorgCommand())
}

function slashedCommand(): Command {
  const slashed = new Command('slashed')
    .description('show the slashes of the operator, and with --yes acknowledge them, so that its service signs again')
    .option('--yes', 'acknowledge what is shown')
  return about(withConfig(slashed), {
    examples: ['lariat acknowledge slashed --config node.yaml', 'lariat acknowledge slashed --config node.yaml --yes'],
    json: '{ slashes: [text], done: boolean }',
    progress: 'reading the chain',
  }).action(async ({ config, yes, json }: ConfigFlags & { yes?: boolean }) => {
    const { acknowledgeSlashes } = await import('../node/acknowledge.ts')
    const { slashes, done } = await acknowledgeSlashes(config, yes === true)
    printResult(json, { slashes, done }, () => slashedText(slashes, done))
    await finish(slashes.length === 0 || done ? Exit.ok : Exit.failure)
  })
}

function slashedText(slashes: readonly string[], done: boolean): string {
  if (slashes.length === 0) return 'no slash of the operator waits to be acknowledged'
  return [
    ...slashes.map((slash) => `slashed: ${slash}`),
    done ? 'acknowledged: a running node signs again within seconds' : 'find out why; then run this again with --yes',
  ].join('\n')
}

function reorgCommand(): Command {
  const reorg = new Command('reorg')
    .description(
      'show the final block that was undone, and with --yes take the chain that the providers have now as the right one; the node must be stopped',
    )
    .option('--yes', 'acknowledge what is shown')
    .option('--chain <name>', 'a further chain of the configuration, instead of the chain of the stake')
  return about(withConfig(reorg), {
    examples: [
      'lariat acknowledge reorg --config node.yaml',
      'lariat acknowledge reorg --config node.yaml --chain base --yes',
    ],
    json: '{ undone: { number, hash, instead, at: number }, present?, final: { number, hash }, kept? } | null: null when nothing waits',
    progress: 'reading the chain',
  }).action(async ({ config, yes, chain, json }: ConfigFlags & { yes?: boolean; chain?: string }) => {
    const { acknowledgeReorg, describeReorg } = await import('../node/acknowledgeReorg.ts')
    const shown = await acknowledgeReorg(config, yes === true, chain)
    printResult(json, shown ?? null, () =>
      shown === undefined ? 'no reorg of a final block waits to be acknowledged' : describeReorg(shown).join('\n'),
    )
    await finish(shown === undefined || shown.kept !== undefined ? Exit.ok : Exit.failure)
  })
}
