import assert from 'node:assert/strict'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { healthOf } from '../../../../src/node/api/health.ts'
import { riskChecks } from '../../../../src/node/risk/checks.ts'
import { type RiskSources, readRiskFigures } from '../../../../src/node/risk/figures.ts'
import { createRiskMonitor, type RiskMonitor } from '../../../../src/node/risk/monitor.ts'
import { riskView } from '../../../../src/node/risk/view.ts'
import { createSelfChecks } from '../../../../src/node/selfcheck/monitor.ts'
import type { EpochTable } from '../../../../src/types/epoch.ts'
import { toJson } from '../../../../src/util/json.ts'
import { silentLog } from '../../../../src/util/log.ts'
import {
  address,
  CORE,
  createRiskWorld,
  ETH,
  LRT_ENTRY,
  OBSCURE_STRATEGY,
  OPERATOR,
  OTHER_AVS,
  RECIPIENT,
  RETH_ENTRY,
  type RiskWorld,
  SERVICE,
  STETH,
  VAULT,
} from './riskChain.ts'

const REFRESH_MS = 60_000
const TABLE: EpochTable = {
  number: 3n,
  activatesAt: 0,
  endsAt: undefined,
  validUntil: 2 ** 40,
  quorumBps: 6_667,
  members: [{ index: 0, operator: OPERATOR, publicKey: new Uint8Array(), weight: 5n }],
  totalWeight: 5n,
  revoked: new Set(),
  revokedNow: new Set(),
}

