import assert from 'node:assert/strict'
import { type CeremonyNode, ceremonyRun } from '../support/ceremonies.ts'
import { checkCulprits, checkSame, checkSubsets, untilShared } from '../support/keyChecks.ts'
import { type KeyScenario, runAll } from '../support/keyScenario.ts'
import { allMalice, later } from '../support/malice.ts'

/** ms that sessions side by side may take on a machine where others have nine tenths of it; on a quiet one each takes some 40 s. */
const TIMEOUT_MS = 1_500_000
const seed = Number(process.env.LARIAT_SEED ?? Math.floor(Math.random() * 1e9))
/** With all of them, four operators meet every malice there is, and seven what they do not meet here. */
const isWhole = process.env.LARIAT_KEYS === 'all'

/** Sessions long enough for several side by side. */
const settings = { dealBlocks: 12, complaintBlocks: 12, foldBlocks: 20 }
const scenario = (size: number, ...malicious: KeyScenario['malicious']): KeyScenario => ({
  ...{ size, malicious, settings, seed },
  timeoutMs: TIMEOUT_MS,
})

/** A key of seven, handed on to an eighth while two misbehave, and then without the one that was ejected. */
async function reshare(): Promise<void> {
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
    // operator 0 included, whose share of one polynomial was wrong: the polynomial does not count
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
}

describe(`key generation with as many malicious operators as it stands (seed ${seed})`, function () {
  this.timeout(3 * TIMEOUT_MS)

  it('makes the right key of seven, of whom two are malicious', () =>
    runAll([
      scenario(7, 'wrongShare', 'falseComplaint'),
      scenario(7, 'noise', 'twoDealings'),
      scenario(7, 'outOfTheSubgroup', 'pastTheModulus'),
      scenario(7, 'late', 'badProof'),
    ]))

  it('makes the right key of four, of whom one is; and hands that of seven on though one deals a wrong share and one nothing', async () => {
    // side by side, as both are mostly waiting for blocks
    const ends = await Promise.allSettled([
      runAll([scenario(4, 'wrongShare'), scenario(4, 'twoDealings'), scenario(4, 'silent')]),
      reshare(),
    ])
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  })

  if (isWhole) {
    it('makes the right key of four and seven, whatever the malicious do', async () => {
      await runAll([scenario(4), scenario(4, 'noise'), scenario(4, 'offTheCurve'), scenario(4, 'outOfTheSubgroup')])
      await runAll([scenario(4, 'pastTheModulus'), scenario(4, 'infinite'), scenario(4, 'falseComplaint')])
      await runAll([scenario(4, 'late'), scenario(4, 'wrongLength'), scenario(4, 'badProof')])
      await runAll([scenario(7), scenario(7, 'offTheCurve', 'infinite'), scenario(7, 'wrongLength', 'silent')])
    })
  }
})
