import assert from 'node:assert/strict'
import { Loop } from '../../../../src/avs/randomness/loop.ts'

describe('a loop', () => {
  it('runs once more when it is asked in the very moment in which a run ends', async () => {
    // Some microtasks lie between the end of a run and that of the loop: asked in each of them, it runs again.
    for (let ticks = 0; ticks < 6; ticks++) {
      let runs = 0
      const loop = new Loop(async () => void runs++, new AbortController().signal)
      loop.kick()
      for (let i = 0; i < ticks; i++) await null
      loop.kick()
      for (let i = 0; i < 20; i++) await null
      assert.equal(runs, 2, `asked ${ticks} microtasks after the first`)
    }
  })

  it('runs one at a time, and not when it is stopped', async () => {
    const stop = new AbortController()
    let [runs, under] = [0, 0]
    const loop = new Loop(async () => {
      runs++
      assert.equal(++under, 1)
      await null
      under--
    }, stop.signal)
    for (let i = 0; i < 3; i++) loop.kick()
    await loop.idle()
    assert.equal(runs, 2)
    stop.abort()
    loop.kick()
    await loop.idle()
    assert.equal(runs, 2)
  })
})
