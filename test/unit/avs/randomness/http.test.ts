import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { RouteReply } from '../../../../src/avs/api.ts'
import { beaconMetrics } from '../../../../src/avs/randomness/beacon/metrics.ts'
import { Chain } from '../../../../src/avs/randomness/beacon/node.ts'
import { routes } from '../../../../src/avs/randomness/http/routes.ts'
import { roundStoreSpec } from '../../../../src/avs/randomness/rounds/store.ts'
import { startThreshold } from '../../../../src/bls/threshold/start.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { createRouter } from '../../../../src/node/api/router.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import { type Hex, hexToBytes } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { dealGroup, signatureBySecret } from '../../../support/beacon.ts'

const GENESIS = 1_700_000_000n
const PERIOD = 3

describe('drand’s HTTP API', () => {
  let clock: SimClock
  let chain: Chain | undefined
  let open: (chainHash: string) => void
  const schedule = { genesis: GENESIS, period: PERIOD }
  let dealt: ReturnType<typeof dealGroup>

  before(async () => {
    await startThreshold()
    dealt = dealGroup(3, schedule)
  })
  beforeEach(() => {
    clock = new SimClock(Number(GENESIS) * 1_000)
    const store = memoryDataStore().keyValues.open('s', 'rounds', roundStoreSpec(100))
    chain = undefined
    open = () => {
      chain = new Chain(dealt.group, { store, clock, metrics: beaconMetrics(createMetrics()), log: silentLog })
    }
  })

  async function get(path: string): Promise<RouteReply> {
    const match = createRouter(routes.map((route) => ({ path: route.path, handle: () => ({ status: 0, body: '' }) })))
    const found = match('GET', path)
    assert.ok('route' in found, `no route ${path}`)
    const route = routes.find((one) => one.path === found.route.path)
    const context = {
      state: {
        engine: { chain, participation: { list: (from: bigint, to: bigint, limit: number) => [{ from, to, limit }] } },
      },
      clock,
      query: found.query,
      params: found.params,
      signal: new AbortController().signal,
    }
    assert.ok(route)
    return route.handle(context as unknown as Parameters<typeof route.handle>[0])
  }
  const keep = (round: bigint) => chain?.keep({ round, signature: signatureBySecret(dealt, round) })
  const hash = () => dealt.group.chainHash.slice(2)

  it('knows no chain before there is a group', async () => {
    assert.deepEqual((await get('/chains')).body, [])
    assert.equal((await get(`/${hash()}/info`)).status, 404)
    assert.deepEqual(await get('/health').then(({ status, body }) => [status, body]), [
      503,
      { current: 0, expected: 0 },
    ])
  })

  it('tells of its chain as drand does, for caches to keep', async () => {
    open(hash())
    assert.deepEqual((await get('/chains')).body, [hash()])
    const { status, body, headers } = await get(`/${hash()}/info`)
    assert.equal(status, 200)
    assert.deepEqual(body, {
      public_key: Buffer.from(dealt.group.publicKey).toString('hex'),
      period: PERIOD,
      genesis_time: Number(GENESIS),
      hash: hash(),
      groupHash: '5a'.repeat(32),
      schemeID: 'bls-unchained-g1-rfc9380',
      metadata: { beaconID: 'default' },
    })
    assert.match(headers?.['cache-control'] ?? '', /immutable/)
    assert.equal(headers?.['access-control-allow-origin'], '*')
    assert.equal((await get(`/${'ab'.repeat(32)}/info`)).status, 404)
  })

  it('gives rounds by number and the latest, without previous_signature, each with what caches may do', async () => {
    open(hash())
    await clock.advance(3_100)
    keep(1n)
    keep(2n)
    const first = await get(`/${hash()}/public/1`)
    assert.deepEqual(Object.keys(first.body as object), ['round', 'randomness', 'signature'])
    const { round, signature } = first.body as { round: number; signature: string }
    assert.equal(round, 1)
    assert.deepEqual(Buffer.from(signature, 'hex'), Buffer.from(signatureBySecret(dealt, 1n)))
    assert.match(first.headers?.['cache-control'] ?? '', /immutable/)
    const latest = await get(`/${hash().toUpperCase()}/public/latest`)
    assert.equal((latest.body as { round: number }).round, 2)
    assert.equal(latest.headers?.['cache-control'], 'public, max-age=2, must-revalidate')
    assert.equal(latest.headers?.expires, new Date((Number(GENESIS) + 6) * 1_000).toUTCString())
  })

  it('answers 404 for the future, for what it has not got, and for what is no round; none of it is kept by caches', async () => {
    open(hash())
    assert.equal((await get(`/${hash()}/public/latest`)).status, 404)
    await clock.advance(60_000)
    for (const round of ['22', '1000000', '0', '-1', '1.5', '3', '99999999999999999999']) {
      const { status, headers } = await get(`/${hash()}/public/${round}`)
      assert.equal(status, 404, round)
      assert.match(headers?.['cache-control'] ?? '', /no-cache/)
    }
  })

  it('waits for a round whose time has just come, and no longer than three seconds', async () => {
    open(hash())
    await clock.advance(2_960)
    const early = get(`/${hash()}/public/2`) // the client’s clock is 40 ms ahead
    await clock.advance(80)
    keep(2n)
    assert.equal((await early).status, 200)
    await clock.advance(3_000)
    const never = get(`/${hash()}/public/3`)
    await clock.advance(3_000)
    assert.equal((await never).status, 404)
    assert.equal(chain?.waiters, 0)
  })

  it('is healthy while no more than one round is missing', async () => {
    open(hash())
    keep(1n)
    await clock.advance(3_000)
    const well = async () => (await get('/health')).status === 200
    assert.ok(await well())
    await clock.advance(3_000)
    assert.ok(!(await well()))
    assert.deepEqual((await get('/health')).body, { current: 1, expected: 3 })
    keep(2n)
    assert.ok(await well())
  })

  it('tells who took part, so many rounds at most', async () => {
    open(hash())
    await clock.advance(3_000)
    assert.deepEqual((await get('/v1/randomness/participation?limit=7')).body, {
      current: 2n,
      chain: { hash: hash(), period: 3, latest: null },
      rounds: [{ from: 1n, to: 2n, limit: 7 }],
    })
    for (const limit of ['0', '1001', 'x']) {
      assert.equal((await get(`/v1/randomness/participation?limit=${limit}`)).status, 400)
    }
  })
})

