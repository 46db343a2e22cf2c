// npm run test:gas -- [ARGUMENTS]: the tests of gas, on optimized code as it is deployed. Only files that have some are
// compiled, as optimizing all tests takes many minutes with solc from npm.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { forge, ROOT } from './lib/forge.ts'

const TESTS = 'contracts/test'
const ENDING = '.t.sol'

const given = process.argv.slice(2)
const files = readdirSync(join(ROOT, TESTS), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith(ENDING) && readFileSync(join(ROOT, TESTS, path), 'utf8').includes('function testGas'))
  .map((path) => path.slice(0, -ENDING.length))
const where = given.includes('--match-path') ? [] : ['--match-path', `${TESTS}/{${files.join(',')}}${ENDING}`]
process.exitCode = forge(['test', '--match-test', '^testGas', ...where, ...given])
