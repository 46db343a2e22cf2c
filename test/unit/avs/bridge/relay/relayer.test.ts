import assert from 'node:assert/strict'
import type { FakeDestination } from '../../../../support/bridgeDestination.ts'
import { BAD, ORIGIN, OTHER, RECIPIENT, reason, stopRelayers, world } from '../../../../support/relayWorld.ts'

describe('relayer', () => {
  afterEach(stopRelayers)

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

  it('delivers under no certificate of another tree than it sees, and under an older one of its own', async () => {
    const { source, there, certificates, start, until, pass } = world({ operators: 1 })
    source.dispatch({ recipient: RECIPIENT })
    const { certificate } = certificates.certify(source)
    source.dispatch({ recipient: RECIPIENT })
    certificates.add(certificate.statement.service, 1n, 1n, `0x${'99'.repeat(32)}`)
    const { relayer } = await start(0)
    await until(() => there.deliveries.length === 1, 'nothing is delivered')
    await pass(5)
    assert.deepEqual([there.deliveries.length, reason(relayer, 1)], [1, 'contradicted'])
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
    const oldest = /oldest_waiting_seconds\{origin="1000",destination="2000"\} (\S+)/
    assert.ok(Number(oldest.exec((await metrics.expose()).body)?.[1]) >= 30)
    there.paused = false
    await pass(40)
    assert.equal(there.deliveries.length, 1)
    assert.equal(oldest.exec((await metrics.expose()).body)?.[1], '0')
  })
})
