import assert from 'node:assert/strict'
import { createMetrics, SimClock } from 'lariat/avs'
import { type RelayConfig, relaySchema } from '../../../../../src/avs/bridge/relay/config.ts'
import { relayMetrics } from '../../../../../src/avs/bridge/relay/metrics.ts'
import type { Correction, RelayPorts, Revocation } from '../../../../../src/avs/bridge/relay/ports.ts'
import { RELAY_STORE_SPEC } from '../../../../../src/avs/bridge/relay/records.ts'
import { Relayer } from '../../../../../src/avs/bridge/relay/relayer.ts'
import {
  EPOCHS_SERVICE,
  epochPayload,
  type HandedEpoch,
  Level,
  REVOCATIONS_SERVICE,
  revocationPayload,
  revocationSlot,
  streamService,
} from '../../../../../src/avs/bridge/statements.ts'
import { memoryDataStore } from '../../../../../src/store/memory.ts'
import type { Address } from '../../../../../src/util/hex.ts'
import { HOOK, MemoryCertificates, memorySource } from '../../../../support/bridge.ts'
import { FakeDestination } from '../../../../support/bridgeDestination.ts'
import { eventually } from '../../../../support/eventually.ts'
import { memoryLog } from '../../../../support/memoryLog.ts'

const [ORIGIN, OTHER, THERE] = [1_000, 1_001, 2_000]
const operator = (i: number): Address => `0x${`0${i + 1}`.repeat(20)}`
const RECIPIENT: Address = `0x${'ee'.repeat(20)}`
const BAD: Address = `0x${'bd'.repeat(20)}`

