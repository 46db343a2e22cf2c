import assert from 'node:assert/strict'
import { square } from '../support/services.ts'
import { payloadOf, SERVICE } from '../support/simnet.ts'
import { type SimRun, simRun } from '../support/simrun.ts'

const SEED = 7

describe(`identical agreement, simulated (seed ${SEED})`, () => {
  let run: SimRun
  afterEach(() => run.stop())

  it('certifies what everyone computes', async () => {
    run = await simRun({ count: 4, seed: SEED, definition: square({ observe: (_, slot) => slot ** 2n }) })
    await run.pass(10)
    for (const index of [0, 1, 2, 3]) {
      const all = run.records(index)
      assert.ok(all.length >= 8)
      for (const { slot, outcome } of all) {
        assert.equal(outcome, 'certified')
        assert.equal(run.nodes[index]?.data.certificates.get(SERVICE, slot)?.payload, payloadOf(slot ** 2n))
      }
      assert.deepEqual(await run.nodes[index]?.runner.problems(), [], 'certificates come, and are called late')
    }
  })

  it('outvotes one that computes something else', async () => {
    const definition = square({ observe: (operator, slot) => (operator.endsWith('2') ? 0n : slot ** 2n) })
    run = await simRun({ count: 4, seed: SEED, definition })
    await run.pass(10)
    for (const { slot, outcome, signers } of run.records(0)) {
      assert.equal(outcome, 'certified', `slot ${slot}`)
      assert.equal(signers.length, 3)
    }
  })

  it('kills the slot when the votes are split, with a reason', async () => {
    const definition = square({ observe: (operator, slot) => (BigInt(operator.slice(-1)) % 2n) + slot })
    run = await simRun({ count: 4, seed: SEED, definition })
    await run.pass(6)
    const closed = run.records(0)
    assert.ok(closed.length >= 3)
    for (const { outcome, reason } of closed) assert.deepEqual([outcome, reason], ['missed', 'aggregate.no-quorum'])
  })

  it('counts weight, not heads', async () => {
    // operators 1 and 2 hold 80 of 100: the other two are not needed
    run = await simRun({
      count: 4,
      seed: SEED,
      weights: [40n, 40n, 10n, 10n],
      definition: square({ observe: (_, slot) => slot ** 2n }),
      down: [2, 3],
    })
    await run.pass(8)
    for (const { outcome, signers } of run.records(0)) {
      assert.equal(outcome, 'certified')
      assert.deepEqual(signers.length, 2)
    }
  })

  it('submits by rank: once when the first is up, by the next when it is down', async () => {
    const landed = new Map<bigint, string[]>()
    const definition = square({
      observe: (_, slot) => slot ** 2n,
      submit(operator, slot) {
        const by = landed.get(slot) ?? []
        if (by.length > 0) return { status: 'already-there' }
        landed.set(slot, [...by, operator])
        return { status: 'landed', receipt: { hash: '0x', blockNumber: 1n, gasUsed: 1n, status: 'success' } }
      },
    })
    run = await simRun({ count: 4, seed: SEED, definition, down: [1] })
    await run.pass(12)
    await run.clock.advance(10_000)
    const slots = run.records(0).filter(({ outcome }) => outcome === 'landed')
    assert.ok(slots.length >= 8)
    for (const { slot } of slots) assert.equal(landed.get(slot)?.length, 1)
  })
})