describe('rounds of the real quicknet', () => {
  interface Vectors {
    readonly chain: { hash: Hex; publicKey: Hex; period: number; genesis: number; groupHash: Hex }
    readonly rounds: readonly { readonly round: number; readonly signature: Hex }[]
  }
  const file = new URL('../../../vectors/quicknet.json', import.meta.url)
  const { chain: facts, rounds }: Vectors = JSON.parse(readFileSync(file, 'utf8'))

  it('are kept, and changed ones are not', async () => {
    await startThreshold()
    const chain = new Chain(
      {
        publicKey: hexToBytes(facts.publicKey),
        schedule: { genesis: BigInt(facts.genesis), period: facts.period },
        groupHash: facts.groupHash,
        chainHash: facts.hash,
      },
      {
        store: memoryDataStore().keyValues.open('s', 'rounds', roundStoreSpec(100)),
        clock: new SimClock(1_900_000_000_000),
        metrics: beaconMetrics(createMetrics()),
        log: silentLog,
      },
    )
    assert.ok(rounds.length > 5)
    for (const one of rounds) {
      const [round, signature] = [BigInt(one.round), hexToBytes(one.signature)]
      const other = rounds.find(({ round: number }) => number !== one.round)
      assert.throws(() => chain.keep({ round, signature: signature.map((byte) => byte ^ 1) }), { code: 'rounds.false' })
      assert.throws(() => chain.keep({ round, signature: hexToBytes(other?.signature ?? '0x') }), {
        code: 'rounds.false',
      })
      assert.ok(chain.keep({ round, signature }))
      assert.ok(!chain.keep({ round, signature }))
    }
  })
})
