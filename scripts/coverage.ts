// npm run coverage: which lines of contracts/ the forge tests run, per file and in all; fails below 95 %. The campaigns
// of contracts/test/invariants do not count: a line is covered by a test that was written for it.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { forge, ROOT } from './lib/forge.ts'
import { coveredPercent, readLcov, renderCoverage } from './lib/lcov.ts'

/** Per cent of lines. */
const LEAST = 95
/** More would find no other lines. Forge counts line by line, which makes every run slow. */
const FUZZ_RUNS = '32'

const report = join('build', 'coverage.lcov')
mkdirSync(join(ROOT, 'build'), { recursive: true })
const code = forge([
  'coverage',
  ...['--no-match-coverage', '(node_modules|test)', '--no-match-path', 'contracts/test/invariants/*'],
  // Code that counts its lines, and is not optimized, needs other gas than what is deployed.
  ...['--no-match-test', '^testGas'],
  ...['--fuzz-runs', FUZZ_RUNS, '--report', 'lcov', '--report-file', report],
])
if (code === 0) {
  const files = readLcov(readFileSync(join(ROOT, report), 'utf8'))
  process.stdout.write(`\nlines that tests ran:\n${renderCoverage(files)}\n`)
  if (coveredPercent(files) < LEAST) {
    process.stderr.write(`less than ${LEAST} % of the lines of contracts/ are covered\n`)
    process.exitCode = 1
  }
} else process.exitCode = code
