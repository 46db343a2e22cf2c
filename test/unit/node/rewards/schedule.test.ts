import assert from 'node:assert/strict'
import type { Distribution } from '../../../../src/chain/rewards/distribution.ts'
import { createLedger } from '../../../../src/chain/rewards/ledger.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { declareRewardsMetrics } from '../../../../src/node/rewards/metrics.ts'
import { createScheduledClaims, type ScheduledClaimsOptions } from '../../../../src/node/rewards/schedule.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { eventually } from '../../../support/eventually.ts'
import { ACTIVATION_DELAY, fakeCoordinator } from '../../../support/rewards.ts'

const EARNER: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const RECIPIENT: Address = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const GOLD: Address = '0x0000000000000000000000000000000000000001'
const STRATEGY: Address = '0x0000000000000000000000000000000000000009'
const SILVER: Address = '0x0000000000000000000000000000000000000002'
const earns = (gold: bigint, silver: bigint): Distribution => [
  {
    earner: EARNER.toLowerCase() as Address,
    tokens: [
      { token: GOLD, cumulative: gold },
      { token: SILVER, cumulative: silver },
    ],
  },
]

function setup(changes: Partial<ScheduledClaimsOptions> = {}) {
  const fake = fakeCoordinator()
  const state = { distribution: earns(10n, 20n), loading: undefined as Promise<void> | undefined }
  const ledger = createLedger(fake.address, {
    async load() {
      await state.loading
      return { distribution: state.distribution, where: 'the test' }
    },
  })
  const metrics = createMetrics()
  const claims = createScheduledClaims({
    strategyOf: (token) => (token === GOLD ? STRATEGY : undefined),
    chain: fake.memory.as(EARNER),
    coordinator: fake.address,
    ledger,
    earner: EARNER,
    recipient: RECIPIENT,
    claim: { schedule: '0 3 * * *', minimum: [] },
    clock: fake.clock,
    log: silentLog,
    metrics: declareRewardsMetrics(metrics),
    ...changes,
  })
  const metric = async (line: string) => {
    const { body } = await metrics.expose()
    const found = body.split('\n').find((text) => text.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.split(' ')[1])
  }
  return { fake, state, claims, metric }
}

describe('scheduled claims of rewards', () => {
  it('claim what is new, to the recipient, and nothing twice', async () => {
    const { fake, state, claims, metric } = setup()
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    assert.equal(await claims.run(), 'claimed')
    assert.equal(await claims.run(), 'nothing')
    state.distribution = earns(15n, 20n)
    await fake.postTree(state.distribution)
    fake.pass(ACTIVATION_DELAY)
    assert.equal(await claims.run(), 'claimed')
    assert.deepEqual(
      fake.claims.map(({ claim, recipient, from }) => [
        claim.tokenLeaves.map(({ token, cumulativeEarnings }) => [token, cumulativeEarnings]),
        recipient,
        from,
      ]),
      [
        [
          [
            [GOLD, 10n],
            [SILVER, 20n],
          ],
          RECIPIENT,
          EARNER,
        ],
        [[[GOLD, 15n]], RECIPIENT, EARNER],
      ],
    )
    assert.equal(await metric(`lariat_rewards_claimed_total{token="${GOLD}"}`), 15)
    const gold = `token="${GOLD}",unit="smallest",strategy="${STRATEGY}"`
    assert.equal(await metric(`eigen_fees_earned_total{${gold}}`), 15)
    const silver = `token="${SILVER}",unit="smallest",strategy="${fake.address}"`
    assert.equal(await metric(`eigen_fees_earned_total{${silver}}`), 20)
    assert.equal(await metric(`lariat_rewards_claimable{token="${GOLD}"}`), 0)
    assert.equal(await metric('lariat_rewards_runs_total{outcome="claimed"}'), 2)
    assert.equal(await metric('lariat_rewards_runs_total{outcome="nothing"}'), 1)
  })

  it('wait for a root, and for its activation', async () => {
    const { fake, claims } = setup()
    assert.equal(await claims.run(), 'nothing')
    await fake.postTree(earns(10n, 20n))
    assert.equal(await claims.run(), 'nothing')
    fake.pass(ACTIVATION_DELAY)
    assert.equal(await claims.run(), 'claimed')
  })

  it('leave small amounts alone', async () => {
    const minimum = [
      { token: GOLD, amount: 11n },
      { token: SILVER, amount: 20n },
    ]
    const { fake, claims } = setup({ claim: { schedule: '* * * * *', minimum } })
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    assert.equal(await claims.run(), 'claimed')
    assert.deepEqual(
      fake.claims.flatMap(({ claim }) => claim.tokenLeaves.map(({ token }) => token)),
      [SILVER],
    )
    assert.equal(await claims.run(), 'nothing')
  })

  it('count a failure with its reason, and go on with the next run', async () => {
    const { fake, state, claims, metric } = setup()
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    fake.refusal = 'InvalidClaimProof'
    assert.equal(await claims.run(), 'failed')
    state.distribution = earns(99n, 99n)
    fake.refusal = undefined
    const strange = setup()
    strange.state.distribution = earns(99n, 99n)
    await strange.fake.postTree(earns(1n, 1n))
    strange.fake.pass(ACTIVATION_DELAY)
    assert.equal(await strange.claims.run(), 'failed')
    assert.equal(await strange.metric('lariat_rewards_failures_total{reason="rewards.wrong-root"}'), 1)
    assert.equal(fake.claims.length, 0)
    assert.equal(await metric('lariat_rewards_failures_total{reason="chain.reverted"}'), 1)
    assert.equal(await metric('lariat_rewards_runs_total{outcome="failed"}'), 1)
    assert.equal(await claims.run(), 'claimed')
  })

  it('refuse to send what another account would have to', async () => {
    const { fake, claims, metric } = setup()
    fake.claimers.set(EARNER.toLowerCase(), RECIPIENT)
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    assert.equal(await claims.run(), 'failed')
    assert.equal(await metric('lariat_rewards_failures_total{reason="rewards.not-claimer"}'), 1)
    assert.deepEqual(fake.claims, [])
  })

  it('never overlap', async () => {
    const { fake, state, claims, metric } = setup()
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    let release = () => {}
    state.loading = new Promise((resolve) => {
      release = resolve
    })
    const first = claims.run()
    assert.equal(await claims.run(), 'overlapped')
    release()
    assert.equal(await first, 'claimed')
    assert.equal(fake.claims.length, 1)
    assert.equal(await metric('lariat_rewards_runs_total{outcome="overlapped"}'), 1)
  })

  it('run at the times of their expression, until stopped', async () => {
    const { fake, claims } = setup({ claim: { schedule: '* * * * * *', minimum: [] } })
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    await claims.start(new AbortController().signal)
    try {
      await eventually(() => fake.claims.length === 1, 'the schedule claimed nothing')
    } finally {
      await claims.stop()
    }
  })

  it('end a run that is under way when the node stops', async () => {
    const { fake, state, claims } = setup()
    await fake.postTree(earns(10n, 20n))
    fake.pass(ACTIVATION_DELAY)
    let release = () => {}
    state.loading = new Promise((resolve) => {
      release = resolve
    })
    const run = claims.run()
    const stopped = claims.stop()
    release()
    await stopped
    assert.equal(await run, 'nothing')
    assert.deepEqual(fake.claims, [])
  })
})
