import assert from 'node:assert/strict'
import { bridgeRun } from '../support/bridgeRun.ts'

/** 40 with every test, 300 with every change, 10,000 by `npm run check:deep -- bridge`. */
const RUNS = Number(process.env.LARIAT_BRIDGE_RUNS ?? 40)
const SEED = Number(process.env.LARIAT_SEED ?? 20_261_124)

describe(`a bridge under a third of whose operators is lied to, in ${RUNS} random lives (seed ${SEED})`, function () {
  this.timeout(Math.max(120_000, RUNS * 2_000))

  it('has no false certificate, and one for all that is final', async () => {
    let [certificates, lies, reorgs, restarts, poisoned] = [0, 0, 0, 0, 0]
    for (let i = 0; i < RUNS; i++) {
      const run = await bridgeRun(SEED + i)
      assert.deepEqual(run.false, [], `seed ${SEED + i}`)
      assert.equal(run.uncovered, 0, `seed ${SEED + i}: leaves without a certificate`)
      certificates += run.certificates
      lies += run.lies
      reorgs += run.reorgs
      restarts += run.restarts
      poisoned += run.poisoned
    }
    assert.ok(certificates > 5 * RUNS, `only ${certificates} certificates`)
    assert.ok(poisoned >= RUNS, `only ${poisoned} operators were lied to`)
    assert.ok(lies > RUNS, `only ${lies} false messages`)
    assert.ok(reorgs > RUNS && restarts > RUNS / 10, `only ${reorgs} reorgs and ${restarts} restarts`)
  })
})