describe('figures of risk', () => {
  let world: RiskWorld
  let sources: RiskSources

  beforeEach(() => {
    world = createRiskWorld()
    sources = {
      chain: world.chain.as(OPERATOR),
      core: CORE,
      lsts: [RETH_ENTRY],
      lrt: LRT_ENTRY,
      operator: OPERATOR,
      services: [{ name: 'prices', contract: SERVICE, table: () => TABLE, secured: 50n * ETH }],
      limits: { heartbeat: 3_600, depegBps: 200 },
    }
  })
  const read = () => readRiskFigures(sources, world.clock.now())

  it('say what the operator can lose, to whom, and what nobody values', async () => {
    const { operator, failures } = await read()
    assert.deepEqual(failures, [])
    // 100 shares each, those in the queue included: rETH's are worth 1.122 ETH by its own rate, half of them allocated
    // soon; the second token's 0.5 ETH by the service, all of them slashable until the deallocation is done.
    assert.deepEqual(operator, {
      stake: (1_122n * ETH) / 10n + 50n * ETH,
      loss: (561n * ETH) / 10n + 50n * ETH,
      byAvs: [{ avs: SERVICE, loss: (561n * ETH) / 10n + 50n * ETH }],
      unvalued: [OBSCURE_STRATEGY],
      redistributing: [{ set: { avs: OTHER_AVS, id: 4 }, recipient: RECIPIENT }],
      complete: true,
    })
  })

  it('set what rests on a service against the stake behind it', async () => {
    const [service] = (await read()).services
    // 10 shares at 1.122 and 20 at 0.5
    assert.deepEqual(service?.stake, { slashable: (2_122n * ETH) / 100n, complete: true })
    assert.equal(service?.securedRatio?.toFixed(3), '2.356')
    assert.equal(service?.concentration?.toStop, 1)
  })

  it('read members in pages, and say when there are too many', async () => {
    world.members = Array.from({ length: 120 }, (_, i) => address(100 + i))
    assert.equal((await read()).services[0]?.stake?.slashable, 120n * ((2_122n * ETH) / 100n))
    world.members = Array.from({ length: 1_001 }, (_, i) => address(100 + i))
    const [service] = (await read()).services
    assert.deepEqual(service?.stake, { slashable: 1_000n * ((2_122n * ETH) / 100n), complete: false })
  })

  it('say how the LRT is backed, and what markets say', async () => {
    world.lrtMarket = (97n * ETH) / 100n
    const { lrt } = await read()
    // rETH: 10 idle and 40 staked at 1.1, stETH: 45
    assert.equal(lrt?.assets, 100n * ETH)
    assert.deepEqual([lrt?.liabilities, lrt?.ratio, lrt?.unreserved, lrt?.steady], [100n * ETH, 1, 0n, true])
    assert.deepEqual(lrt?.redistributable, [RECIPIENT])
    assert.deepEqual([lrt?.market?.ratio, lrt?.market?.state], [0.97, 'depegged'])
    assert.deepEqual(
      lrt?.lsts.map(({ token, ratio, state }) => [token, ratio, state]),
      [[STETH, 0.96, 'depegged']],
    )
  })

  it('know the rest of an LRT whose market feed has no answer yet', async () => {
    world.lrtMarket = -1n
    const { lrt, failures } = await read()
    assert.deepEqual([lrt?.market?.state, lrt?.ratio, failures], ['invalid', 1, []])
  })

  it('read the LRT again when it changed meanwhile, and say so when it never stands still', async () => {
    let reads = 0
    world.onSupply = () => {
      if (++reads === 2) world.supply += ETH
    }
    const once = await read()
    assert.deepEqual([once.lrt?.steady, once.lrt?.liabilities, reads], [true, 101n * ETH, 3])
    world.onSupply = () => {
      world.supply += ETH
    }
    assert.equal((await read()).lrt?.steady, false)
  })

  it('are there without an LRT', async () => {
    sources = { ...sources, lrt: undefined }
    const { lrt, failures, operator } = await read()
    assert.deepEqual([lrt, failures], [undefined, []])
    assert.notEqual(operator, undefined)
  })

  it('are there but for a part that cannot be read', async () => {
    world.chain.contract(VAULT, {
      lsts: () => {
        throw new Error('no such vault')
      },
    })
    const { lrt, failures, operator } = await read()
    assert.equal(lrt, undefined)
    assert.deepEqual(failures, [{ part: 'lrt', problem: 'LRT: no such vault' }])
    assert.notEqual(operator, undefined)
  })

  it('take a bounded number of calls', async () => {
    await read()
    assert.ok(world.calls.count <= 50, `${world.calls.count} calls`)
  })

  it('have a form as JSON', async () => {
    const view = JSON.parse(toJson(riskView(await read())))
    assert.equal(view.operator.loss, ((1_061n * ETH) / 10n).toString())
    assert.deepEqual(view.operator.redistributing, [{ avs: OTHER_AVS, operatorSetId: 4, recipient: RECIPIENT }])
    assert.deepEqual([view.services[0].toStop, view.services[0].toForge, view.services[0].epoch], [1, 1, '3'])
    assert.deepEqual([view.lrt.backing, view.lrt.market.state, view.lrt.lsts[0].state], [1, 'ok', 'depegged'])
    sources = { ...sources, lrt: undefined, services: [] }
    const bare = JSON.parse(toJson(riskView(await read())))
    assert.deepEqual([bare.lrt, bare.services], [null, []])
  })

  describe('watched', () => {
    const looked = async (monitor: RiskMonitor, services: readonly string[]) => {
      const selfChecks = createSelfChecks({
        services,
        clock: world.clock,
        log: silentLog,
        metrics: createMetrics(),
      })
      selfChecks.add(...riskChecks(monitor, world.clock, services))
      await selfChecks.look()
      return healthOf(selfChecks, services)
    }
    const start = async () => {
      const metrics = createMetrics()
      const monitor = createRiskMonitor({
        ...sources,
        refreshMs: REFRESH_MS,
        clock: world.clock,
        log: silentLog,
        metrics,
      })
      await monitor.start(new AbortController().signal)
      await world.clock.advance(0)
      return { monitor, metrics }
    }

    it('are read at the start and again after each interval, until the end', async () => {
      const { monitor } = await start()
      const first = monitor.current()
      assert.equal(first?.at, world.clock.now())
      await world.clock.advance(REFRESH_MS - 1)
      assert.equal(monitor.current(), first)
      await world.clock.advance(1)
      assert.equal(monitor.current()?.at, world.clock.now())
      await monitor.stop()
      const { count } = world.calls
      await world.clock.advance(10 * REFRESH_MS)
      assert.equal(world.calls.count, count)
    })

    it('end at once while a chain does not answer', async () => {
      sources = { ...sources, chain: { ...sources.chain, read: () => new Promise(() => {}) } }
      const { monitor } = await start()
      assert.equal(monitor.current(), undefined)
      await monitor.stop()
    })

    it('are in the metrics', async () => {
      const { monitor, metrics } = await start()
      await monitor.stop()
      const { body } = await metrics.expose()
      for (const line of [
        'lariat_risk_loss_ether 106.1',
        `lariat_risk_avs_loss_ether{avs="${SERVICE}"} 106.1`,
        'lariat_risk_redistributing_sets 1',
        'lariat_risk_service_slashable_ether{service="prices"} 21.22',
        'lariat_risk_weight_share{service="prices",of="own"} 1',
        'lariat_risk_nakamoto_operators{service="prices",to="stop"} 1',
        'lariat_risk_lrt_backing_ratio 1',
        'lariat_risk_depeg_alarm{token="lrt"} 0',
        `lariat_risk_depeg_alarm{token="${STETH}"} 1`,
      ]) {
        assert.ok(body.split('\n').includes(line), `${line} in\n${body}`)
      }
    })

    it('are checked, and make no node ill', async () => {
      const { monitor } = await start()
      const check = () => looked(monitor, ['prices'])
      const { healthy, checks } = await check()
      assert.equal(healthy, true)
      assert.deepEqual(
        checks.filter(({ ok }) => !ok).map(({ name, problem }) => `${name}: ${problem}`),
        [
          `risk: redistribution: stake is allocated to sets that keep what they slash: set 4 of ${OTHER_AVS} (to ${RECIPIENT}); deallocate with lariat operator deallocate unless you trust them with it`,
          `prices: risk: concentration: ${OPERATOR} alone holds 100% of the weight and can keep every certificate from its quorum: more stake with others, or maxShareBps in its contract, would mend it`,
          'prices: risk: value secured: 50 ETH rest on it (risk.secured), and 21.22 ETH can be slashed: an attack may gain more than it loses',
          `risk: LRT operators: operators of the LRT allocate to sets that keep what they slash: ${RECIPIENT}; its curator can remove them, and its holders leave`,
          `risk: markets: ${STETH} trades at 96% of its own rate`,
        ],
      )
      await monitor.stop()
      await world.clock.advance(4 * REFRESH_MS)
      const old = (await check()).checks.find(({ name }) => name === 'risk: figures')
      assert.deepEqual([old?.ok, old?.problem], [false, 'the figures are 240 s old: check the providers'])
    })

    it('alarm for an LRT that is not backed', async () => {
      world.supply = 102n * ETH
      const { monitor } = await start()
      const { checks } = await looked(monitor, [])
      assert.equal(
        checks.find(({ name }) => name === 'risk: LRT backing')?.problem,
        "the LRT's assets are 100 ETH and its shares stand for 102 ETH",
      )
      await monitor.stop()
    })
  })
})
