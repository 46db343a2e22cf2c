import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'look at everything that a node needs, before it starts or beside it; exit code 1 when something fails',
    )
    .requiredOption('--config <file>', "the node's configuration")
    .option('--json', 'the lines as JSON')
    .action(async ({ config, json }: { config: string; json?: boolean }) => {
      const { doctorText, isFit, runDoctor } = await import('../node/doctor/run.ts')
      const lines = await runDoctor(config)
      const fit = isFit(lines)
      process.stdout.write(`${json === true ? JSON.stringify({ fit, lines }, undefined, 2) : doctorText(lines)}\n`)
      await finish(fit ? Exit.ok : Exit.failure)
    })
}
