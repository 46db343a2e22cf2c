import assert from 'node:assert/strict'
import { KINDS_OF_LIES, type OtherChains, otherChains } from '../../support/poison.ts'
import { poisonRun } from '../../support/poisonRun.ts'
import { type RecordedChain, recordChain } from '../../support/recordedChain.ts'

/** 40 with every test, 300 with every change, 10,000 by `npm run check:deep -- bridge-poison`. */
const RUNS = Number(process.env.LARIAT_POISON_RUNS ?? 40)
const SEED = Number(process.env.LARIAT_SEED ?? 20_261_125)
/** Runs from which on every kind of lie is among them. */
const MANY = 300

/**
 * What is assumed of the rest of the providers, which are honest: that they answer, with blocks that are not more than two minutes behind. Where
 * they are silent while the poisoned ones agree, all that answer lie alike, and that is outside of what docs/providers.md promises.
 */
describe(`a node up to two thirds of whose providers are poisoned, in ${RUNS} random lives (seed ${SEED})`, function () {
  this.timeout(Math.max(240_000, RUNS * 1_500))
  let world: { readonly chain: RecordedChain; readonly others: OtherChains }

  before(async () => {
    const chain = await recordChain()
    world = { chain, others: await otherChains(chain) }
  })

  it('hands over no false checkpoint, and all that are true when it is lied to no more, or by fewer than a third', async () => {
    let [tips, lies, mostly, distrusted, restarts, undone] = [0, 0, 0, 0, 0, 0]
    const kinds = new Set<string>()
    for (let i = 0; i < RUNS; i++) {
      const run = await poisonRun({ seed: SEED + i, ...world })
      const what = `seed ${SEED + i}, ${run.poisoned} of ${run.providers} poisoned (${run.kinds.join(', ')})`
      assert.deepEqual(run.unrecorded, [], what)
      assert.deepEqual(run.false, [], what)
      assert.equal(run.missing, undefined, what)
      assert.equal(run.halted, undefined, what)
      tips += run.tips
      lies += run.lies
      restarts += run.restarts
      undone += run.undone
      if (3 * run.poisoned >= 2 * run.providers) mostly++
      if (run.distrusted > 0) distrusted++
      for (const kind of run.kinds) kinds.add(kind)
    }
    // the lives are eventful
    assert.ok(tips > 8 * RUNS, `only ${tips} checkpoints`)
    assert.ok(lies > 20 * RUNS, `only ${lies} false answers`)
    assert.ok(mostly > RUNS / 2, `only ${mostly} with two thirds of the providers poisoned`)
    assert.ok(distrusted > RUNS / 20, `only ${distrusted} in which providers contradicted each other`)
    assert.ok(restarts > RUNS / 10 && undone > RUNS / 4, `only ${restarts} restarts, ${undone} undone blocks`)
    if (RUNS >= MANY) assert.deepEqual([...kinds].sort(), [...KINDS_OF_LIES].sort())
  })

  it('would hand over false ones in these very lives, if it believed one of them', async () => {
    let [wrong, early] = [0, 0]
    for (let i = 0; i < 60 && (wrong === 0 || early === 0); i++) {
      const run = await poisonRun({ seed: SEED + i, ...world, credulous: true })
      wrong += run.false.filter((one) => one.includes('root')).length
      early += run.false.filter((one) => one.includes('is final')).length
    }
    assert.ok(wrong > 0, 'no other chain was believed')
    assert.ok(early > 0, 'no block was believed to be final before it was')
  })
})
