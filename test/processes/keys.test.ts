import assert from 'node:assert/strict'
import { type CeremonyNode, ceremonyRun } from '../support/ceremonies.ts'
import { checkCulprits, checkSame, checkSubsets, untilShared } from '../support/keyChecks.ts'
import { type KeyScenario, runAll } from '../support/keyScenario.ts'
import { allMalice, later } from '../support/malice.ts'

/** ms that sessions side by side may take on a busy machine; alone each takes some 40 s. */
const TIMEOUT_MS = 600_000
const seed = Number(process.env.LARIAT_SEED ?? Math.floor(Math.random() * 1e9))
/** With all of them, four operators meet every malice there is. */
const isWhole = process.env.LARIAT_KEYS === 'all'

/** Sessions long enough for several side by side. */
const settings = { dealBlocks: 12, complaintBlocks: 12, foldBlocks: 20 }
const scenario = (size: number, ...malicious: KeyScenario['malicious']): KeyScenario => ({
  ...{ size, malicious, settings, seed },
  timeoutMs: TIMEOUT_MS,
})

describe(`key generation with as many malicious operators as it stands (seed ${seed})`, function () {
  this.timeout(2 * TIMEOUT_MS)

  it('makes the right key of four, of whom one is', () =>
    runAll([
      scenario(4, 'wrongShare'),
      scenario(4, 'falseComplaint'),
      scenario(4, 'twoDealings'),
      scenario(4, 'silent'),
    ]))

  it('makes the right key of seven, of whom two are: shares and complaints', () =>
    runAll([
      scenario(7, 'wrongShare', 'falseComplaint'),
      scenario(7, 'noise', 'twoDealings'),
      scenario(7, 'late', 'wrongLength'),
    ]))

  it('makes the right key of seven, of whom two are: commitments and proofs', () =>
    runAll([
      scenario(7, 'offTheCurve', 'outOfTheSubgroup'),
      scenario(7, 'pastTheModulus', 'infinite'),
      scenario(7, 'badProof', 'silent'),
    ]))

  it('hands the key of seven on to an eighth, though one deals a wrong share and one nothing, and then without who was ejected', async () => {
    const culprits = new Map([
      [5, later(allMalice(0, []).wrongShare)],
      [6, later(allMalice(0, []).silent)],
    ])
    const run = await ceremonyRun(8, settings)
    try {
      await run.join(0, 1, 2, 3, 4, 5, 6)
      const nodes: CeremonyNode[] = []
      for (let i = 0; i < 7; i++) nodes.push(await run.start(i, culprits.get(i)?.conduct))
      await untilShared(nodes, 1n, TIMEOUT_MS)
      const before = await checkSubsets(nodes, 1n, seed)
      await run.join(7)
      nodes.push(await run.start(7))
      await untilShared(nodes, 2n, TIMEOUT_MS)
      const honest = nodes.filter(({ index }) => !culprits.has(index))
      checkSame(honest, 2n)
      await checkCulprits(run, honest, culprits, 2n)
      assert.deepEqual(await checkSubsets(nodes, 2n, seed), before)
      await untilShared(honest, 3n, TIMEOUT_MS)
      const members = (sharing: bigint) =>
        honest[0]?.sharings.byNumber(sharing)?.members.map(({ operator }) => run.indexOf(operator))
      assert.deepEqual(members(2n)?.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7])
      assert.deepEqual(members(3n)?.toSorted(), [0, 1, 2, 3, 4, 6, 7])
      assert.deepEqual(await checkSubsets(honest, 3n, seed), before)
    } finally {
      await run.close()
    }
  })

  if (isWhole) {
    it('makes the right key of four, whatever the one malicious does', async () => {
      await runAll([scenario(4), scenario(4, 'noise'), scenario(4, 'offTheCurve'), scenario(4, 'outOfTheSubgroup')])
      await runAll([scenario(4, 'pastTheModulus'), scenario(4, 'infinite'), scenario(4, 'late')])
      await runAll([scenario(4, 'wrongLength'), scenario(4, 'badProof')])
    })
  }
})
