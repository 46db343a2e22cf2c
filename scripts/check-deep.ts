// npm run check:deep -- GROUP: the large sizes, each group at most 60 minutes.
import { randomBytes } from 'node:crypto'
import { runStages, type Stage } from './stages.ts'

const npm = (name: string, ...args: string[]): Stage => ({ name, command: 'npm', args: ['run', '--silent', ...args] })

/** Of the campaigns; it is printed. */
const seed = `0x${randomBytes(8).toString('hex')}`

const GROUPS: Readonly<Record<string, readonly Stage[]>> = {
  contracts: [
    {
      name: 'forge, 10,000 runs a fuzz test',
      command: 'node',
      args: ['scripts/forge.ts', 'test', '--fuzz-runs', '10000', '--fuzz-seed', seed],
    },
  ],
  invariants: [npm('campaign over the core, 1,000,000 calls', 'check:invariants', '--', '1000000', seed, 'Core')],
  'invariants-lrt': [npm('campaign over the LRT, 1,000,000 calls', 'check:invariants', '--', '1000000', seed, 'Lrt')],
  mutations: [npm('defences taken out one by one', 'check:mutations')],
  bench: [
    npm('build', 'build'),
    npm('gas', 'bench', '--', 'gas'),
    npm('gas of the core', 'bench', '--', 'core-gas'),
    npm('certificate', 'bench', '--', 'certificate'),
  ],
}

const group = process.argv[2]
const stages = group === undefined ? undefined : GROUPS[group]
if (stages === undefined) {
  process.stderr.write(`usage: npm run check:deep -- GROUP, with GROUP one of: ${Object.keys(GROUPS).join(', ')}\n`)
  process.exit(2)
}
process.exit(await runStages(stages))
