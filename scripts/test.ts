// npm test: everything that needs nothing but npm. At most 8 minutes on 2 cores.
import { runStages } from './stages.ts'

const mocha = (name: string, ...args: string[]) => ({ name, command: 'mocha', args })

const NETWORKS = 'command|testnet'

/**
 * Contracts and tests of contracts that cost a minute to compile and run, and are left to `.ci/run`: `npm run coverage` has all of
 * them, and the campaigns are run at length.
 */
const LATER = ['randomness', 'test/randomness', 'bridge', 'test/bridge', 'test/invariants'].map(
  (folder) => `contracts/${folder}/*`,
)

const contracts = {
  name: 'contracts',
  command: 'node',
  args: ['scripts/test-contracts.ts', ...LATER.flatMap((path) => ['--skip', path])],
}

process.exit(
  await runStages([
    { name: 'types', command: 'tsc', args: ['--noEmit'] },
    { name: 'types of the status page', command: 'tsc', args: ['-p', 'web'] },
    { name: 'lint', command: 'biome', args: ['check', '.'] },
    { name: 'solidity format', command: 'node', args: ['scripts/forge.ts', 'fmt', '--check'] },
    { name: 'solidity lint', command: 'node', args: ['scripts/forge.ts', 'lint', '--deny', 'notes'] },
    { name: 'custom errors', command: 'node', args: ['scripts/check-errors.ts'] },
    { name: 'build', command: 'npm', args: ['run', '--silent', 'build', '--', '--no-types'] },
    // a part of the random lives and inputs that `npm run check:random` has
    {
      name: 'unit and simulation',
      command: 'env',
      args: [
        ...['LARIAT_HONEST_RUNS=75', 'LARIAT_FUZZ_RUNS=750', 'LARIAT_FUZZ_FACTOR=0.25'],
        ...['mocha', '--parallel', '--jobs', '2', 'test/{unit,sim,fuzz}/**/*.test.ts'],
      ],
    },
    // three at a time: they wait for blocks and rounds more than for a core
    mocha(
      'integration',
      '--parallel',
      '--jobs',
      '3',
      'test/integration/**/*.test.ts',
      `test/e2e/!(${NETWORKS}).test.ts`,
    ),
    // these hold whole networks to their time, and wait for it; the contracts get what is left of the processors
    { ...mocha('networks', `test/e2e/@(${NETWORKS}).test.ts`), beside: contracts },
  ]),
)
