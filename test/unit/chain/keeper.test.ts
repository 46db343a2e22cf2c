import assert from 'node:assert/strict'
import { createEpochKeeper, pageSize } from '../../../src/chain/keeper.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { FakeServiceManager, operator, SERVICE_MANAGER } from '../../support/fakeServiceManager.ts'

async function keeping(ranks: readonly number[]) {
  const clock = new SimClock()
  const manager = new FakeServiceManager(clock)
  for (let i = 0; i < 5; i++) manager.operators.push(operator(i))
  const keepers = ranks.map((rank, i) =>
    createEpochKeeper({
      chain: manager.chain.as(operator(i)),
      serviceManager: SERVICE_MANAGER,
      rank: () => rank,
      clock,
      log: silentLog,
      metrics: createMetrics(),
      checkMs: 1_000,
      rankDelayMs: 10_000,
    }),
  )
  for (const keeper of keepers) await keeper.start()
  const steps = () => manager.chain.sent.map(({ from, functionName }) => `${Number(from) - 1} ${functionName}`)
  return { clock, manager, keepers, steps, stop: () => Promise.all(keepers.map((keeper) => keeper.stop())) }
}

describe('the epoch keeper', () => {
  it('does nothing while no epoch is due', async () => {
    const { clock, steps, stop } = await keeping([0])
    await clock.advance(60_000)
    assert.deepEqual(steps(), [])
    await stop()
  })

  it('builds a whole epoch, page by page', async () => {
    const { clock, manager, steps, stop } = await keeping([0])
    manager.due = true
    await clock.advance(1_000)
    assert.deepEqual(steps(), ['0 beginEpoch', '0 addToEpoch', '0 addToEpoch', '0 addToEpoch', '0 finishEpoch'])
    assert.equal(manager.epochs.length, 1)
    await clock.advance(60_000)
    assert.equal(steps().length, 5)
    await stop()
  })

  it('asks for pages that fit into a transaction, however many strategies count', async () => {
    const { clock, manager, stop } = await keeping([0])
    manager.due = true
    manager.strategies = 5
    await clock.advance(1_000)
    assert.deepEqual(manager.asked, [83n, 83n, 83n])
    await stop()
    assert.deepEqual([1, 3, 4, 16].map(pageSize), [100, 100, 92, 38])
  })

  it('leaves it to the first in rank, and takes over when that one does nothing', async () => {
    const { clock, manager, steps, stop } = await keeping([1, 2])
    manager.due = true
    await clock.advance(9_000)
    assert.deepEqual(steps(), [])
    await clock.advance(3_000)
    assert.ok(steps().length === 5 && steps().every((step) => step.startsWith('0 ')), steps().join())
    await stop()
  })

  it('goes on from where another stopped, after waiting for it', async () => {
    const { clock, manager, steps, stop } = await keeping([1])
    manager.building = { added: 2 }
    await clock.advance(8_000)
    manager.building.added = 4
    await clock.advance(9_000)
    assert.deepEqual(steps(), [], 'the other one makes progress')
    await clock.advance(5_000)
    assert.deepEqual(steps(), ['0 addToEpoch', '0 finishEpoch'])
    await stop()
  })

  it('does not mind being overtaken', async () => {
    const { clock, manager, stop } = await keeping([0, 0, 0])
    manager.due = true
    await clock.advance(10_000)
    assert.equal(manager.epochs.length, 1)
    await stop()
  })

  it('goes on after a failure', async () => {
    const { clock, manager, steps, stop } = await keeping([0])
    manager.chain.contract(SERVICE_MANAGER, {
      epochDue: () => {
        throw new Error('down')
      },
    })
    await clock.advance(3_000)
    manager.chain.contract(SERVICE_MANAGER, {
      epochDue: () => manager.building === undefined && manager.epochs.length === 0,
    })
    await clock.advance(1_000)
    assert.equal(steps().length, 5)
    await stop()
  })

  it('stops at once', async () => {
    const { clock, manager, steps, stop } = await keeping([0])
    await stop()
    manager.due = true
    await clock.advance(60_000)
    assert.deepEqual(steps(), [])
  })
})
