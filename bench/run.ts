// npm run bench -- NAME […]: runs benchmarks by name; each prints one JSON object a line. Never gates CI.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname
const known = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'run.ts')
  .map((entry) => entry.name.slice(0, -3))
  .sort()

const [name, ...args] = process.argv.slice(2)
if (name === undefined || !known.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME, with NAME one of: ${known.join(', ')}\n`)
  process.exit(2)
}
const { status } = spawnSync(process.execPath, [...process.execArgv, join(folder, `${name}.ts`), ...args], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
