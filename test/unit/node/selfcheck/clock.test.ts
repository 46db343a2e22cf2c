import assert from 'node:assert/strict'
import { clockCheck, type PeerClock } from '../../../../src/node/selfcheck/clock.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const HOUR_MS = 3_600_000
const { signal } = new AbortController()

describe('the self-check of the clock', () => {
  /** A machine that was restored from a snapshot: its clocks go on from there, while the chain has gone on. */
  function restored(clocks: readonly PeerClock[]) {
    const clock = new SimClock()
    const chain = { aheadMs: -2_000 }
    const check = clockCheck({
      clock,
      wall: () => clock.now(),
      peers: async () => ({ clocks, weight: 3 }),
      headTime: () => BigInt(Math.floor((clock.now() + chain.aheadMs) / 1_000)),
    })
    return { clock, chain, check, stops: () => check.now?.() }
  }
  const others = (offsetMs: number): PeerClock[] => [
    { offsetMs, weight: 1 },
    { offsetMs, weight: 2 },
  ]

  it('stops signing as soon as the chain is suddenly ahead, before anybody has set the machine’s clock', async () => {
    const { chain, check, stops } = restored(others(HOUR_MS))
    chain.aheadMs = HOUR_MS
    assert.equal(stops(), undefined, 'before the first look nothing is signed anyway')
    chain.aheadMs = -2_000
    await check.run(signal)
    chain.aheadMs = 14_000
    assert.equal(stops(), undefined)
    chain.aheadMs = HOUR_MS
    assert.match(stops() ?? '', /the newest block is suddenly 3600\.0 s ahead.*restored from a snapshot/)
    const found = await check.run(signal)
    assert.equal(found?.status, 'fail')
    assert.match(found?.reason ?? '', /3600\.0 s behind the other operators'/)
  })

  it('measures how far it is ahead of the other operators', async () => {
    const measured: number[] = []
    const clock = new SimClock()
    const check = (clocks: readonly PeerClock[]) =>
      clockCheck({
        clock,
        wall: () => clock.now(),
        peers: async () => ({ clocks, weight: 3 }),
        headTime: () => BigInt(Math.floor(clock.now() / 1_000)),
        measured: (aheadMs) => measured.push(aheadMs),
      }).run(signal)
    await check(others(-300))
    await check(others(HOUR_MS))
    await check([])
    assert.deepEqual(measured, [300, -HOUR_MS, 0])
  })

  it('goes by the other operators’ clocks when a look has asked them', async () => {
    const { chain, check, stops } = restored(others(0))
    assert.equal(await check.run(signal), undefined)
    chain.aheadMs = HOUR_MS
    assert.notEqual(stops(), undefined)
    assert.equal((await check.run(signal))?.status, 'warn')
    assert.equal(stops(), undefined, 'they share our clock: it is the chain that is ahead')
    chain.aheadMs = 2 * HOUR_MS
    assert.notEqual(stops(), undefined, 'further ahead')
    chain.aheadMs = -2_000
    assert.equal(stops(), undefined)
  })
})
