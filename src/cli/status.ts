import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { withProgress } from '../util/progress.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { type ConfigFlags, printResult, withConfig } from './options.ts'

export function statusCommand(): Command {
  const status = new Command('status').description('tell how the running node is; exit code 1 when it is not healthy')
  return about(withConfig(status), {
    examples: ['lariat status --config node.yaml', 'lariat status --config node.yaml --json'],
    json: '{ healthy, health, status }: health is the body of GET /healthz, status that of GET /v1/status',
  }).action(async ({ config, json }: ConfigFlags) => {
    const { readStatus } = await import('../node/statusCommand.ts')
    const { statusText } = await import('../node/statusText.ts')
    const status = await withProgress('asking the node', () => readStatus(config))
    printResult(json, status, () => statusText(status))
    await finish(status.healthy ? Exit.ok : Exit.failure)
  })
}
