import { type KeyScenario, runAll } from '../support/keyScenario.ts'

/** ms that sessions side by side may take on a busy machine; alone each takes some 40 s. */
const TIMEOUT_MS = 300_000
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

  if (isWhole) {
    it('makes the right key of four, whatever the one malicious does', async () => {
      await runAll([scenario(4), scenario(4, 'noise'), scenario(4, 'offTheCurve'), scenario(4, 'outOfTheSubgroup')])
      await runAll([scenario(4, 'pastTheModulus'), scenario(4, 'infinite'), scenario(4, 'late')])
      await runAll([scenario(4, 'wrongLength'), scenario(4, 'badProof')])
    })
  }
})
