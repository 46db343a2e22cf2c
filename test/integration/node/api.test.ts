import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { type Health, healthRoute } from '../../../src/node/api/health.ts'
import type { ApiRoute } from '../../../src/node/api/router.ts'
import { type ApiServer, createApiServer } from '../../../src/node/api/server.ts'
import { createSelfChecks } from '../../../src/node/selfcheck/monitor.ts'
import { fail, warn } from '../../../src/node/selfcheck/types.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('API server', () => {
  const clock = new SimClock()
  const metrics = createMetrics()
  const selfChecks = createSelfChecks({ services: ['prices'], clock, log: silentLog, metrics })
  let full: string | undefined
  const asked = Promise.withResolvers<void>()
  const routes: ApiRoute[] = [
    { path: '/big', handle: ({ query }) => ({ status: 200, body: { value: 2n ** 70n, echo: query.get('echo') } }) },
    {
      path: '/kept/{name}',
      handle: ({ params }) => ({ status: 200, body: params, headers: { 'cache-control': 'public, max-age=9' } }),
    },
    { path: '/text', handle: () => ({ status: 200, text: 'plain', contentType: 'text/plain' }) },
    { path: '/bad', handle: () => Promise.reject(new LariatError('api.bad-query', 'limit: expected')) },
    { path: '/known', handle: () => Promise.reject(new LariatError('store.corrupt', 'the journal cannot be read')) },
    { path: '/unknown', handle: () => Promise.reject(new Error('hunter2')) },
    {
      path: '/hangs',
      handle: () => {
        asked.resolve()
        return new Promise(() => {})
      },
    },
    healthRoute(selfChecks, ['prices']),
  ]
  let folder: string
  let server: ApiServer
  const get = (path: string, init?: RequestInit) => fetch(`${server.url()}${path}`, init)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-api-'))
    server = createApiServer({
      host: '127.0.0.1',
      port: 0,
      routes,
      log: silentLog,
      metrics,
      clock,
      addressFile: join(folder, 'api.json'),
    })
    await server.start(new AbortController().signal)
  })
  after(async () => {
    await server.stop()
    await assert.rejects(get('/text'))
    await rm(folder, { recursive: true })
  })

  it('writes the address that it got to its file', async () => {
    const entry = JSON.parse(await readFile(join(folder, 'api.json'), 'utf8'))
    assert.equal(entry.url, server.url())
    assert.deepEqual([entry.version, entry.pid, entry.host], [1, process.pid, '127.0.0.1'])
    assert.notEqual(entry.port, 0)
  })

  it('answers JSON with integers of any size as decimal strings', async () => {
    const response = await get('/big?echo=%C3%A4')
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.deepEqual(await response.json(), { value: '1180591620717411303424', echo: 'ä' })
  })

  it('answers by a parameter of the path, with the headers of the route', async () => {
    const response = await get('/kept/seven')
    assert.deepEqual(await response.json(), { name: 'seven' })
    assert.equal(response.headers.get('cache-control'), 'public, max-age=9')
  })

  it('answers text, and HEAD without a body', async () => {
    assert.equal(await (await get('/text')).text(), 'plain')
    const head = await get('/text', { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '5', ''])
  })

  it('answers errors as JSON, and never shows an unexpected one', async () => {
    const answers = await Promise.all(
      ['/none', '/bad', '/known', '/unknown'].map(async (path) => {
        const response = await get(path)
        const { error } = (await response.json()) as { error: { code: string; message: string } }
        assert.doesNotMatch(error.message, /hunter2/)
        return [response.status, error.code]
      }),
    )
    assert.deepEqual(answers, [
      [404, 'api.not-found'],
      [400, 'api.bad-query'],
      [500, 'store.corrupt'],
      [500, 'api.internal'],
    ])
    const post = await get('/text', { method: 'POST', body: 'x' })
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD'])
  })

  it('answers 503 when a handler takes too long', async () => {
    const answer = get('/hangs')
    await asked.promise
    await clock.advance(10_000)
    assert.equal((await answer).status, 503)
  })

  it('refuses a head over its limit', async () => {
    const { port } = new URL(server.url())
    const socket = connect(Number(port), '127.0.0.1')
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    socket.write(`GET /text HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
    assert.match(await answered, /^HTTP\/1\.1 431 /)
    socket.destroy()
  })

  it('tells health by its checks, naming what is wrong and what is not signed', async () => {
    const now = clock.now() / 1_000
    selfChecks.add(
      { name: 'chain', everyMs: 1_000, trustMs: 0, run: () => undefined },
      { name: 'guard', everyMs: 1_000, trustMs: 0, run: () => (full === undefined ? undefined : fail(full)) },
      { name: 'allocation', service: 'prices', everyMs: 1_000, trustMs: 0, run: () => warn('a change is on its way') },
      { name: 'service', service: 'prices', everyMs: 1_000, trustMs: 0, run: () => undefined },
    )
    await selfChecks.look()
    const looked = { status: 'pass', ok: true, since: now, at: now }
    const advice = { ...looked, ok: false, status: 'warn', advisory: true, problem: 'a change is on its way' }
    const well = await get('/healthz')
    assert.equal(well.status, 200)
    assert.deepEqual(await well.json(), {
      healthy: true,
      stopped: {},
      checks: [
        { name: 'chain', ...looked },
        { name: 'guard', ...looked },
        { name: 'prices: allocation', ...advice },
        { name: 'prices', ...looked },
      ],
    })
    full = 'the disk is full: free some space'
    await selfChecks.look()
    const ill = await get('/healthz')
    assert.equal(ill.status, 503)
    const { healthy, stopped, checks } = (await ill.json()) as Health
    assert.deepEqual([healthy, stopped], [false, { prices: `guard: ${full}` }])
    assert.deepEqual(checks[1], {
      ...{ name: 'guard', ...looked },
      ...{ ok: false, status: 'fail', stopsSigning: true, problem: full },
    })
  })

  it('counts requests by route, with one name for all that have none', async () => {
    await get('/x1')
    await get('/x2')
    const { body } = await metrics.expose()
    assert.match(body, /lariat_api_requests_total\{route="\/text",status="200"\} \d+/)
    assert.match(body, /lariat_api_requests_total\{route="none",status="404"\} [3-9]/)
    assert.doesNotMatch(body, /route="\/x1"/)
  })

  it('tells when its address is taken', async () => {
    const { port } = new URL(server.url())
    const second = createApiServer({
      host: '127.0.0.1',
      port: Number(port),
      routes: [],
      log: silentLog,
      metrics,
      clock,
    })
    await assert.rejects(second.start(new AbortController().signal), (error: LariatError) => {
      assert.equal(error.code, 'api.listen')
      assert.match(error.message, /api\.port/)
      return true
    })
  })
})
