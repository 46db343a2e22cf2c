import assert from 'node:assert/strict'
import { Level } from '../../../../../src/avs/bridge/statements.ts'
import { HOOK } from '../../../../support/bridge.ts'
import { ORIGIN, RECIPIENT, reason, stopRelayers, world } from '../../../../support/relayWorld.ts'

describe('relayer of fast routes', () => {
  afterEach(stopRelayers)

  it('delivers under fast certificates where the route says so, and corrects one that was wrong', async () => {
    const { source, there, certificates, corrections, start, until, pass } = world({ level: Level.fast, operators: 1 })
    source.dispatch({ recipient: RECIPIENT })
    const certificate = certificates.certify(source)
    const { log } = await start(0)
    await until(() => there.chain.sent.length === 0, '')
    assert.equal(there.deliveries.length, 0)
    certificates.certify(source, 1n, 0, Level.fast)
    await until(() => there.deliveries.length === 1, 'it is not delivered')
    there.contradicted.add(0)
    const finalized = source.checkpoint(0)
    assert.ok(finalized)
    corrections.push({ origin: ORIGIN, finalized, certificate })
    await until(() => there.corrected.length === 1, 'it is not corrected')
    // when its owner has opened the route again, and it is wrong again
    await pass(180)
    const told = () => log.entries.filter(({ message }) => message.startsWith('a fast checkpoint was corrected'))
    assert.deepEqual([there.corrected.length, told().length], [1, 1])
    there.contradicted.add(0)
    await until(() => there.corrected.length === 2, 'it is not corrected again')
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
})
