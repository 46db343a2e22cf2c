import assert from 'node:assert/strict'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { eigenRoutes } from '../../../src/node/api/eigen.ts'
import { type ApiServer, createApiServer } from '../../../src/node/api/server.ts'
import { createLifecycle, type Lifecycle } from '../../../src/node/lifecycle.ts'
import { createPhases } from '../../../src/node/phases.ts'
import { guardCheck } from '../../../src/node/selfcheck/guard.ts'
import { createSelfChecks, type SelfChecks } from '../../../src/node/selfcheck/monitor.ts'
import { fail, warn } from '../../../src/node/selfcheck/types.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const CONTRACT: Address = `0x${'11'.repeat(20)}`
const SERVICES = ['prices', 'randomness'] as const

/** A node's HTTP server, lifecycle, self-checks and guard; its services are parts that do nothing. */
describe('AVS node API v0.0.1', () => {
  let folder: string
  let api: ApiServer
  let guard: GuardStore
  let checks: SelfChecks
  let lifecycle: Lifecycle
  /** What is wrong with each service, by its name. */
  const ill = new Map<string, string>()
  let advice: string | undefined
  let furtherChain: string | undefined
  let broken = false
  /** What was answered after the services had stopped, and before the server did. */
  const answered: unknown[] = []
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  let started: Promise<void>

  const get = (path: string, init?: RequestInit) => fetch(`${api.url()}${path}`, init)
  const health = async (path = '/eigen/node/health') => {
    const response = await get(path)
    return [response.status, await response.text()]
  }
  const ofService = (id: string) => health(`/eigen/node/services/${id}/health`)
  const statuses = async () => {
    const { services } = (await (await get('/eigen/node/services')).json()) as { services: { status: string }[] }
    return services.map(({ status }) => status)
  }
  const guardFile = () => join(folder, 'guard.sqlite')

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-eigen-'))
    const [clock, metrics, log] = [new SimClock(), createMetrics(), silentLog]
    guard = openGuardStore(guardFile(), { create: true })
    checks = createSelfChecks({ services: SERVICES, clock, log, metrics })
    checks.add(
      guardCheck({ file: guardFile(), probe: () => guard.probe() }),
      {
        name: 'risk: figures',
        everyMs: 1e6,
        trustMs: 1e6,
        run: () => (advice === undefined ? undefined : fail(advice)),
      },
      {
        ...{ name: 'further chain', chain: 'base', everyMs: 1e6, trustMs: 1e6 },
        run: () => (furtherChain === undefined ? undefined : fail(furtherChain)),
      },
      {
        ...{ name: 'agreement', everyMs: 1e6, trustMs: 1e6, run: () => undefined },
        now() {
          if (broken) throw new Error('hunter2')
          return undefined
        },
      },
      ...SERVICES.map((service) => ({
        ...{ name: 'service' as const, service, everyMs: 1e6, trustMs: 1e6 },
        run: () => {
          const problem = ill.get(service)
          return problem === undefined ? undefined : fail(problem)
        },
      })),
      { name: 'allocation', service: 'prices', everyMs: 1e6, trustMs: 1e6, run: () => warn('a change is on its way') },
    )
    const phases = createPhases()
    const services = SERVICES.map((name) => ({ name, contract: CONTRACT }))
    const routes = eigenRoutes({ checks, phases, services, chainId: 31337, log })
    api = createApiServer({ host: '127.0.0.1', port: 0, routes, log, metrics, clock })
    lifecycle = createLifecycle({ log, clock, signal: new AbortController().signal })
    const part = (name: string, start: () => Promise<void>) => phases.watch(name, { name, start, stop: async () => {} })
    const witness = {
      name: 'witness',
      start: async () => {},
      stop: async () => void answered.push(await health(), await statuses()),
    }
    lifecycle.add(
      ...[api, checks, witness, part('prices', async () => {})],
      part('randomness', () => {
        begun.resolve()
        return held.promise
      }),
      phases.whole(),
    )
    started = lifecycle.start()
    await begun.promise
  })
  after(async () => {
    await lifecycle.stop()
    guard.close()
    await rm(folder, { recursive: true })
  })

  it('206 while it starts, and for the service that is not ready; those that run are up', async () => {
    assert.deepEqual(await health(), [206, ''])
    assert.deepEqual(await statuses(), ['Up', 'Initializing'])
    assert.deepEqual(await ofService('prices'), [200, ''])
    assert.deepEqual(await ofService('randomness'), [206, ''])
    held.resolve()
    await started
  })

  it('200 when all is well, with empty bodies, and exactly the names of the specification', async () => {
    assert.deepEqual(await health(), [200, ''])
    assert.deepEqual(await ofService('randomness'), [200, ''])
    const node = await get('/eigen/node')
    assert.match(node.headers.get('content-type') ?? '', /^application\/json/)
    const identity = (await node.json()) as Record<string, string>
    assert.deepEqual(Object.keys(identity), ['node_name', 'spec_version', 'node_version'])
    assert.equal(identity.spec_version, 'v0.0.1')
    assert.match(identity.node_version ?? '', /^v\d+\.\d+\.\d+/)
    const { services, ...rest } = (await (await get('/eigen/node/services')).json()) as { services: object[] }
    assert.deepEqual(rest, {})
    assert.deepEqual(services, [
      { id: 'prices', name: 'prices', description: `AVS with ServiceManager ${CONTRACT} on chain 31337`, status: 'Up' },
      {
        ...{ id: 'randomness', name: 'randomness', status: 'Up' },
        description: `AVS with ServiceManager ${CONTRACT} on chain 31337`,
      },
    ])
    assert.deepEqual([(await get('/eigen/node/health', { method: 'HEAD' })).status], [200])
    assert.equal((await get('/eigen/node/health', { method: 'POST' })).status, 405)
  })

  it('takes its version with and without v, and answers 404 to any other, on every path', async () => {
    for (const path of ['', '/health', '/services', '/services/prices/health'].map((end) => `/eigen/node${end}`)) {
      assert.equal((await get(`${path}?version=v0.0.1`)).status, 200, path)
      assert.equal((await get(`${path}?version=0.0.1`)).status, 200, path)
      for (const version of ['1.0.0', 'v1.0.0', '', 'v0.0.1&version=v9.0.0']) {
        const answer = await get(`${path}?version=${version}`)
        assert.deepEqual([answer.status, await answer.json()], [404, { message: 'API version not found' }], path)
      }
    }
  })

  it('404 for a service that it does not have', async () => {
    const [status, text] = await ofService('graph-node-da')
    assert.deepEqual([status, JSON.parse(text as string)], [404, { message: 'Service not found' }])
  })

  it('206 with one service down, 503 of that service; 503 with all of them down', async () => {
    ill.set('prices', 'no feed has enough sources')
    await checks.look()
    assert.deepEqual(await statuses(), ['Down', 'Up'])
    assert.deepEqual(await ofService('prices'), [503, ''])
    assert.deepEqual(await ofService('randomness'), [200, ''])
    assert.deepEqual(await health(), [206, ''])
    ill.set('randomness', 'no key')
    await checks.look()
    assert.deepEqual(await health(), [503, ''])
    ill.clear()
    await checks.look()
    assert.deepEqual(await health(), [200, ''])
  })

  it('206 when a further chain cannot be followed; advice changes nothing', async () => {
    advice = 'a figure could not be read'
    await checks.look()
    assert.deepEqual(await health(), [200, ''])
    furtherChain = 'its provider does not answer'
    await checks.look()
    assert.deepEqual(await health(), [206, ''])
    assert.deepEqual(await statuses(), ['Up', 'Up'])
    furtherChain = undefined
    advice = undefined
    await checks.look()
  })

  it('503, and every service down, when the guard’s record was moved away; well again when it is back', async () => {
    const away = join(folder, 'moved.sqlite')
    await rename(guardFile(), away)
    await checks.look()
    assert.deepEqual(await health(), [503, ''])
    assert.deepEqual(await statuses(), ['Down', 'Down'])
    await rename(away, guardFile())
    await checks.look()
    assert.deepEqual(await health(), [200, ''])
  })

  it('500 with the message of the specification, and nothing of what failed', async () => {
    broken = true
    for (const path of ['/eigen/node/health', '/eigen/node/services']) {
      const answer = await get(path)
      assert.deepEqual([answer.status, await answer.json()], [500, { message: 'Internal server error' }])
    }
    assert.equal((await get('/eigen/node')).status, 200)
    broken = false
    assert.deepEqual(await health(), [200, ''])
  })

  it('503 from the moment at which it stops, until it does not answer any more', async () => {
    await lifecycle.stop()
    assert.deepEqual(answered, [
      [503, ''],
      ['Down', 'Down'],
    ])
    await assert.rejects(health())
  })
})
