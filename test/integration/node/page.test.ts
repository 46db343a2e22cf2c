import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { stop } from 'esbuild'
import { buildPage } from '../../../scripts/lib/web.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { type ApiServer, createApiServer } from '../../../src/node/api/server.ts'
import { pageRoutes } from '../../../src/node/page/assets.ts'
import { createEvents } from '../../../src/node/page/events.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { silentLog } from '../../../src/util/log.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe('status page over HTTP', () => {
  let folder: string
  let api: ApiServer
  const events = createEvents({
    state: async () => ({ node: { phase: 'running' } }),
    clock: systemClock,
    log: silentLog,
  })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-page-'))
    await buildPage(ROOT, folder)
    await stop()
    const routes = [...pageRoutes(folder), { path: '/v1/events', handle: events.connect }]
    const base = { host: '127.0.0.1', port: 0, hosts: ['node.example'], log: silentLog, clock: systemClock }
    api = createApiServer({ ...base, routes, metrics: createMetrics() })
    await api.start(new AbortController().signal)
  })
  after(async () => {
    await events.stop()
    await api.stop()
    await rm(folder, { recursive: true })
  })

  /** Without what `fetch` does by itself: headers as they are, no decoding. */
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
      const asked = request(new URL(path, api.url()), { method, headers }, async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
      asked.on('error', reject).end()
    })
  const filesOf = async () =>
    [...(await get('/')).body.toString().matchAll(/"\.\/(page\/[^"]+)"/g)].map(([, file]) => file)

  it('is HTML that allows nothing from elsewhere and no inline code, and has none', async () => {
    const { status, headers, body } = await get('/')
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    const policy = `${headers['content-security-policy']}`
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'/)
    assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/)
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cache-control'], 'no-cache')
    const html = body.toString()
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:\/\/|\{\{/)
  })

  it('has files that caches keep for good, packed for who takes that, and small', async () => {
    const files = await filesOf()
    assert.equal(files.length, 3)
    let size = 0
    for (const file of files) {
      const plain = await get(`/${file}`)
      assert.equal(plain.status, 200)
      assert.match(`${plain.headers['cache-control']}`, /max-age=31536000, immutable/)
      assert.equal(plain.headers['content-encoding'], undefined)
      const packed = await get(`/${file}`, { 'accept-encoding': 'gzip, br' })
      assert.equal(packed.headers['content-encoding'], 'gzip')
      assert.equal(Number(packed.headers['content-length']), packed.body.length)
      assert.deepEqual(gunzipSync(packed.body), plain.body)
      size += packed.body.length
    }
    assert.ok(size < 60_000, `${size} bytes`)
    assert.equal((await get(`/${files[0]}`, { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding'], undefined)
    for (const wrong of ['/page/none.js', '/page/index.html', '/page/..%2findex.html']) {
      assert.equal((await get(wrong)).status, 404, wrong)
    }
  })

  it('answers HEAD, and 304 to who has it', async () => {
    const head = await get('/', {}, 'HEAD')
    assert.deepEqual([head.status, head.body.length], [200, 0])
    assert.ok(Number(head.headers['content-length']) > 1_000)
    const again = await get('/', { 'if-none-match': `${head.headers.etag}` })
    assert.deepEqual([again.status, again.body.length], [304, 0])
  })

  it('is refused by a name that is not the node’s', async () => {
    const { port } = new URL(api.url())
    assert.equal((await get('/', { host: `evil.example:${port}` })).status, 421)
    assert.equal((await get('/v1/events', { host: `evil.example:${port}` })).status, 421)
    assert.equal((await get('/', { host: `node.example:${port}` })).status, 200)
  })

  it('streams events, and lets go of who has gone', async () => {
    const gone = new AbortController()
    const response = await fetch(`${api.url()}/v1/events`, { signal: gone.signal })
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const read = async (until: string) => {
      while (!text.includes(until)) text += (await reader.read()).value ?? assert.fail(`it ended: ${text}`)
    }
    await read('event: node\ndata: {"phase":"running"}\n\n')
    events.publish('slot', { slot: 5n })
    await read('event: slot\ndata: {"slot":"5"}\n\n')
    gone.abort()
    await assert.rejects(reader.read())
    const head = await get('/v1/events', {}, 'HEAD')
    assert.deepEqual([head.status, head.body.length], [200, 0])
  })

  it('says so when it was not built', async () => {
    const [route] = pageRoutes(join(folder, 'none'))
    const reply = await route?.handle({
      query: new URLSearchParams(),
      params: {},
      signal: new AbortController().signal,
    })
    assert.equal(reply?.status, 503)
  })
})