describe('relayer', () => {
  const stops: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  function world({ level = Level.finalized as Level, operators = 2 } = {}) {
    const clock = new SimClock(1_700_000_000_000)
    const source = memorySource({ domain: ORIGIN, destination: THERE, now: () => clock.now() })
    const other = memorySource({ domain: OTHER, destination: THERE, now: () => clock.now() })
    const there = new FakeDestination(THERE, clock)
    const certificates = new MemoryCertificates()
    for (const domain of [ORIGIN, OTHER]) there.services.set(domain, streamService({ domain, hook: HOOK }, level))
    const members = Array.from({ length: operators }, (_, i) => ({ operator: operator(i) }))
    const handed = new Map<bigint, HandedEpoch>()
    const revocations: Revocation[] = []
    const corrections: Correction[] = []
    const ports: RelayPorts = {
      sources: new Map([
        [ORIGIN, source],
        [OTHER, other],
      ]),
      certificates,
      epochs: { at: () => ({ members }) },
      handedEpoch: (number) => handed.get(number),
      revocations: () => revocations,
      corrections: () => corrections,
    }
    return {
      ...{ clock, source, other, there, certificates, handed, revocations, corrections },
      async start(
        i: number,
        options: {
          config?: Partial<RelayConfig>
          data?: ReturnType<typeof memoryDataStore>
          journal?: Map<string, unknown>
        } = {},
      ) {
        const { config, data = memoryDataStore(), journal = new Map<string, unknown>() } = options
        const log = memoryLog()
        const metrics = createMetrics()
        const relayer = new Relayer({
          ...{ clock, log, ports, operator: operator(i), destination: there.as(operator(i), journal) },
          config: { ...relaySchema.parse({}), ...config },
          store: data.keyValues.open('bridge', 'relay', RELAY_STORE_SPEC),
          metrics: relayMetrics(metrics),
        })
        await relayer.start()
        stops.push(() => relayer.stop())
        return { relayer, log, metrics, data, journal }
      },
      /** Seconds with a block each, until `probe`. */
      until: (probe: () => boolean, otherwise: string) =>
        eventually(async () => {
          await clock.advance(1_000)
          there.chain.mine()
          return probe()
        }, otherwise),
      async pass(seconds: number) {
        for (let i = 0; i < seconds; i++) {
          await clock.advance(1_000)
          there.chain.mine()
        }
      },
    }
  }
  const ids = (there: FakeDestination) => there.deliveries.map(({ id }) => id)

  it('delivers in the order of leaves: the first with the certificate, the next with their proofs alone', async () => {
    const { source, there, certificates, start, until } = world({ operators: 1 })
    const messages = source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT }, { recipient: RECIPIENT })
    source.dispatch({ recipient: RECIPIENT, destination: 3_000 })
    certificates.certify(source)
    const { relayer, metrics } = await start(0)
    await until(() => there.deliveries.length === 3, 'they are not delivered')
    assert.deepEqual(
      ids(there),
      messages.map(({ id }) => id),
    )
    assert.deepEqual(
      there.deliveries.map(({ certified }) => certified),
      [true, false, false],
    )
    await until(() => relayer.delivery(ORIGIN, 2)?.state === 'delivered', 'they are never final')
    const record = relayer.delivery(ORIGIN, 0)
    assert.ok(record?.state === 'delivered')
    assert.equal(record.own, true)
    assert.match(record.transaction ?? '', /^0x[0-9a-f]{64}$/)
    assert.equal(relayer.delivery(ORIGIN, 3), undefined)
    const { body } = await metrics.expose()
    assert.match(body, /lariat_bridge_messages_total\{origin="1000",destination="2000",state="dispatched"\} 3/)
    assert.match(body, /lariat_bridge_messages_total\{origin="1000",destination="2000",state="delivered"\} 3/)
    assert.match(body, /lariat_bridge_delivery_seconds_count\{origin="1000",destination="2000"\} 3/)
    assert.match(body, /lariat_bridge_delivery_gas_total\{origin="1000",destination="2000"\} 300000/)
  })

  for (const [functionName, lie] of [
    ['serviceOf', `0x${'00'.repeat(31)}ff`],
    ['isRemembered', true],
    ['delivered', true],
    ['latestEpoch', 255n],
    ['epochInfo', { activatesAt: 255n, acceptedUntil: 255n, rows: 255 }],
    ['recipientIsm', `0x${'00'.repeat(19)}ff`],
    ['revokedRows', '0xff'],
  ] as const) {
    it(`delivers all once a provider is found out that lied about ${functionName} for a while`, async () => {
      const { source, there, certificates, start, until, pass } = world({ operators: 1 })
      source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
      certificates.certify(source)
      there.lies.set(functionName, lie)
      await start(0)
      await pass(5)
      there.lies.clear()
      await until(() => there.deliveries.length === 2, 'they are not delivered')
    })
  }

  it('uses a root that is remembered although a newer certificate is there, and the newer one beyond it', async () => {
    const { source, there, certificates, start, until } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
    certificates.certify(source)
    await start(0)
    await until(() => there.deliveries.length === 2, 'they are not delivered')
    source.dispatch({ recipient: RECIPIENT })
    certificates.certify(source)
    await until(() => there.deliveries.length === 3, 'the third is not delivered')
    assert.deepEqual(
      there.deliveries.map(({ certified }) => certified),
      [true, false, true],
    )
  })

  it('says that a message is not attested to, and then goes', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT })
    const { relayer } = await start(0)
    await pass(3)
    assert.equal(reason(relayer, 0), 'not-attested')
    certificates.certify(source)
    await until(() => there.deliveries.length === 1, 'it is not delivered')
    source.dispatch({ recipient: RECIPIENT })
    await pass(3)
    assert.equal(reason(relayer, 1), 'not-attested')
  })

  it('tries a message again whose recipient reverts, with growing pauses, and holds up no other', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    there.reverting.set(BAD, 'AmountZero')
    source.dispatch({ recipient: BAD }, { recipient: RECIPIENT })
    certificates.certify(source)
    const { relayer, log } = await start(0)
    await until(() => there.deliveries.length === 1, 'the other is held up')
    assert.equal(reason(relayer, 0), 'recipient-reverts')
    await pass(120)
    const failures = log.entries.filter(({ message }) => message === 'a message could not be delivered')
    // after 0, 5, 15, 35, 75 seconds
    assert.equal(failures.length, 5)
    there.reverting.clear()
    await until(() => there.deliveries.length === 2, 'it is given up')
  })

  it('holds up what comes after one that reverts where that is asked for', async () => {
    const { source, other, there, certificates, start, until, pass } = world({ operators: 1 })
    there.reverting.set(BAD, 'AmountZero')
    source.dispatch({ recipient: BAD }, { recipient: RECIPIENT })
    other.dispatch({ recipient: RECIPIENT })
    certificates.certify(source)
    certificates.certify(other)
    const { relayer } = await start(0, { config: { ordered: true } })
    await until(() => there.deliveries.length === 1, 'the other origin is held up')
    await pass(30)
    assert.equal(there.deliveries.length, 1)
    assert.equal(reason(relayer, 1), 'in-order')
    there.reverting.clear()
    await until(() => there.deliveries.length === 3, 'they are held up for ever')
    assert.deepEqual(
      there.deliveries.slice(1).map(({ leaf }) => leaf),
      [0, 1],
    )
  })

  it('takes turns: each message is sent once, by one of the operators, and by another when that one is away', async () => {
    const both = world()
    both.source.dispatch(...Array.from({ length: 12 }, () => ({ recipient: RECIPIENT })))
    both.certificates.certify(both.source)
    const nodes = [await both.start(0), await both.start(1)]
    await both.until(() => both.there.deliveries.length === 12, 'they are not delivered')
    await both.pass(10)
    const sent = both.there.chain.sent.filter(({ functionName }) => functionName === 'process')
    assert.equal(sent.length, 12)
    assert.equal(new Set(sent.map(({ from }) => from)).size, 2)
    const texts = await Promise.all(nodes.map(async ({ metrics }) => (await metrics.expose()).body))
    const count = (state: string) =>
      texts.map((text) =>
        Number(new RegExp(`messages_total\\{[^}]*1000[^}]*state="${state}"\\} (\\d+)`).exec(text)?.[1] ?? 0),
      )
    const [own, theirs] = [count('delivered'), count('delivered-by-other')]
    assert.deepEqual(own, [...theirs].reverse())
    assert.equal((own[0] ?? 0) + (own[1] ?? 0), 12)

    const alone = world()
    alone.source.dispatch(...Array.from({ length: 12 }, () => ({ recipient: RECIPIENT })))
    alone.certificates.certify(alone.source)
    const { relayer } = await alone.start(0)
    await alone.pass(2)
    const first = alone.there.deliveries.length
    assert.ok(first > 0 && first < 12, `${first} at once`)
    const late = [...Array(12).keys()].filter((index) => relayer.delivery(ORIGIN, index)?.state === 'waiting')
    assert.ok(late.every((index) => reason(relayer, index) === 'turn'))
    await alone.until(() => alone.there.deliveries.length === 12, 'nobody takes the other’s place')
  })

  it('waits while gas is dear, and says so', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    there.gasPrice = 50_000_000_001n
    source.dispatch({ recipient: RECIPIENT })
    certificates.certify(source)
    const { relayer, log } = await start(0)
    await pass(60)
    assert.equal(reason(relayer, 0), 'gas-price')
    assert.equal(log.entries.filter(({ fields }) => fields.reason === 'gas-price').length, 1)
    there.gasPrice = 50_000_000_000n
    await until(() => there.deliveries.length === 1, 'it waits for ever')
  })

  it('leaves what takes too much gas, and what is for another module, to others', async () => {
    const { source, there, certificates, start, pass } = world({ operators: 1 })
    there.otherModules.add(BAD)
    there.reverting.set(BAD, 'MessageNotVerified')
    source.dispatch({ recipient: RECIPIENT }, { recipient: BAD })
    certificates.certify(source)
    there.gas = 2_000_001n
    const { relayer } = await start(0)
    await pass(1)
    assert.equal(reason(relayer, 0), 'gas-limit')
    there.gas = 100_000n
    await pass(10)
    assert.equal(reason(relayer, 1), 'other-module')
    assert.equal(there.deliveries.length, 1)
  })

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
    const put = store.put.bind(store)
    there.onProcess = (count) => {
      if (count === 3) before = store.list({ limit: 1_000 })
    }
    await until(() => there.deliveries.length >= 3, 'nothing is delivered')
    await relayer.stop()
    return {
      forget() {
        for (const { key } of store.list({ limit: 1_000 })) store.delete(key)
        for (const { key, value } of before) put(key, value)
      },
    }
  }

  it('imports epochs one after the other before it delivers under them', async () => {
    const { clock, source, there, certificates, handed, start, until, pass } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT })
    certificates.certify(source, 3n)
    const { relayer } = await start(0)
    await pass(3)
    assert.equal(reason(relayer, 0), 'epoch-not-here')
    const now = BigInt(Math.floor(clock.now() / 1_000))
    for (const number of [2n, 3n]) {
      const epoch = { number, activatesAt: now - 5n, validUntil: now + 100_000n, rows: new Uint8Array(104) }
      handed.set(number, epoch)
      certificates.add(EPOCHS_SERVICE, number, number - 1n, epochPayload(epoch))
    }
    relayer.kick(true)
    await until(() => there.deliveries.length === 1, 'it is not delivered')
    assert.deepEqual(
      there.chain.sent.map(({ functionName }) => functionName),
      ['importEpoch', 'importEpoch', 'process'],
    )
  })

  it('imports no epoch that differs from what it sees itself, and says when one is over', async () => {
    const { clock, there, certificates, handed, start, pass } = world({ operators: 1 })
    const now = BigInt(Math.floor(clock.now() / 1_000))
    const epoch = { number: 2n, activatesAt: now - 5n, validUntil: now + 100_000n, rows: new Uint8Array(104) }
    handed.set(2n, { ...epoch, validUntil: now + 100_001n })
    certificates.add(EPOCHS_SERVICE, 2n, 1n, epochPayload(epoch))
    const { relayer } = await start(0)
    await pass(3)
    assert.match(relayer.problem() ?? '', /is not what this node sees/)
    assert.equal(there.latest, 1n)
    handed.set(2n, epoch)
    there.epochs.set(1n, { activatesAt: now - 10n, acceptedUntil: now - 1n, rows: 4, revoked: '0x' })
    relayer.kick(true)
    await pass(3)
    assert.match(relayer.problem() ?? '', /its owner must recover it/)
  })

  it('brings revocations that the module does not have, once', async () => {
    const { there, certificates, revocations, start, until, pass } = world({ operators: 1 })
    const revoked = Uint8Array.of(4)
    const slot = revocationSlot(77n, 1n)
    const certificate = certificates.add(REVOCATIONS_SERVICE, slot, 1n, revocationPayload(1n, revoked))
    revocations.push({ epoch: 1n, atBlock: 77n, revoked, certificate })
    await start(0)
    await until(() => there.epochs.get(1n)?.revoked === '0x04', 'it is not revoked')
    await pass(30)
    assert.equal(there.chain.sent.filter(({ functionName }) => functionName === 'revoke').length, 1)
  })

  it('delivers under fast certificates where the route says so, and corrects one that was wrong', async () => {
    const { source, there, certificates, corrections, start, until } = world({ level: Level.fast, operators: 1 })
    source.dispatch({ recipient: RECIPIENT })
    const certificate = certificates.certify(source)
    await start(0)
    await until(() => there.chain.sent.length === 0, '')
    assert.equal(there.deliveries.length, 0)
    certificates.certify(source, 1n, 0, Level.fast)
    await until(() => there.deliveries.length === 1, 'it is not delivered')
    there.contradicted.add(0)
    const finalized = source.checkpoint(0)
    assert.ok(finalized)
    corrections.push({ origin: ORIGIN, finalized, certificate })
    await until(() => there.corrected.length === 1, 'it is not corrected')
  })

  it('delivers messages of blocks that may be undone where fast checkpoints are believed, and forgets those that were', async () => {
    const { source, there, certificates, start, until, pass } = world({ level: Level.fast, operators: 1 })
    source.dispatch({ recipient: RECIPIENT, destination: 3_000 })
    const [undone] = source.dispatchAhead({ recipient: RECIPIENT, body: '0x01' })
    const { relayer, metrics, data, journal } = await start(0)
    await pass(2)
    assert.equal(reason(relayer, 1), 'not-attested')
    const [kept, later] = source.dispatchAhead({ recipient: RECIPIENT, body: '0x02' }, { recipient: RECIPIENT })
    assert.ok(undone && kept && later)
    const ahead = source.ahead()
    assert.ok(ahead)
    certificates.certify({ domain: ORIGIN, hook: HOOK, ...ahead }, 1n, 1, Level.fast)
    await until(() => there.deliveries.length === 1, 'it waits for the final block')
    assert.equal(there.deliveries[0]?.id, kept.id)
    await pass(5)
    assert.equal(relayer.delivery(ORIGIN, 1)?.state, 'landed')
    assert.equal(reason(relayer, 2), 'not-attested')
    // nothing of it is kept before it is final, and then it is known at once
    source.dispatch({ recipient: RECIPIENT, body: '0x02' })
    await until(() => relayer.delivery(ORIGIN, 1)?.state === 'delivered', 'it is not settled')
    const { body } = await metrics.expose()
    assert.match(body, /lariat_bridge_messages_total\{origin="1000",destination="2000",state="delivered"\} 1/)
    assert.equal(relayer.delivery(ORIGIN, 2), undefined)
    await relayer.stop()
    const again = await start(0, { data, journal })
    await pass(3)
    assert.equal(again.relayer.delivery(ORIGIN, 1)?.state, 'delivered')
    assert.equal(there.deliveries.length, 1)
  })

  it('delivers nothing of blocks that may be undone where they must be final', async () => {
    const { source, there, certificates, start, pass } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT, destination: 3_000 })
    source.dispatchAhead({ recipient: RECIPIENT })
    const ahead = source.ahead()
    assert.ok(ahead)
    certificates.certify({ domain: ORIGIN, hook: HOOK, ...ahead })
    await start(0)
    await pass(5)
    assert.equal(there.deliveries.length, 0)
  })

  it('names what stops a whole stream', async () => {
    const { source, other, there, certificates, start, pass } = world({ operators: 1 })
    for (const one of [source, other]) {
      one.dispatch({ recipient: RECIPIENT })
      certificates.certify(one)
    }
    there.services.set(OTHER, `0x${'99'.repeat(32)}`)
    source.halt('its tree shrank')
    const { relayer, metrics } = await start(0)
    await pass(3)
    assert.equal(reason(relayer, 0), 'source-halted')
    assert.equal(reason(relayer, 0, OTHER), 'no-route')
    const { body } = await metrics.expose()
    assert.match(body, /lariat_bridge_messages_waiting\{origin="1001",destination="2000",reason="no-route"\} 1/)
    source.halt(undefined)
    there.paused = true
    await pass(30)
    assert.equal(reason(relayer, 0), 'module-paused')
    there.paused = false
    await pass(40)
    assert.equal(there.deliveries.length, 1)
  })

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

function reason(relayer: Relayer, index: number, origin = ORIGIN): string | undefined {
  const delivery = relayer.delivery(origin, index)
  return delivery?.state === 'waiting' ? delivery.reason : delivery?.state
}
