// npm run test:forge -- [ARGUMENTS]: the forge tests but those of gas, on code that is not optimized: solc from npm takes a
// third of the time for it, which is most of what these tests take. Optimized, as deployed, the contracts are tested by
// everything that runs on a chain (integration, end to end), and by `npm run test:gas`. A fuzz test has an eighth of the
// cases of foundry.toml, unless `--fuzz-runs` says how many (forge would heed its environment first).
import { forge, PLAIN_BUILD } from './lib/forge.ts'

Object.assign(process.env, PLAIN_BUILD)
if (!process.argv.includes('--fuzz-runs')) process.env.FOUNDRY_FUZZ_RUNS = '32'
process.exitCode = forge(['test', '--no-match-test', '^testGas', ...process.argv.slice(2)])
