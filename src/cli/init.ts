import { Command } from 'commander'
import type { InitOptions } from '../node/init/answers.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { printResult } from './options.ts'

const more = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, text]

export function initCommand(): Command {
  const init = new Command('init')
    .description('write the configuration of a node, with a comment for every key; asks for what no option says')
    .option('--out <file>', 'where to; nothing is replaced', 'node.yaml')
    .option('--deployment <file>', 'deployment file of the chain')
    .option('--rpc <url>', 'a provider; may be given again, for others by different people', more)
    .option('--single-provider', 'one provider is enough: for test networks')
    .option('--keys <folder>', 'where the keys are or will be, as lariat keys create names them', 'keys')
    .option('--operator <address>', 'the operator; the account of the keys unless given')
    .option('--service <name>', 'a service of the deployment, or NAME=ADDRESS; may be given again', more)
    .option('--announce <multiaddr>', 'where other operators reach this node; may be given again', more)
    .option('--data-dir <folder>', 'what the node must remember', 'data')
  return about(init, {
    examples: [
      'lariat init',
      'lariat init --deployment deployment.json --rpc https://one.example --rpc https://two.example --service prices',
    ],
    json: '{ file, missing: [file] }: missing are files that it names and that are not there yet',
    progress: 'looking at the answers',
  }).action(async ({ json, ...options }: InitOptions & { json?: boolean }) => {
    const [{ initialize, initializedText }, { processPrompt }, { Exit }] = await Promise.all([
      import('../node/init/init.ts'),
      import('../util/prompt.ts'),
      import('../node/exit.ts'),
    ])
    const made = await initialize(options, processPrompt())
    printResult(json, made, () => initializedText(made))
    await finish(Exit.ok)
  })
}
