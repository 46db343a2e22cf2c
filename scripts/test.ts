// npm test: everything that needs nothing but npm. At most 8 minutes on 2 cores.
import { runStages } from './stages.ts'

const mocha = (name: string, ...args: string[]) => ({ name, command: 'mocha', args })

const NETWORKS = 'command|node|testnet'

process.exit(
  await runStages([
    { name: 'types', command: 'tsc', args: ['--noEmit'] },
    { name: 'lint', command: 'biome', args: ['check', '.'] },
    { name: 'solidity format', command: 'node', args: ['scripts/forge.ts', 'fmt', '--check'] },
    { name: 'solidity lint', command: 'node', args: ['scripts/forge.ts', 'lint', '--deny', 'notes'] },
    { name: 'custom errors', command: 'node', args: ['scripts/check-errors.ts'] },
    { name: 'build', command: 'npm', args: ['run', '--silent', 'build'] },
    { name: 'contracts', command: 'node', args: ['scripts/test-contracts.ts'] },
    mocha('unit and simulation', '--parallel', '--jobs', '2', 'test/{unit,sim,fuzz}/**/*.test.ts'),
    mocha('integration', '--parallel', '--jobs', '2', 'test/integration/**/*.test.ts'),
    mocha('end to end, commands', '--parallel', '--jobs', '2', `test/e2e/!(${NETWORKS}).test.ts`),
    // these hold whole networks to their time
    mocha('end to end, networks', `test/e2e/@(${NETWORKS}).test.ts`),
  ]),
)
