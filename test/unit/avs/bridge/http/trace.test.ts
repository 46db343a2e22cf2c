import assert from 'node:assert/strict'
import { Level } from '../../../../../src/avs/bridge/statements.ts'
import type { Address } from '../../../../../src/util/hex.ts'
import { get, ORIGIN, operatorOf, THERE, viewWorld } from '../../../../support/bridgeView.ts'

const RECIPIENT: Address = `0x${'ee'.repeat(20)}`

describe('what happened to a message, over HTTP', () => {
  it('tells every step: dispatched, attested by whom, and why it waits', async () => {
    const { source, certificates, deliveries, served } = viewWorld()
    const [message] = source.dispatch({ recipient: RECIPIENT, body: '0x010203' })
    assert.ok(message)
    deliveries.set(0, {
      ...{ state: 'waiting', attempts: 2, nextAt: 1_700_000_020_000 },
      ...{ reason: 'recipient-reverts', detail: 'process reverted: AmountZero()' },
    })
    const path = `/v1/bridge/trace/${message.id.toUpperCase().replace('0X', '0x')}`
    const early = (await get(served, path)).body as { attested: unknown[] }
    assert.deepEqual(early.attested, [])
    source.dispatch({ recipient: RECIPIENT })
    const { certificate } = certificates.certify(source)
    certificates.add(certificate.statement.service, 1n, 1n, certificate.statement.payload, 1_700_000_003_000, '0x04')
    certificates.certify(source, 1n, 0, Level.fast)
    const { status, body } = await get(served, path)
    assert.equal(status, 200)
    const told = body as Record<string, unknown> & { attested: Record<string, unknown>[] }
    assert.deepEqual(
      { origin: told.origin, destination: told.destination, bytes: told.bytes, dispatched: told.dispatched },
      {
        ...{ origin: ORIGIN, destination: THERE, bytes: 3 },
        dispatched: {
          final: true,
          chain: 'base',
          block: 1n,
          time: 1_700_000_000_000,
          transaction: message.transaction,
          leaf: 0,
        },
      },
    )
    const [finalized, fast] = told.attested
    assert.deepEqual(finalized, {
      ...{ level: 'finalized', slashable: true, index: 1, epoch: 1n, time: 1_700_000_003_000, agrees: true },
      ...{ signers: [0, 1, 3].map(operatorOf), absent: [operatorOf(2)] },
    })
    assert.deepEqual([fast?.level, fast?.slashable, fast?.index], ['fast', false, 0])
    assert.deepEqual(told.arrival, {
      ...{ state: 'waiting', reason: 'recipient-reverts', detail: 'process reverted: AmountZero()' },
      ...{ why: (told.arrival as { why: string }).why, attempts: 2, nextAt: 1_700_000_020_000 },
    })
    assert.match((told.arrival as { why: string }).why, /tried again with growing pauses/)
  })

  it('tells where it was delivered, by this node or as the mailbox says', async () => {
    const { source, there, deliveries, served } = viewWorld()
    const [one, two] = source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
    assert.ok(one && two)
    const arrival = async (id: string) =>
      ((await get(served, `/v1/bridge/trace/${id}`)).body as { arrival: unknown }).arrival
    const record = { transaction: one.transaction, block: 77n, time: 1_700_000_005_000, own: true } as const
    deliveries.set(0, { state: 'delivered', ...record })
    assert.deepEqual(await arrival(one.id), { state: 'delivered', final: true, ...record })
    deliveries.set(0, { state: 'landed', transaction: null, block: 78n })
    assert.deepEqual(await arrival(one.id), {
      ...{ state: 'delivered', final: false, block: 78n, time: null, transaction: null, own: false },
    })
    assert.match(((await arrival(two.id)) as { why: string }).why, /in no final block of domain 2000/)
    there.chain.mine(5)
    there.delivered.set(two.id, { block: 3n, by: operatorOf(3) })
    assert.deepEqual(await arrival(two.id), {
      ...{ state: 'delivered', final: true, block: 3n, time: null, transaction: null, own: null },
    })
  })

  it('tells of a message whose block is not final, where such are looked at', async () => {
    const { source, served } = viewWorld()
    const [message] = source.dispatchAhead({ recipient: RECIPIENT })
    assert.ok(message)
    const { body } = await get(served, `/v1/bridge/trace/${message.id}`)
    assert.equal((body as { dispatched: { final: boolean } }).dispatched.final, false)
  })

  it('says what is not what it sees itself, and what of an epoch it has forgotten', async () => {
    const { source, certificates, served } = viewWorld()
    const [message] = source.dispatch({ recipient: RECIPIENT })
    assert.ok(message)
    const { certificate } = certificates.certify(source, 9n)
    certificates.add(certificate.statement.service, 0n, 9n, `0x${'99'.repeat(32)}`)
    source.halt('its tree shrank')
    const { body } = await get(served, `/v1/bridge/trace/${message.id}`)
    const told = body as { attested: Record<string, unknown>[]; halted: string }
    assert.equal(told.halted, 'its tree shrank')
    assert.deepEqual([told.attested[0]?.agrees, told.attested[0]?.signers], [false, undefined])
  })

  it('answers 404 for what is unknown, with how far it sees, and 400 for what is no id', async () => {
    const { source, served } = viewWorld()
    source.dispatch({ recipient: RECIPIENT })
    const id = `0x${'12'.repeat(32)}`
    const { status, body } = await get(served, `/v1/bridge/trace/${id}`)
    assert.equal(status, 404)
    assert.deepEqual((body as { origins: unknown }).origins, [
      { domain: ORIGIN, chain: 'base', messages: 1, block: 1n, time: 1_700_000_000_000, halted: null },
    ])
    assert.equal((await get(served, '/v1/bridge/trace/0x12')).status, 400)
  })

  it('lists the newest messages first, by origin, destination and state', async () => {
    const { clock, source, deliveries, served } = viewWorld()
    source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT, destination: 3_000 })
    await clock.advance(1_000)
    source.dispatch({ recipient: RECIPIENT })
    deliveries.set(0, { state: 'delivered', transaction: null, block: 1n, time: null, own: false })
    deliveries.set(2, { state: 'waiting', reason: 'turn', detail: undefined, attempts: 0, nextAt: null })
    const leaves = async (query: string) =>
      ((await get(served, `/v1/bridge/messages${query}`)).body as { messages: { leaf: number }[] }).messages.map(
        ({ leaf }) => leaf,
      )
    assert.deepEqual(await leaves(''), [2, 1, 0])
    assert.deepEqual(await leaves('?limit=2'), [2, 1])
    assert.deepEqual(await leaves(`?destination=${THERE}`), [2, 0])
    assert.deepEqual(await leaves('?state=waiting'), [2])
    assert.deepEqual(await leaves('?state=unknown'), [1])
    assert.deepEqual(await leaves('?origin=7'), [])
    for (const bad of ['?limit=0', '?limit=501', '?limit=x', '?origin=-1', '?destination=a', '?state=lost']) {
      assert.equal((await get(served, `/v1/bridge/messages${bad}`)).status, 400, bad)
    }
  })
})
