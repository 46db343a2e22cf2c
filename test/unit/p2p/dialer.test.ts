import assert from 'node:assert/strict'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { Dialer } from '../../../src/p2p/dialer.ts'
import { createP2pMetrics } from '../../../src/p2p/metrics.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

/** A dialer at `self`, what it dialled when (ms from the start), and the state that it sees. */
function setUp(self: string, answers: (peer: string) => boolean | Promise<boolean> = () => true) {
  const clock = new SimClock(0)
  const dialled: [string, number][] = []
  const connected = new Set<string>()
  const bans = new Map<string, number>()
  const dialer = new Dialer({
    clock,
    log: silentLog,
    metrics: createP2pMetrics(createMetrics(), () => ({ connected: 0, allowed: 0 })),
    self,
    isConnected: (peer) => connected.has(peer),
    bannedMs: (peer) => Math.max(0, (bans.get(peer) ?? 0) - clock.now()),
    async dial({ id }) {
      dialled.push([id, clock.now()])
      if (!(await answers(id))) throw new Error('refused')
      connected.add(id)
    },
    random: () => 1,
  })
  return { clock, dialer, dialled, connected, bans }
}
const peer = (id: string, ...addresses: string[]) => ({ id, addresses: addresses.length > 0 ? addresses : ['x'] })

describe('dialer', () => {
  it('dials larger ids at once and leaves smaller ones the first turn', async () => {
    const { clock, dialer, dialled } = setUp('m')
    dialer.setPeers([peer('a'), peer('z')])
    await clock.advance(0)
    assert.deepEqual(dialled, [['z', 0]])
    await clock.advance(5_000)
    assert.deepEqual(dialled.slice(1), [['a', 2_000]])
  })

  it('does not dial who is connected already, nor who has no address', async () => {
    const { clock, dialer, dialled, connected } = setUp('a')
    connected.add('b')
    dialer.setPeers([peer('b'), { id: 'c', addresses: [] }])
    await clock.advance(60_000)
    assert.deepEqual(dialled, [])
  })

  it('retries for ever, ever later up to three seconds', async () => {
    const { clock, dialer, dialled } = setUp('a', () => false)
    dialer.setPeers([peer('b')])
    await clock.advance(30_000)
    const times = dialled.map(([, at]) => at)
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
    assert.deepEqual(gaps.slice(0, 6), [100, 200, 400, 800, 1_600, 3_000])
    assert.ok(gaps.slice(6).every((gap) => gap === 3_000) && gaps.length > 12)
  })

  it('comes back at once after a good connection, and ever later when the peer hangs up each time', async () => {
    const { clock, dialer, dialled, connected } = setUp('a')
    dialer.setPeers([peer('b')])
    await clock.advance(0)
    const lose = async (heldMs: number): Promise<number> => {
      const from = clock.now()
      connected.clear()
      dialer.disconnected('b', heldMs)
      await clock.advance(4_000)
      return (dialled.at(-1)?.[1] ?? 0) - from
    }
    assert.equal(await lose(60_000), 100)
    assert.equal(await lose(60_000), 100)
    // it was refused: the peer may have cut an older connection of ours for it
    assert.equal(await lose(10), 100)
    const from = clock.now()
    dialer.disconnected('b', 10)
    await clock.advance(99)
    connected.clear()
    dialer.disconnected('b', 10)
    await clock.advance(4_000)
    assert.equal((dialled.at(-1)?.[1] ?? 0) - from, 99 + 800)
    assert.equal(await lose(60_000), 100)
  })

  it('waits for the end of a ban', async () => {
    const { clock, dialer, dialled, bans } = setUp('a')
    bans.set('b', 20_000)
    dialer.setPeers([peer('b')])
    await clock.advance(19_999)
    assert.deepEqual(dialled, [])
    await clock.advance(1)
    assert.deepEqual(dialled, [['b', 20_000]])
  })

  it('forgets removed peers, and dials new addresses at once', async () => {
    const { clock, dialer, dialled } = setUp('a', () => false)
    dialer.setPeers([peer('b'), peer('c')])
    await clock.advance(10_000)
    dialer.setPeers([peer('c', 'elsewhere')])
    const before = dialled.length
    await clock.advance(0)
    assert.deepEqual(dialled.slice(before), [['c', 10_000]])
    await clock.advance(10_000)
    assert.ok(dialled.slice(before).every(([id]) => id === 'c'))
  })

  it('dials only some at once, and the others as soon as there is place', async () => {
    const { clock, dialer, dialled } = setUp(
      'a',
      () => new Promise((resolve) => clock.after(1_000, () => resolve(true))),
    )
    dialer.setPeers(Array.from({ length: 20 }, (_, i) => peer(`b${i}`)))
    await clock.advance(900)
    assert.equal(dialled.length, 8)
    await clock.advance(200)
    assert.equal(dialled.length, 16)
    await clock.advance(1_000)
    assert.equal(new Set(dialled.map(([id]) => id)).size, 20)
  })

  it('dials nothing after stop', async () => {
    const { clock, dialer, dialled } = setUp('a', () => false)
    dialer.setPeers([peer('b')])
    await clock.advance(1_000)
    const before = dialled.length
    dialer.stop()
    dialer.disconnected('b', 10_000)
    await clock.advance(60_000)
    assert.equal(dialled.length, before)
  })
})
