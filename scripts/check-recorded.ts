// npm run check:recorded -- FILE.csv: the testnet on recorded prices, two minutes at ten times the speed through the
// hours in which USDC lost its peg; every round must be certified, and every certified value must be one of the market's.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSeries } from '../src/testnet/venues/series.ts'
import { checkHistory, reportSchema } from '../test/support/history.ts'

const file = process.argv[2]
if (file === undefined) throw new Error('usage: npm run check:recorded -- FILE.csv')
/** Rounds of two minutes, less one that the ends may cut off. */
const LEAST_ROUNDS = 59

const folder = mkdtempSync(join(tmpdir(), 'lariat-recorded-'))
const json = join(folder, 'out.json')
const options = [
  '--operators',
  '4',
  '--no-bridge',
  '--duration',
  '2m',
  '--from',
  '2023-03-11T11:48:00Z',
  '--speed',
  '10',
]
const { status } = spawnSync(
  process.execPath,
  [
    join(import.meta.dirname, 'testnet.ts'),
    ...options,
    '--prices',
    file,
    '--json',
    json,
    '--dir',
    join(folder, 'testnet'),
  ],
  { stdio: 'inherit' },
)
assert.equal(status, 0, `the testnet failed; its files are in ${folder}`)

const report = reportSchema.parse(JSON.parse(readFileSync(json, 'utf8')))
assert.deepEqual(report.missed, [], `rounds were missed; the nodes' logs are in ${folder}`)
assert.ok(report.rounds >= LEAST_ROUNDS, `only ${report.rounds} rounds`)
assert.equal(report.certificates, report.rounds)
assert.ok(report.onChainUpdates > 0)
const rows = checkHistory(report, loadSeries(file))
const usdc = Number(report.feeds['USDC/USD']?.answer)
assert.ok(usdc > 0.87 && usdc < 0.95, `USDC/USD is ${usdc}, and was about 0.91 in those hours`)
process.stdout.write(`${report.rounds} rounds, none missed; ${rows} certified values lie where the recording says\n`)
rmSync(folder, { recursive: true })
