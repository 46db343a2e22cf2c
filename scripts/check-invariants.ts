// npm run check:invariants -- [CALLS] [SEED]: the campaigns of contracts/test/invariants, CALLS handler calls each (by
// default 100,000; a multiple of a run's 250). Prints the seed, with which forge makes the same calls again.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { judgeCampaigns, readCampaigns } from './lib/campaigns.ts'
import { forgeBinary, ROOT } from './lib/forge.ts'

/** Calls of one run, which starts from a fresh deployment: long enough for withdrawals and time locks to mature. */
const DEPTH = 250
/** Calls from one look at the invariants to the next. What a handler itself asserts, it does in every call. */
const CHECK_INTERVAL = 10
/** Bytes of a report: traces of a failure are long. */
const MAX_REPORT = 2 ** 28

const calls = Number(process.argv[2] ?? 100_000)
if (!Number.isSafeInteger(calls) || calls < DEPTH) throw new RangeError(`calls must be a number from ${DEPTH}`)
const seed = process.argv[3] ?? `0x${randomBytes(8).toString('hex')}`
process.stdout.write(`${calls} calls a campaign, seed ${seed}\n`)

const env = {
  ...process.env,
  FOUNDRY_INVARIANT_RUNS: String(Math.ceil(calls / DEPTH)),
  FOUNDRY_INVARIANT_DEPTH: String(DEPTH),
  FOUNDRY_INVARIANT_CHECK_INTERVAL: String(CHECK_INTERVAL),
}
const args = ['test', '--match-path', 'contracts/test/invariants/*', '--fuzz-seed', seed]
const { status, stdout } = spawnSync(forgeBinary(), args, {
  cwd: ROOT,
  env,
  encoding: 'utf8',
  maxBuffer: MAX_REPORT,
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.stdout.write(stdout)
const faults = judgeCampaigns(readCampaigns(stdout), calls)
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.exitCode = status === 0 && faults.length === 0 ? 0 : 1
