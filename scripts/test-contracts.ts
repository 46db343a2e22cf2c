// npm run test:forge -- [ARGUMENTS]: the forge tests but those of gas, on code that is not optimized: solc from npm takes a
// third of the time for it, which is most of what these tests take. Optimized, as deployed, the contracts are tested by
// everything that runs on a chain (integration, end to end), by the campaigns, and by `npm run test:gas`.
import { forge } from './lib/forge.ts'

// A folder of its own: neither build throws the other's away.
Object.assign(process.env, {
  FOUNDRY_OPTIMIZER: 'false',
  FOUNDRY_OUT: 'build/plain',
  FOUNDRY_CACHE_PATH: 'build/plain-cache',
})
process.exitCode = forge(['test', '--no-match-test', '^testGas', ...process.argv.slice(2)])
