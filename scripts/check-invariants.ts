// npm run check:invariants -- [CALLS] [SEED] [NAME]: the campaigns of contracts/test/invariants (those whose file begins
// with NAME), CALLS handler calls each, by default 100,000. Prints the seed, with which forge makes the same calls again.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type Campaign, judgeCampaigns, readCampaigns, sumCampaigns } from './lib/campaigns.ts'
import { forge, forgeBinary, PLAIN_BUILD, ROOT } from './lib/forge.ts'

/** Calls of one run, which starts from a fresh deployment: long enough for withdrawals and time locks to mature. */
const DEPTH = 250
/** Calls from one look at the invariants to the next. What a handler itself asserts, it does in every call. */
const CHECK_INTERVAL = 10
/** Values and addresses that forge remembers to call with: to remember all that it sees takes a quarter of the time. */
const DICTIONARY = 1_000
/** Calls from which optimized code makes good the minutes that its compilation takes: it needs two thirds of the time. */
const MANY_CALLS = 250_000
/** Forge runs a campaign on one core: the calls are divided between as many processes. Each takes about 200 MB. */
const MAX_PROCESSES = 4

const calls = Number(process.argv[2] ?? 100_000)
if (!Number.isSafeInteger(calls) || calls < DEPTH) throw new RangeError(`calls must be a number from ${DEPTH}`)
const seed = process.argv[3] ?? `0x${randomBytes(8).toString('hex')}`
const path = `contracts/test/invariants/${process.argv[4] ?? ''}*`
const processes = Math.min(availableParallelism(), MAX_PROCESSES)

/** One process's share of the calls; its seed follows from the campaign's. */
function runShare(index: number): Promise<{ readonly ok: boolean; readonly campaigns: readonly Campaign[] }> {
  const env = {
    ...process.env,
    FOUNDRY_INVARIANT_RUNS: String(Math.ceil(calls / DEPTH / processes)),
    FOUNDRY_INVARIANT_DEPTH: String(DEPTH),
    FOUNDRY_INVARIANT_CHECK_INTERVAL: String(CHECK_INTERVAL),
    FOUNDRY_INVARIANT_MAX_FUZZ_DICTIONARY_VALUES: String(DICTIONARY),
    FOUNDRY_INVARIANT_MAX_FUZZ_DICTIONARY_ADDRESSES: String(DICTIONARY),
    FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR: `cache/invariant/${index}`,
  }
  const args = ['test', '--match-path', path, '--fuzz-seed', `0x${(BigInt(seed) + BigInt(index)).toString(16)}`]
  return new Promise((resolve, reject) => {
    const child = spawn(forgeBinary(), args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let report = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      report += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      process.stdout.write(report)
      resolve({ ok: code === 0, campaigns: readCampaigns(report) })
    })
  })
}

// The build of `npm run test:forge` where it is quicker: what the calls do is the same.
if (calls < MANY_CALLS) Object.assign(process.env, PLAIN_BUILD)
process.stdout.write(`${calls} calls a campaign in ${processes} processes, seed ${seed}\n`)
// Compiled once, before the processes would all do so.
process.exitCode = forge(['test', '--match-path', path, '--list'])
if (process.exitCode === 0) {
  const shares = await Promise.all(Array.from({ length: processes }, (_, i) => runShare(i)))
  const campaigns = sumCampaigns(shares.flatMap((share) => share.campaigns))
  for (const { name, calls } of campaigns) process.stdout.write(`${name}: ${calls} calls\n`)
  const faults = judgeCampaigns(campaigns, calls)
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  process.exitCode = faults.length === 0 && shares.every(({ ok }) => ok) ? 0 : 1
}
