import assert from 'node:assert/strict'
import { createMetrics } from '../../../src/metrics/registry.ts'
import type { ApiRoute } from '../../../src/node/api/router.ts'
import { metricsRoute, slotsRoute } from '../../../src/node/api/routes.ts'
import { memoryDataStore } from '../../../src/store/memory.ts'
import type { LariatError } from '../../../src/util/errors.ts'
import type { Hex } from '../../../src/util/hex.ts'

const PRICES: Hex = `0x${'aa'.repeat(32)}`
const OTHER: Hex = `0x${'bb'.repeat(32)}`

describe('routes of a node', () => {
  const ask = (route: ApiRoute, query: string) =>
    route.handle({ query: new URLSearchParams(query), params: {}, signal: new AbortController().signal })
  const { journal } = memoryDataStore()
  for (const slot of [1n, 2n, 3n]) {
    journal.record({
      service: PRICES,
      slot,
      attempt: 0,
      outcome: slot === 2n ? 'missed' : 'certified',
      step: 'verify',
      reason: slot === 2n ? 'aggregate.no-quorum' : null,
      triggeredAt: 1_700_000_000_500,
      certificateMs: 12.5,
      transaction: null,
      signers: ['0xabc'],
    })
  }
  const one = [{ name: 'prices', id: PRICES }]
  const two = [...one, { name: 'other', id: OTHER }]
  const slotsOf = async (query: string, services = one) => {
    const reply = await ask(slotsRoute(journal, services), query)
    assert.ok('body' in reply && reply.status === 200)
    return reply.body as { service: string; slots: { slot: bigint }[] }
  }

  it('/v1/slots lists the newest first, in seconds, without the service in each row', async () => {
    const { service, slots } = await slotsOf('')
    assert.equal(service, 'prices')
    assert.deepEqual(
      slots.map(({ slot }) => slot),
      [3n, 2n, 1n],
    )
    assert.deepEqual(slots[1], {
      slot: 2n,
      attempt: 0,
      outcome: 'missed',
      step: 'verify',
      reason: 'aggregate.no-quorum',
      triggeredAt: 1_700_000_000.5,
      certificateMs: 12.5,
      transaction: null,
      signers: ['0xabc'],
    })
  })

  it('/v1/slots takes bounds, both inclusive, and a limit', async () => {
    const numbers = async (query: string) => (await slotsOf(query)).slots.map(({ slot }) => slot)
    assert.deepEqual(await numbers('from=2'), [3n, 2n])
    assert.deepEqual(await numbers('from=2&to=2'), [2n])
    assert.deepEqual(await numbers('limit=1'), [3n])
  })

  it('/v1/slots finds a service by name or id, and needs to know which of several', async () => {
    assert.equal((await slotsOf(`service=${PRICES}`, two)).service, 'prices')
    assert.deepEqual((await slotsOf('service=other', two)).slots, [])
    const bad = (error: LariatError) => error.code === 'api.bad-query'
    const handle = async (query: string) => ask(slotsRoute(journal, two), query)
    await assert.rejects(handle(''), bad)
    await assert.rejects(handle('service=none'), bad)
    await assert.rejects(handle('service=prices&limit=0'), bad)
    await assert.rejects(handle('service=prices&limit=501'), bad)
    await assert.rejects(handle('service=prices&from=x'), bad)
  })

  it('/metrics is in text form', async () => {
    const metrics = createMetrics()
    metrics.counter({ name: 'lariat_test_total', help: 'A test' }).inc({})
    const reply = await ask(metricsRoute(metrics), '')
    assert.ok('text' in reply)
    assert.match(reply.contentType, /^text\/plain/)
    assert.match(reply.text, /lariat_test_total 1/)
  })
})
