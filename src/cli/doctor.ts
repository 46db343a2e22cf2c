import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { painter } from '../util/colours.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { type ConfigFlags, printResult, withConfig } from './options.ts'

export function doctorCommand(): Command {
  const doctor = new Command('doctor').description(
    'look at everything that a node needs, before it starts or beside it; exit code 1 when something fails',
  )
  return about(withConfig(doctor), {
    examples: ['lariat doctor --config node.yaml', 'lariat doctor --config node.yaml --json'],
    json: '{ fit: boolean, lines: [{ group, status: "pass" | "warn" | "fail", text }] }',
    progress: 'looking at everything that the node needs',
  }).action(async ({ config, json }: ConfigFlags) => {
    const { doctorText, isFit, runDoctor } = await import('../node/doctor/run.ts')
    const lines = await runDoctor(config)
    const fit = isFit(lines)
    printResult(json, { fit, lines }, () => doctorText(lines, painter(process.stdout)))
    await finish(fit ? Exit.ok : Exit.failure)
  })
}
