import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LariatError } from '../../../src/util/errors.ts'
import { createHttpClient, publicUrl } from '../../../src/util/http.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('HTTP client', () => {
  let server: Server | undefined
  const serve = async (listener: RequestListener): Promise<string> => {
    const created = createServer(listener)
    server = created
    await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(created.address() as AddressInfo).port}`
  }
  const failsWith = (code: string) => (error: unknown) => {
    assert.ok(error instanceof LariatError)
    assert.equal(error.code, code)
    return true
  }
  const options = { timeoutMs: 5_000, maxBytes: 1_000 }

  afterEach(async () => {
    server?.closeAllConnections()
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
    server = undefined
  })

  it('gives the JSON of an answer', async () => {
    const url = await serve((request, response) => response.end(JSON.stringify({ path: request.url })))
    assert.deepEqual(await createHttpClient().getJson(`${url}/a?b=1`, options), { path: '/a?b=1' })
  })

  it('tells a status that is not 2xx, redirects among them, and hides the query', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
    await assert.rejects(createHttpClient().getJson(`${url}/a?key=hunter2`, options), (error: LariatError) => {
      assert.equal(error.code, 'http.status')
      assert.equal(error.message, `${url}/a answered 302`)
      assert.deepEqual(error.details, { url: `${url}/a`, status: 302 })
      return true
    })
  })

  it('stops reading a body over the limit', async () => {
    const closed = Promise.withResolvers<void>()
    const url = await serve((_, response) => {
      response.on('close', closed.resolve)
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(500)));
        response.once('drain', more)
      }
      more()
    })
    await assert.rejects(createHttpClient().getJson(url, options), failsWith('http.too-large'))
    await closed.promise
  })

  it('counts the decoded bytes of a compressed body', async () => {
    const { gzipSync } = await import('node:zlib')
    const bomb = gzipSync(Buffer.alloc(100_000, 32))
    assert.ok(bomb.length < options.maxBytes)
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    await assert.rejects(createHttpClient().getJson(url, options), failsWith('http.too-large'))
  })

  it('refuses what is not JSON', async () => {
    const url = await serve((_, response) => response.end('<html>'))
    await assert.rejects(createHttpClient().getJson(url, options), failsWith('http.not-json'))
  })

  it('times out by its clock, body included', async () => {
    const clock = new SimClock()
    const headSent = Promise.withResolvers<void>()
    const url = await serve((_, response) => {
      response.writeHead(200)
      response.write('{')
      headSent.resolve()
    })
    const outcome = assert.rejects(createHttpClient({ clock }).getJson(url, options), failsWith('http.timeout'))
    await headSent.promise
    await clock.advance(5_000)
    await outcome
  })

  it("gives the caller's reason when the caller aborts", async () => {
    const asked = Promise.withResolvers<void>()
    const url = await serve(() => asked.resolve())
    const controller = new AbortController()
    const reason = new Error('enough')
    const outcome = assert.rejects(createHttpClient().getJson(url, { ...options, signal: controller.signal }), reason)
    await asked.promise
    controller.abort(reason)
    await outcome
  })

  it('tells an address where nobody listens, with the reason', async () => {
    const url = await serve(() => {})
    await new Promise((resolve) => server?.close(resolve))
    await assert.rejects(createHttpClient().getJson(url, options), (error: LariatError) => {
      assert.equal(error.code, 'http.unreachable')
      assert.match(String(error.cause), /ECONNREFUSED/)
      return true
    })
  })

  it('shows a URL without user, password and query', () => {
    assert.equal(publicUrl('https://me:hunter2@example.org/a/b?key=1#c'), 'https://example.org/a/b')
    assert.equal(publicUrl('nonsense hunter2'), '(not a URL)')
  })
})
