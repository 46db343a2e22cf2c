import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startThreshold } from '../../../src/bls/threshold/start.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import type { ApiRoute } from '../../../src/node/api/router.ts'
import { type ApiServer, createApiServer } from '../../../src/node/api/server.ts'
import { createMemoryNetwork } from '../../../src/p2p/memory.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { silentLog } from '../../../src/util/log.ts'
import { dealGroup, dealSharing } from '../../support/beacon.ts'
import { type BeaconNode, startBeaconNode } from '../../support/beaconRun.ts'
import { eventually } from '../../support/eventually.ts'
import { castOf } from '../../support/simnet.ts'
import type { Seen } from './drand-child.ts'

/** Consecutive rounds of one second that the client reads. */
const ROUNDS = 8

const CHILD = join(import.meta.dirname, 'drand-child.ts')
const SOURCE = '--conditions=source'

const nothing = new AbortController().signal

/** drand's own clients, as they are on npm, against a node whose rounds four operators make on the wall clock. */
describe('drand’s clients', function () {
  this.timeout(180_000)
  const cast = castOf(4)
  const nodes: BeaconNode[] = []
  const servers: ApiServer[] = []
  let urls: { readonly honest: string; readonly lying: string }
  let hash: string

  before(async () => {
    await startThreshold()
    const schedule = { genesis: BigInt(Math.floor(Date.now() / 1_000) - 5), period: 1 }
    const dealt = dealGroup(11, schedule)
    hash = dealt.group.chainHash.slice(2)
    const members = cast.operators.map((operator) => ({ operator, shares: 1 }))
    const sharings = [dealSharing(dealt, { number: 1n, switchRound: 1n, threshold: 3, members })]
    const network = createMemoryNetwork({ clock: systemClock, seed: 1 })
    for (const index of cast.operators.keys()) {
      const transport = network.join(`peer-${index}`)
      transport.setPeers(cast.operators.map((_, i) => ({ id: `peer-${i}`, addresses: [] })))
      const now = () => systemClock.now()
      nodes.push(await startBeaconNode({ cast, index, dealt, sharings, transport, clock: systemClock, now }))
    }
    const routes = (nodes[0] as BeaconNode).runner.routes
    urls = { honest: await serve(routes), lying: await serve(routes.map(lie)) }
  })
  after(async () => {
    for (const server of servers) await server.stop()
    for (const { runner } of nodes) await runner.stop()
  })

  async function serve(routes: readonly ApiRoute[]): Promise<string> {
    const common = { clock: systemClock, log: silentLog, metrics: createMetrics() }
    const server = createApiServer({ host: '127.0.0.1', port: 0, routes, ...common })
    await server.start(nothing)
    servers.push(server)
    return server.url()
  }
  it('find the chain, read rounds as they are made, verify each, refuse a tampered one; tlock-js opens a message at its time', async () => {
    const health = async () => (await fetch(`${urls.honest}/health`)).status
    await eventually(async () => (await health()) === 200, 'the rounds of before the start are not made')
    const child = spawn(process.execPath, [SOURCE, CHILD, urls.honest, urls.lying, hash, `${ROUNDS}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    const seen = JSON.parse(text) as Seen
    const [first = 0] = seen.rounds
    assert.deepEqual(
      seen.rounds,
      Array.from({ length: ROUNDS }, (_, i) => first + i),
    )
    assert.deepEqual([seen.hash, seen.health, seen.past, seen.opened], [hash, 200, 2, 'sealed bid'])
    assert.match(seen.tampered, /not valid/)
    assert.notEqual(seen.early, '')
  })
})

/** Gives the signature of another round. */
function lie(route: ApiRoute): ApiRoute {
  if (!route.path.includes('/public/')) return route
  return {
    ...route,
    async handle(request) {
      const reply = await route.handle(request)
      if (!('body' in reply) || reply.status !== 200) return reply
      const { round, signature } = reply.body as { round: number; signature: string }
      const other = await route.handle({ ...request, params: { ...request.params, round: `${round - 1}` } })
      const before = 'body' in other ? (other.body as { signature?: string }).signature : undefined
      return {
        ...reply,
        body: { ...(reply.body as object), signature: before === signature ? '00'.repeat(48) : before },
      }
    },
  }
}
