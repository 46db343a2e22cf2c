import { Command } from 'commander'
import { PLUGINS } from '../node/plugins.ts'
import { progressLine } from '../util/progress.ts'
import { VERSION } from '../util/version.ts'
import { about, aboutOf, addGroupExamples, commandsBelow } from './about.ts'
import { acknowledgeCommand } from './acknowledge.ts'
import { completionCommand } from './completion.ts'
import { devnetCommand } from './devnet.ts'
import { doctorCommand } from './doctor.ts'
import { evidenceCommand } from './evidence.ts'
import { explainCommand } from './explain.ts'
import { guardCommand } from './guard.ts'
import { initCommand } from './init.ts'
import { keysCommand } from './keys.ts'
import { operatorCommand } from './operator.ts'
import { resumeCommand } from './resume.ts'
import { rewardsCommand } from './rewards.ts'
import { runCommand } from './run.ts'
import { serviceCommand } from './service.ts'
import { signerCommand } from './signer.ts'
import { stakeCommand } from './stake.ts'
import { statusCommand } from './status.ts'
import { supportBundleCommand } from './supportBundle.ts'
import { testnetCommand } from './testnet.ts'
import { versionCommand } from './version.ts'

/**
 * All commands, as commander has them.
 * @param loads whether the commands of this service are wanted: its plug-in is loaded only then, as every command would pay for it
 */
export async function createProgram(loads: (service: string) => boolean): Promise<Command> {
  const program = about(
    new Command('lariat')
      .description('Operator node for liquid restaking')
      .version(VERSION, '-V, --version', 'print the version'),
    {
      examples: [
        'lariat testnet',
        'lariat keys create --dir keys',
        'lariat doctor --config node.yaml',
        'lariat run --config node.yaml',
      ],
      noResult: 'it only holds the others',
      noProgress: 'it only holds the others',
    },
  )
  const services = Object.entries(PLUGINS).filter(([, { commands }]) => commands !== undefined)
  for (const command of [
    initCommand(),
    runCommand(),
    statusCommand(),
    doctorCommand(),
    explainCommand(),
    keysCommand(),
    operatorCommand(),
    rewardsCommand(),
    guardCommand(),
    evidenceCommand(),
    acknowledgeCommand(),
    resumeCommand(),
    signerCommand(),
    stakeCommand(),
    ...(await Promise.all(services.map(([name, load]) => serviceCommand(name, load, loads(name))))),
    supportBundleCommand(),
    testnetCommand(),
    devnetCommand(),
    completionCommand(() => createProgram(() => true)),
    versionCommand(),
  ]) {
    program.addCommand(command)
  }
  // of results for programs nobody sees how they come about
  program.hook('preAction', (_program, command) => {
    progressLine.begin(command.opts().json === true ? undefined : aboutOf(command)?.progress)
  })
  program.hook('postAction', () => progressLine.output())
  const all = [program, ...commandsBelow(program).map(([, command]) => command)]
  for (const command of all) {
    command
      .exitOverride()
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'lariat: ')) })
    if (aboutOf(command) === undefined) addGroupExamples(command)
  }
  return program
}
