import assert from 'node:assert/strict'
import { RELAY_STORE_SPEC } from '../../../../../src/avs/bridge/relay/records.ts'
import type { Relayer } from '../../../../../src/avs/bridge/relay/relayer.ts'
import { memoryDataStore } from '../../../../../src/store/memory.ts'
import type { FakeDestination } from '../../../../support/bridgeDestination.ts'
import { ORIGIN, operator, RECIPIENT, reason, stopRelayers, world } from '../../../../support/relayWorld.ts'

describe('relayer, when things go wrong', () => {
  afterEach(stopRelayers)

  it('goes on after an outage of the destination, with the intent that it had', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    const { relayer, log, journal } = await start(0)
    await pass(1)
    there.down = true
    source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
    certificates.certify(source)
    await pass(40)
    assert.equal(reason(relayer, 0), 'destination-down')
    assert.ok(log.entries.filter(({ message }) => message === 'deliveries wait').length === 1)
    const before = there.reads
    await pass(30)
    assert.equal(there.reads, before)
    there.down = false
    await until(() => there.deliveries.length === 2, 'it does not go on')
    assert.ok(log.entries.some(({ message }) => message === 'deliveries go on'))
    assert.equal(journal.size, 2)
  })

  it('sends nothing twice after a restart, whatever was under way', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    source.dispatch(...Array.from({ length: 5 }, () => ({ recipient: RECIPIENT })))
    certificates.certify(source)
    const data = memoryDataStore()
    const journal = new Map<string, unknown>()
    // the process ends between the transaction and what it writes of it
    const first = await start(0, { data, journal })
    const { forget } = await stopAtReceipt(first, there, until)
    source.dispatch({ recipient: RECIPIENT })
    certificates.certify(source)
    forget()
    const { relayer } = await start(0, { data, journal })
    await until(() => there.deliveries.length === 6, 'it does not go on')
    await pass(5)
    assert.equal(there.chain.sent.filter(({ functionName }) => functionName === 'process').length, 6)
    await until(() => relayer.delivery(ORIGIN, 5)?.state === 'delivered', 'it is not final')
    // the one whose receipt nobody saw is known as its own
    const third = relayer.delivery(ORIGIN, 2)
    assert.ok(third?.state === 'delivered' && third.own)
    // nothing is left to look at
    const again = await start(0, { data, journal })
    await pass(1)
    const before = there.reads
    await pass(8)
    assert.ok(there.reads - before <= 8, `${there.reads - before} reads for nothing`)
    assert.equal(again.relayer.delivery(ORIGIN, 5)?.state, 'delivered')
  })

  /** Stops a relayer with its third delivery in a block, and its store as it was before the receipt. */
  async function stopAtReceipt(
    { relayer, data }: { relayer: Relayer; data: ReturnType<typeof memoryDataStore> },
    there: FakeDestination,
    until: (probe: () => boolean, otherwise: string) => Promise<void>,
  ) {
    const store = data.keyValues.open('bridge', 'relay', RELAY_STORE_SPEC)
    let before: { key: Uint8Array; value: Uint8Array }[] = []
    let cursors: [string, bigint][] = []
    const put = store.put.bind(store)
    there.onProcess = (count) => {
      if (count !== 3) return
      before = store.list({ limit: 1_000 })
      cursors = [...there.cursors.values]
    }
    await until(() => there.deliveries.length >= 3, 'nothing is delivered')
    await relayer.stop()
    return {
      forget() {
        for (const { key } of store.list({ limit: 1_000 })) store.delete(key)
        for (const { key, value } of before) put(key, value)
        there.cursors.values.clear()
        for (const [name, position] of cursors) there.cursors.values.set(name, position)
      },
    }
  }

  it('passes over what is not kept, before and after it began to wait', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT }, { recipient: RECIPIENT })
    source.forget(0)
    const { relayer } = await start(0)
    await pass(2)
    source.forget(1)
    certificates.certify(source)
    await until(() => there.deliveries.length === 1, 'nothing is delivered')
    assert.equal(there.deliveries[0]?.leaf, 2)
    assert.equal(relayer.delivery(ORIGIN, 0), undefined)
    assert.equal(reason(relayer, 1), 'not-kept')
  })

  it('takes up a delivery of another’s again that was undone, and settles one that nothing told of', async () => {
    const { clock, source, there, certificates, start, until, pass } = world({ operators: 1 })
    const [undone, stays] = source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
    assert.ok(undone && stays)
    certificates.certify(source)
    for (const { id } of [undone, stays]) there.delivered.set(id, { block: 1n, by: operator(7) })
    const { relayer } = await start(0)
    await until(() => relayer.delivery(ORIGIN, 1)?.state === 'landed', 'it is not seen')
    there.delivered.delete(undone.id)
    await pass(5)
    assert.equal(relayer.delivery(ORIGIN, 0)?.state, 'landed')
    await clock.advance(1_800_000)
    await until(() => there.deliveries.length === 1, 'it is thought to be there')
    assert.equal(there.deliveries[0]?.id, undone.id)
    assert.deepEqual(relayer.delivery(ORIGIN, 1), {
      ...{ state: 'delivered', transaction: null, block: 1n, time: null, own: false },
    })
  })
})
