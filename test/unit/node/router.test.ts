import assert from 'node:assert/strict'
import {
  type ApiRoute,
  createRouter,
  MAX_LONG_TARGET,
  MAX_TARGET_LENGTH,
  unsigned,
} from '../../../src/node/api/router.ts'
import type { LariatError } from '../../../src/util/errors.ts'

const route = (path: string): ApiRoute => ({ path, handle: () => ({ status: 200, body: path }) })

describe('router', () => {
  const match = createRouter([route('/'), route('/v1/prices'), route('/healthz')])
  const statusOf = (method: string, target: string) => {
    const found = match(method, target)
    return 'reply' in found ? found.reply.status : found.route.path
  }

  it('matches exact paths, with a query or a trailing slash, for GET and HEAD', () => {
    assert.equal(statusOf('GET', '/v1/prices'), '/v1/prices')
    assert.equal(statusOf('HEAD', '/v1/prices/?a=b'), '/v1/prices')
    assert.equal(statusOf('GET', '/'), '/')
    const found = match('GET', '/v1/prices?feed=a%20b&limit=3')
    assert.ok('route' in found)
    assert.deepEqual(
      [...found.query],
      [
        ['feed', 'a b'],
        ['limit', '3'],
      ],
    )
  })

  it('gives the parameters of a path, and prefers a path without any', () => {
    const withParameters = createRouter([
      route('/{hash}/info'),
      route('/v1/info'),
      route('/{hash}/public/{round}'),
      route('/{hash}/public/latest'),
    ])
    const at = (target: string) => {
      const found = withParameters('GET', target)
      return 'reply' in found ? found.reply.status : [found.route.path, found.params]
    }
    assert.deepEqual(at('/v1/info'), ['/v1/info', {}])
    assert.deepEqual(at('/52db9b/info/?a=b'), ['/{hash}/info', { hash: '52db9b' }])
    assert.deepEqual(at('/52db9b/public/7'), ['/{hash}/public/{round}', { hash: '52db9b', round: '7' }])
    assert.deepEqual(at('/52db9b/public/latest'), ['/{hash}/public/latest', { hash: '52db9b' }])
    for (const none of ['/52db9b', '//info', '/a%2fb/info', '/{hash}/info', '/{}/info', `/${'a'.repeat(129)}/info`]) {
      assert.equal(at(none), 404, none)
    }
    assert.throws(() => createRouter([route('/{a}/info'), route('/{b}/info')]), { code: 'api.route-twice' })
    for (const bad of ['/{a', '/x{a}', '/{a}x', '/{A}', '/{a}/']) {
      assert.throws(() => createRouter([route(bad)]), { code: 'api.route-invalid' }, bad)
    }
  })

  it('answers 404, 405 with Allow, and 414', () => {
    assert.equal(statusOf('GET', '/v1/price'), 404)
    assert.equal(statusOf('GET', '/v1//prices'), 404)
    assert.equal(statusOf('GET', 'http://elsewhere/healthz'), 404)
    const found = match('POST', '/healthz')
    assert.ok('reply' in found)
    assert.deepEqual([found.reply.status, found.allow], [405, 'GET, HEAD'])
    assert.equal(statusOf('GET', `/${'a'.repeat(MAX_TARGET_LENGTH)}`), 414)
  })

  it('takes longer URLs for routes that say so alone', () => {
    const long = { ...route('/long/{data}'), longest: 5_000 }
    const router = createRouter([long, route('/short/{data}')])
    const status = (path: string) => {
      const found = router('GET', path)
      return 'reply' in found ? found.reply.status : 200
    }
    assert.equal(status(`/long/${'a'.repeat(4_990)}`), 200)
    assert.equal(status(`/long/${'a'.repeat(5_000)}`), 414)
    assert.equal(status(`/short/${'a'.repeat(128)}`), 200)
    assert.equal(status(`/short/${'a'.repeat(129)}`), 404)
    assert.equal(status(`/none/${'a'.repeat(4_000)}`), 404)
    assert.throws(() => createRouter([{ ...long, longest: MAX_LONG_TARGET + 1 }]), { code: 'api.route-invalid' })
  })

  it('refuses two routes of one path and malformed paths', () => {
    const code = (expected: string) => (error: LariatError) => error.code === expected
    assert.throws(() => createRouter([route('/a'), route('/a')]), code('api.route-twice'))
    for (const bad of ['a', '/a/', '/a?b', '/ä'])
      assert.throws(() => createRouter([route(bad)]), code('api.route-invalid'))
  })

  it('reads unsigned integers of a query', () => {
    const query = new URLSearchParams('a=7&b=-1&c=&d=1e3')
    assert.equal(unsigned(query, 'a'), 7n)
    assert.equal(unsigned(query, 'none'), undefined)
    for (const name of ['b', 'c', 'd']) {
      assert.throws(
        () => unsigned(query, name),
        (error: LariatError) => error.code === 'api.bad-query',
      )
    }
  })
})
