import assert from 'node:assert/strict'
import { createTask } from '../../../src/testnet/task.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('a task of the testnet', () => {
  it('is done again and again, errors told, until it is stopped', async () => {
    const clock = new SimClock()
    const errors: string[] = []
    let times = 0
    const task = createTask({
      everyMs: 1_000,
      clock,
      onError: (what) => errors.push(what),
      async work() {
        times++
        if (times === 2) throw new Error('no answer')
      },
    })
    task.start()
    for (let i = 0; i < 3; i++) await clock.advance(1_000)
    assert.ok(times >= 3, `${times}`)
    assert.deepEqual(errors, ['no answer'])
    await task.stop()
    const before = times
    await clock.advance(10_000)
    assert.equal(times, before)
  })

  it('rests while it is paused, once what was under way has ended', async () => {
    const clock = new SimClock()
    const begun: (() => void)[] = []
    const task = createTask({
      everyMs: 1_000,
      clock,
      onError: assert.fail,
      work: () => new Promise<void>((resolve) => begun.push(resolve)),
    })
    task.start()
    await clock.advance(1)
    assert.equal(begun.length, 1)
    let paused = false
    const pausing = task.pause().then(() => {
      paused = true
    })
    await clock.advance(5_000)
    assert.equal(paused, false)
    begun[0]?.()
    await pausing
    await clock.advance(5_000)
    assert.equal(begun.length, 1)
    task.resume()
    await clock.advance(2_000)
    assert.equal(begun.length, 2)
    begun[1]?.()
    await task.stop()
  })
})
