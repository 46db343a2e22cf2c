import assert from 'node:assert/strict'
import { createScores } from '../../../src/p2p/scoring.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const LIMITS = { banScore: 100, banMs: 60_000, forgivenPerSecond: 0.5 }

describe('peer scores', () => {
  it('add up to a ban, which ends', async () => {
    const clock = new SimClock()
    const scores = createScores(clock, LIMITS)
    for (let i = 0; i < 4; i++) assert.equal(scores.penalize('a', 'invalid-signature'), false)
    assert.equal(scores.pointsOf('a'), 80)
    assert.equal(scores.bannedMs('a'), 0)
    assert.equal(scores.penalize('a', 'invalid-signature'), true)
    assert.equal(scores.bannedMs('a'), 60_000)
    assert.equal(scores.bannedMs('b'), 0)
    await clock.advance(59_999)
    assert.equal(scores.bannedMs('a'), 1)
    await clock.advance(1)
    assert.equal(scores.bannedMs('a'), 0)
    assert.equal(scores.pointsOf('a'), 0)
  })

  it('are forgiven with time', async () => {
    const clock = new SimClock()
    const scores = createScores(clock, LIMITS)
    scores.penalize('a', 'malformed')
    await clock.advance(10_000)
    assert.equal(scores.pointsOf('a'), 5)
    await clock.advance(60_000)
    assert.equal(scores.pointsOf('a'), 0)
  })

  it('ban for one equivocation', () => {
    assert.equal(createScores(new SimClock(), LIMITS).penalize('a', 'equivocation'), true)
  })

  it('ban once while a ban lasts', () => {
    const scores = createScores(new SimClock(), LIMITS)
    assert.equal(scores.penalize('a', 'equivocation'), true)
    assert.equal(scores.penalize('a', 'equivocation'), false)
    assert.equal(scores.bannedMs('a'), 60_000)
  })

  it('forget the peers that were heard of longest ago', () => {
    const scores = createScores(new SimClock(), LIMITS)
    for (let i = 0; i < 5_000; i++) scores.penalize(`peer ${i}`, 'malformed')
    assert.equal(scores.pointsOf('peer 0'), 0)
    assert.equal(scores.pointsOf('peer 4999'), 10)
  })
})
