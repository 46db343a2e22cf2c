// npm run check:errors: fails on a custom error of contracts/ that no contract throws, or that no test expects. The
// rule stands at `errorGaps`. TypeScript tests count if they run contracts: those of test/integration and test/e2e.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { errorGaps } from './lib/customErrors.ts'
import { ROOT } from './lib/forge.ts'
import type { Source } from './lib/solidity.ts'

function sources(folder: string, ending: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .sort()
    .map((path) => join(ROOT, folder, path))
    .map((path) => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
}

const all = sources('contracts', '.sol')
const isTest = ({ path }: Source) => path.startsWith('contracts/test/')
const { errors, gaps } = errorGaps(
  all.filter((source) => !isTest(source)),
  all.filter(isTest),
  [...sources('test/integration', '.ts'), ...sources('test/e2e', '.ts')],
)
for (const { name, owner, at, gaps: found } of gaps) {
  process.stderr.write(`${at}: error ${owner === '' ? name : `${owner}.${name}`} is ${found.join(' and ')}\n`)
}
process.stdout.write(`${errors} custom errors in contracts/, ${gaps.length} with a gap\n`)
process.exitCode = gaps.length === 0 ? 0 : 1
