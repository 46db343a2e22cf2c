import assert from 'node:assert/strict'
import { openEpochs } from '../../../src/chain/epochs.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { weightNow, weightOf } from '../../../src/types/epoch.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { FakeServiceManager, operator, SERVICE_MANAGER } from '../../support/fakeServiceManager.ts'

const NOW = 1_700_000_000

/** Blocks until what was done is final. */
const FINAL = 3

async function opening(prepare: (manager: FakeServiceManager) => void, keep?: number) {
  const clock = new SimClock(NOW * 1_000)
  const manager = new FakeServiceManager(clock)
  prepare(manager)
  manager.chain.mine(FINAL)
  const metrics = createMetrics()
  const epochs = await openEpochs({
    chain: manager.chain.as(operator(0)),
    serviceManager: SERVICE_MANAGER,
    clock,
    log: silentLog,
    metrics,
    ...(keep === undefined ? {} : { keep }),
  })
  let changes = 0
  epochs.onChange(() => changes++)
  return { clock, manager, epochs, metrics, changes: () => changes }
}

describe('epochs', () => {
  it('are read whole, by pages, with keys, weights and revoked rows', async () => {
    const weights = Array.from({ length: 250 }, (_, i) => BigInt(i + 1))
    const { manager, epochs } = await opening((m) => {
      m.add(NOW + 10, weights)
      m.revoke(1, 0)
      m.revoke(1, 249)
    })
    const table = epochs.byNumber(1n)
    assert.ok(table !== undefined)
    assert.equal(table.members.length, 250)
    assert.deepEqual(table.members[200], {
      index: 200,
      operator: operator(200),
      publicKey: new Uint8Array(96).fill(200),
      weight: 201n,
    })
    assert.equal(table.totalWeight, 31_375n)
    assert.equal(table.quorumBps, 6_667)
    assert.deepEqual([...table.revoked], [0, 249])
    assert.equal(manager.count('epochRows'), 3)
    epochs.close()
  })

  it('answer for a time as the contract does', async () => {
    const { epochs } = await opening((m) => {
      m.add(NOW + 10, [1n], 1_000)
      m.add(NOW + 100, [1n], 50)
    })
    const number = (time: number) => epochs.at(NOW + time)?.number
    assert.deepEqual([9, 10, 99, 100, 149, 150, 500].map(number), [undefined, 1n, 1n, 2n, 2n, undefined, undefined])
    assert.deepEqual(
      epochs.tables().map(({ endsAt }) => endsAt),
      [NOW + 100, undefined],
    )
    epochs.close()
  })

  it('follow events at once', async () => {
    const { clock, manager, epochs, metrics, changes } = await opening((m) => m.add(NOW, [5n, 6n]))
    manager.add(NOW + 50, [5n, 6n, 7n])
    manager.chain.mine()
    await clock.advance(0)
    assert.equal(epochs.tables()[1]?.members.length, 3)
    assert.equal(epochs.byNumber(1n)?.endsAt, NOW + 50)
    assert.equal(changes(), 1)
    manager.revoke(1, 1)
    manager.chain.mine()
    await clock.advance(0)
    assert.deepEqual([...(epochs.byNumber(1n)?.revokedNow ?? [])], [1])
    assert.equal(changes(), 2)
    const { body } = await metrics.expose()
    assert.match(body, new RegExp(`lariat_epoch_number\\{contract="${SERVICE_MANAGER}"\\} 2`))
    epochs.close()
  })

  it('are read again now and then, cheaply, and tell nothing when nothing changed', async () => {
    const { clock, manager, epochs, changes } = await opening((m) => m.add(NOW, [5n]))
    manager.chain.mine(5)
    await clock.advance(30_000)
    const rows = manager.count('epochRows')
    await clock.advance(300_000)
    assert.equal(manager.count('epochRows'), rows, 'final rows are not read again')
    assert.equal(changes(), 0)
    // An event that never comes is made up for.
    manager.epochs[0]?.revoked.set(0, 1n)
    await clock.advance(30_000)
    assert.equal(changes(), 1)
    epochs.close()
  })

  it('count when they are final: before, a reorg or a false word can make a wrong table', async () => {
    const { clock, manager, epochs, changes } = await opening((m) => m.add(NOW, [5n, 5n]))
    manager.add(NOW + 90, [5n, 6n])
    manager.chain.mine()
    await clock.advance(0)
    assert.equal(epochs.tables().length, 2, 'it is shown')
    assert.equal(epochs.byNumber(2n), undefined)
    assert.equal(epochs.at(NOW + 89)?.number, 1n)
    assert.equal(epochs.at(NOW + 90), undefined, 'neither the old one, which may be over, nor the new one')
    const [, epoch] = manager.epochs
    assert.ok(epoch !== undefined)
    epoch.weights = [5n, 6n, 9n]
    manager.chain.mine(FINAL)
    await clock.advance(0)
    assert.equal(epochs.byNumber(2n)?.members.length, 3)
    assert.equal(epochs.at(NOW + 90)?.number, 2n)
    assert.equal(changes(), 2)
    epochs.close()
  })

  it('lose weight at once for certificates, and for what is signed when the block is final', async () => {
    const { clock, manager, epochs, changes } = await opening((m) => m.add(NOW, [5n, 6n, 7n]))
    const weights = () => {
      const table = epochs.byNumber(1n)
      return table === undefined ? [] : [weightOf(table, [0, 1, 2]), weightNow(table, [0, 1, 2])]
    }
    manager.revoke(1, 1)
    manager.chain.mine()
    await clock.advance(0)
    assert.deepEqual(weights(), [18n, 12n])
    manager.chain.mine()
    await clock.advance(0)
    assert.deepEqual(weights(), [18n, 12n], 'it is not final yet')
    // a reorg undoes it: nothing that was signed rested on it
    manager.epochs[0]?.revoked.clear()
    manager.chain.mine()
    await clock.advance(0)
    assert.deepEqual(weights(), [18n, 18n])
    manager.revoke(1, 2)
    manager.chain.mine()
    await clock.advance(0)
    assert.deepEqual(weights(), [18n, 11n])
    manager.chain.mine(FINAL)
    await clock.advance(0)
    assert.deepEqual(weights(), [11n, 11n])
    assert.equal(changes(), 4)
    const reads = manager.count('revokedRows')
    manager.chain.mine(FINAL)
    await clock.advance(0)
    assert.equal(manager.count('revokedRows'), reads, 'what is final needs no other look')
    epochs.close()
  })

  it('that are final are not hidden by newer ones of which a provider only tells', async () => {
    const { manager, epochs } = await opening((m) => {
      m.add(NOW, [5n])
      m.invented = 1_000n
    })
    assert.deepEqual(
      epochs.tables().map(({ number }) => number),
      [1n],
    )
    assert.ok(manager.count('epochInfo') < 5)
    epochs.close()
  })

  it('are forgotten when their grace is over, and never more than agreed are kept', async () => {
    const { clock, manager, epochs } = await opening((m) => {
      for (let i = 0; i < 5; i++) m.add(NOW + 100 * i, [1n], 1_000)
    }, 3)
    const numbers = () => epochs.tables().map(({ number }) => number)
    assert.deepEqual(numbers(), [3n, 4n, 5n])
    await clock.advance(370_000)
    await epochs.refresh()
    assert.deepEqual(numbers(), [4n, 5n], 'epoch 3 ended at +300 and its grace at +360')
    await clock.advance(4_000_000)
    assert.deepEqual(numbers(), [5n], 'the newest stays, expired as it is')
    assert.equal(epochs.at(clock.now() / 1_000), undefined)
    manager.chain.stop()
    epochs.close()
  })

  it('keep what they know while the chain fails, and catch up', async () => {
    const { clock, manager, epochs, metrics } = await opening((m) => m.add(NOW, [5n]))
    manager.chain.contract(SERVICE_MANAGER, {
      latestEpoch: () => {
        throw new Error('down')
      },
    })
    await clock.advance(40_000)
    assert.equal(epochs.at(NOW + 40)?.number, 1n)
    manager.add(NOW + 100, [5n])
    manager.chain.mine(FINAL)
    manager.chain.contract(SERVICE_MANAGER, { latestEpoch: () => 2n })
    await clock.advance(2_000)
    assert.equal(epochs.byNumber(2n)?.number, 2n)
    assert.match(
      (await metrics.expose()).body,
      /lariat_service_manager_read_failures_total\{[^}]*what="epochs"\} [1-9]/,
    )
    epochs.close()
  })

  it('that contradict themselves are not taken', async () => {
    const clock = new SimClock(NOW * 1_000)
    for (const broken of [
      { epochRows: () => [[operator(0)], [`0x${'11'.repeat(96)}`], [4n]] },
      { epochRows: () => [[operator(0)], [`0x${'11'.repeat(95)}`], [5n]] },
      { epochRows: () => [[operator(0)], [`0x${'11'.repeat(96)}`], [0n]] },
      { epochRows: () => [[], [], []] },
      {
        epochInfo: () => ({ activatesAt: 1n, validUntil: 2n, totalWeight: 5n, operators: 4_000_000, builtAtBlock: 1n }),
      },
    ]) {
      const manager = new FakeServiceManager(clock)
      manager.add(NOW, [5n])
      manager.chain.mine(FINAL)
      manager.chain.contract(SERVICE_MANAGER, broken as never)
      const chain = manager.chain.as(operator(0))
      const options = { chain, serviceManager: SERVICE_MANAGER, clock, log: silentLog, metrics: createMetrics() }
      await assert.rejects(openEpochs(options), { code: 'chain.inconsistent' })
    }
  })

  it('may be none at all', async () => {
    const { clock, manager, epochs } = await opening(() => {})
    assert.equal(epochs.at(NOW), undefined)
    manager.add(NOW + 5, [1n])
    manager.chain.mine(FINAL)
    await clock.advance(0)
    assert.equal(epochs.at(NOW + 5)?.number, 1n)
    epochs.close()
  })
})
