import assert from 'node:assert/strict'
import { onBlock, onCron, onInterval } from '../../../src/avs/api.ts'
import { CLOCK_SKEW_MS, windowOf } from '../../../src/avs/window.ts'

const GENESIS = 1_700_000_000
const at = (slot: number, interval = 2) => (GENESIS + slot * interval) * 1000

describe('slot window', () => {
  it('opens interval slots at their time and closes them after a while', () => {
    const window = windowOf([onInterval({ genesis: GENESIS, interval: 2 })])
    assert.equal(window.timeOf(100n), at(100))
    assert.deepEqual(window.signable(at(100)), { from: 70n, to: 100n })
    assert.equal(window.signable(at(101) - 1).to, 100n)
    assert.equal(window.place(100n, at(100)), 'open')
    assert.equal(window.place(101n, at(101) - CLOCK_SKEW_MS), 'open')
    assert.equal(window.place(102n, at(102) - CLOCK_SKEW_MS - 1), 'too-new')
    assert.equal(window.place(70n, at(100)), 'open')
    assert.equal(window.place(69n, at(100)), 'too-old')
  })

  it('takes the Unix second of a cron time as the slot', () => {
    const window = windowOf([onCron('0 * * * * *', { deadlineMs: 1000 })])
    assert.equal(window.timeOf(1_700_000_040n), 1_700_000_040_000)
    assert.equal(window.signable(1_700_000_040_500).to, 1_700_000_040n)
  })

  it('keeps index slots near the highest one triggered', () => {
    const window = windowOf([onBlock({ every: 1n, deadlineMs: 1000 })])
    assert.equal(window.timeOf(5n), undefined)
    window.triggered(1000n)
    window.triggered(10n)
    assert.deepEqual(window.signable(0), { from: 744n, to: 1000n })
    assert.equal(window.place(743n, 0), 'too-old')
    assert.equal(window.place(1256n, 0), 'open')
    assert.equal(window.place(1257n, 0), 'too-new')
  })

  it('refuses triggers that name slots in different ways', () => {
    const block = onBlock({ every: 1n, deadlineMs: 1 })
    assert.throws(() => windowOf([]), { code: 'plugin.invalid' })
    assert.throws(() => windowOf([block, onInterval({ genesis: 0, interval: 1 })]), { code: 'plugin.invalid' })
  })
})
