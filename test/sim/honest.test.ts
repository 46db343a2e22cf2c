import assert from 'node:assert/strict'
import { honestRun } from '../support/honestRun.ts'

/** 300 with every change, 10,000 by `npm run check:deep -- equivocation`. */
const RUNS = Number(process.env.LARIAT_HONEST_RUNS ?? 300)
const SEED = Number(process.env.LARIAT_SEED ?? 20_261_123)

describe(`honest operators in ${RUNS} random lives (seed ${SEED})`, function () {
  this.timeout(Math.max(120_000, RUNS * 1_000))

  it('never sign two payloads for one slot, and are never accused of it', async () => {
    let [signed, refused, restarts, reorgs] = [0, 0, 0, 0]
    for (let i = 0; i < RUNS; i++) {
      const run = await honestRun({ seed: SEED + i })
      assert.deepEqual(run.conflicts, [], `seed ${SEED + i}`)
      assert.equal(run.accused, 0, `seed ${SEED + i}`)
      signed += run.signed
      refused += run.refused
      restarts += run.restarts
      reorgs += run.reorgs
    }
    // the lives are eventful: they sign, they die, and the guard has something to refuse
    assert.ok(signed > 5 * RUNS, `only ${signed} signatures`)
    assert.ok(restarts > RUNS / 2, `only ${restarts} restarts`)
    assert.ok(reorgs > RUNS, `only ${reorgs} reorgs of final blocks`)
    assert.ok(refused > RUNS / 10, `only ${refused} refusals`)
  })

  it('would be found out by these very lives, were it not for the guard', async () => {
    let [conflicts, accused] = [0, 0]
    for (let i = 0; i < 200 && (conflicts === 0 || accused === 0); i++) {
      const run = await honestRun({ seed: SEED + i, guarded: false })
      conflicts += run.conflicts.length
      accused += run.accused
    }
    assert.ok(conflicts > 0, 'no life made an operator without a guard sign twice')
    assert.ok(accused > 0, 'nobody noticed an operator that signed twice')
  })
})
