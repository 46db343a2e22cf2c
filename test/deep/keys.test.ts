import assert from 'node:assert/strict'
import { resourceUsage } from 'node:process'
import type { CeremonyRunSettings } from '../support/ceremonies.ts'
import { type KeyScenario, runKeys } from '../support/keyScenario.ts'

/** Many operators in one process and on one chain: `npm run check:deep -- keys`. */

const seed = Number(process.env.LARIAT_SEED ?? Math.floor(Math.random() * 1e9))
/** ms that one key generation may take here; on a quiet machine it takes a few minutes. */
const TIMEOUT_MS = 1_500_000

/** Phases long enough for all nodes on one core. */
const SETTINGS: Readonly<Record<number, CeremonyRunSettings>> = {
  16: { blockSeconds: 1, dealBlocks: 30, complaintBlocks: 30, foldBlocks: 90, staggerMs: 3_000, patienceMs: 60_000 },
  32: { blockSeconds: 2, dealBlocks: 40, complaintBlocks: 50, foldBlocks: 120, staggerMs: 4_000, patienceMs: 120_000 },
}

type Malicious = KeyScenario['malicious']

/** As many as equal weights stand: less than a third. */
const most = (size: number) => Math.floor((size - 1) / 3)
const silent = (size: number): Malicious => Array.from({ length: most(size) }, () => 'silent' as const)
const MIXED = [
  ...['wrongShare', 'falseComplaint', 'twoDealings', 'outOfTheSubgroup', 'late'],
  ...['noise', 'wrongLength', 'pastTheModulus', 'badProof', 'offTheCurve'],
] as const
const mixed = (size: number): Malicious => MIXED.slice(0, most(size)) as Malicious

describe(`key generation by many (seed ${seed})`, function () {
  this.timeout(2 * TIMEOUT_MS)

  for (const size of [16, 32]) {
    const run = async (malicious: Malicious) => {
      const before = resourceUsage().userCPUTime
      const since = performance.now()
      await runKeys({ size, malicious, settings: SETTINGS[size] ?? {}, timeoutMs: TIMEOUT_MS, seed })
      const cpu = (resourceUsage().userCPUTime - before) / 1e6
      process.stdout.write(
        `      ${size} operators: ${((performance.now() - since) / 1e3).toFixed(0)} s, ${cpu.toFixed(0)} s of CPU\n`,
      )
      assert.ok(malicious.length <= most(size))
    }

    it(`${size} honest operators make a key`, () => run([]))
    it(`${size} operators make a key when ${most(size)} of them deal nothing`, () => run(silent(size)))
    it(`${size} operators make a key when ${most(size)} of them are malicious, each in a way of its own`, () =>
      run(mixed(size)))
  }
})
