import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { erc20Abi } from 'viem'
import { rewardsCoordinatorAbi } from '../../../src/chain/abi/rewardsCoordinator.ts'
import type { Chain } from '../../../src/chain/clients.ts'
import { openChain } from '../../../src/chain/clients.ts'
import {
  type Distribution,
  type DistributionLine,
  parseDistribution,
  renderDistribution,
} from '../../../src/chain/rewards/distribution.ts'
import { createLedger } from '../../../src/chain/rewards/ledger.ts'
import { payRewards, postRewards } from '../../../src/chain/rewards/post.ts'
import { openSource } from '../../../src/chain/rewards/source.ts'
import type { RewardsClaim } from '../../../src/chain/rewards/tree.ts'
import { createSender, type TransactionSender } from '../../../src/chain/sender.ts'
import { createServiceChain } from '../../../src/chain/serviceChain.ts'
import type { ServiceChain } from '../../../src/chain/types.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import type { Terminal } from '../../../src/node/operator/terminal.ts'
import { claimRewards } from '../../../src/node/rewards/claim.ts'
import { declareRewardsMetrics } from '../../../src/node/rewards/metrics.ts'
import { createScheduledClaims } from '../../../src/node/rewards/schedule.ts'
import { showRewards } from '../../../src/node/rewards/show.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { createHttpClient } from '../../../src/util/http.ts'
import { silentLog } from '../../../src/util/log.ts'
import { anvilAccount } from '../../support/anvil.ts'
import { deployRewards } from '../../support/rewardsChain.ts'
import { type ShortCore, startShortCore } from '../../support/shortCore.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')
const ACTIVATION_DELAY = 600
const RECIPIENT: Address = '0x00000000000000000000000000000000000ca5e1'

/** Says yes, and keeps what is printed. */
function listening(interactive = true): Terminal & { readonly lines: string[]; readonly asked: string[] } {
  const lines: string[] = []
  const asked: string[] = []
  return {
    lines,
    asked,
    interactive,
    out: (line) => void lines.push(line),
    async confirm(question) {
      asked.push(question)
      return true
    },
  }
}

describe('rewards on anvil: submission, root, activation, claim', function () {
  this.timeout(180_000)
  let core: ShortCore
  let chain: Chain
  const senders: TransactionSender[] = []
  let coordinator: Address
  let updater: ServiceChain
  let operator: ServiceChain
  let gold: Address
  let silver: Address
  let source: string
  let config: string

  const earner = () => core.operator.account.address
  const balance = (token: Address, of: Address = RECIPIENT) =>
    core.client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [of] })
  const as = (account: Parameters<typeof createSender>[0]['account']) => {
    const sender = createSender({ chain, account, log: silentLog, receiptPollMs: 20 })
    senders.push(sender)
    return createServiceChain({ chain, sender, log: silentLog })
  }
  /** Time goes by, and the followed head with it. */
  async function pass(seconds: number): Promise<void> {
    await core.rpc('evm_increaseTime', seconds)
    await core.mine(1)
    await chain.heads.refresh()
  }
  async function distribution(amounts: Partial<Record<'gold' | 'silver', bigint>>): Promise<Distribution> {
    const line = (who: Address, token: Address, amount: bigint): DistributionLine => ({
      earner: who,
      token,
      cumulative_amount: `${amount}`,
    })
    const lines = [line(anvilAccount(3).address, gold, 7n), line(anvilAccount(4).address, silver, 9n)]
    if (amounts.gold !== undefined) lines.push(line(earner(), gold, amounts.gold))
    if (amounts.silver !== undefined) lines.push(line(earner(), silver, amounts.silver))
    return parseDistribution(JSON.stringify(lines), 'the test')
  }
  /** Posts a distribution and publishes it where the configuration looks for it. */
  async function post(amounts: Partial<Record<'gold' | 'silver', bigint>>) {
    const made = await distribution(amounts)
    await chain.heads.refresh()
    const posted = await postRewards({ chain: updater, coordinator, distribution: made })
    await writeFile(join(source, `${posted.root}.json`), renderDistribution(made))
    await chain.heads.refresh()
    return posted
  }
  function daemon() {
    const metrics = createMetrics()
    const claims = createScheduledClaims({
      strategyOf: () => undefined,
      chain: operator,
      coordinator,
      ledger: createLedger(coordinator, openSource(join(source, '{root}.json'), createHttpClient())),
      earner: earner(),
      recipient: RECIPIENT,
      claim: { schedule: '0 3 * * *', minimum: [] },
      clock: systemClock,
      log: silentLog,
      metrics: declareRewardsMetrics(metrics),
    })
    const failures = async () =>
      (await metrics.expose()).body.split('\n').filter((line) => line.startsWith('lariat_rewards_failures_total{'))
    return { run: claims.run, failures }
  }

  before(async () => {
    core = await startShortCore(ARTIFACTS)
    ;({ coordinator, gold, silver } = await deployRewards(core, ACTIVATION_DELAY))
    const { chainId, genesisHash } = core.deployment
    chain = await openChain({
      id: chainId,
      genesisHash,
      rpc: [{ url: core.anvil.rpcUrl }],
      singleProvider: true,
      pollMs: 50,
      log: silentLog,
      metrics: createMetrics(),
    })
    updater = as(anvilAccount(0))
    operator = as(core.operator.account)

    source = join(core.folder, 'distributions')
    await mkdir(source)
    const deploymentFile = join(core.folder, 'with-rewards.json')
    const deployment = { ...core.deployment, core: { ...core.deployment.core, rewardsCoordinator: coordinator } }
    await writeFile(deploymentFile, JSON.stringify(deployment))
    config = await core.configure('rewards.yaml', (yaml) => ({
      ...yaml,
      chain: { ...(yaml.chain as object), deployment: deploymentFile },
      rewards: { source: join(source, '{root}.json'), recipient: RECIPIENT },
    }))
  })
  after(async () => {
    for (const sender of senders) await sender.close()
    chain?.close()
    await core?.close()
  })

  it('take what an AVS pays for a day that is over', async () => {
    const rewards = [anvilAccount(3).address, earner(), anvilAccount(4).address].map((of, i) => ({
      operator: of,
      amount: 100n * BigInt(i + 1),
    }))
    const strategies = core.deployment.strategies.map(({ strategy }) => ({ strategy, multiplier: 10n ** 18n }))
    for (const token of [gold, silver]) {
      await payRewards({
        chain: updater,
        coordinator,
        submission: { token, rewards, strategies, description: 'a day of the test' },
      })
    }
    assert.equal(await balance(gold, coordinator), 600n)
    assert.equal(await balance(silver, coordinator), 600n)
  })

  it('hash and prove as the contract does', async () => {
    const vector = JSON.parse(await readFile(new URL('../../vectors/rewards-tree.json', import.meta.url), 'utf8')) as {
      distribution: DistributionLine[]
      root: Hex
      claims: RewardsClaim[]
    }
    const { root, rootIndex } = await postRewards({
      chain: updater,
      coordinator,
      distribution: await parseDistribution(JSON.stringify(vector.distribution), 'vector'),
    })
    assert.equal(root, vector.root)
    await pass(ACTIVATION_DELAY)
    for (const claim of vector.claims) {
      const tokenLeaves = claim.tokenLeaves.map(({ token, cumulativeEarnings }) => ({
        token,
        cumulativeEarnings: BigInt(cumulativeEarnings),
      }))
      const args = [{ ...claim, rootIndex, tokenLeaves }] as const
      assert.ok(
        await updater.read({ address: coordinator, abi: rewardsCoordinatorAbi, functionName: 'checkClaim', args }),
      )
    }
  })

  it('are claimed by the daemon once their root is active, and once only', async () => {
    const { run } = daemon()
    await post({ gold: 50n, silver: 5n })
    assert.equal(await run(), 'failed', 'the vector’s root is active and has no distribution here')
    await pass(ACTIVATION_DELAY)
    assert.equal(await run(), 'claimed')
    assert.deepEqual([await balance(gold), await balance(silver)], [50n, 5n])
    assert.equal(await run(), 'nothing')

    // more gold and no more silver: silver is left out, where the contract would refuse all
    await post({ gold: 80n, silver: 5n })
    assert.equal(await run(), 'nothing')
    await pass(ACTIVATION_DELAY)
    assert.equal(await run(), 'claimed')
    assert.deepEqual([await balance(gold), await balance(silver)], [80n, 5n])
  })

  it('of a disabled root are never claimed', async () => {
    const { run } = daemon()
    const { rootIndex } = await post({ gold: 1_000n, silver: 1_000n })
    await updater.write({
      address: coordinator,
      abi: rewardsCoordinatorAbi,
      functionName: 'disableRoot',
      args: [rootIndex],
    })
    await pass(ACTIVATION_DELAY)
    assert.equal(await run(), 'nothing')
    assert.equal(await balance(gold), 80n)
  })

  it('of an altered distribution are never claimed', async () => {
    const { run, failures } = daemon()
    const { root } = await post({ gold: 81n, silver: 5n })
    await pass(ACTIVATION_DELAY)
    await writeFile(join(source, `${root}.json`), renderDistribution(await distribution({ gold: 600n })))
    assert.equal(await run(), 'failed')
    assert.deepEqual(await failures(), ['lariat_rewards_failures_total{reason="rewards.wrong-root"} 1'])
    assert.equal(await balance(gold), 80n)
    await writeFile(join(source, `${root}.json`), renderDistribution(await distribution({ gold: 81n, silver: 5n })))
    assert.equal(await run(), 'claimed')
    assert.equal(await balance(gold), 81n)
  })

  it('are shown by the command', async () => {
    await post({ gold: 90n, silver: 25n })
    const pending = listening()
    assert.equal(await showRewards({ config }, pending), 0)
    assert.match(pending.lines.join('\n'), /Root \d+ is newer: active from .* UTC on/)
    await pass(ACTIVATION_DELAY)
    const terminal = listening()
    await showRewards({ config, json: true }, terminal)
    const shown = JSON.parse(terminal.lines.join('')) as {
      active: boolean
      tokens: { token: Address; earned: string; claimed: string; claimable: string }[]
    }
    assert.equal(shown.active, true)
    const goldRow = shown.tokens.find(({ token }) => token === gold)
    assert.deepEqual(goldRow, { token: gold, earned: '90', claimed: '81', claimable: '9' })
    const text = listening()
    await showRewards({ config }, text)
    assert.match(text.lines.join('\n'), /gold \(0x/)
  })

  it('are claimed by the command: shown, asked for, and not twice', async () => {
    const calldata = listening(false)
    assert.equal(await claimRewards({ config, calldata: true }, calldata), 0)
    const line = JSON.parse(calldata.lines[0] ?? '') as { to: Address; data: Hex; function: string }
    assert.equal(line.to, coordinator)
    assert.match(line.data, /^0x3ccc861d/)
    assert.match(line.function, /^processClaim\(/)

    await assert.rejects(
      claimRewards({ config }, listening(false)),
      (error: unknown) => error instanceof LariatError && error.code === 'usage.confirm',
    )
    const terminal = listening()
    assert.equal(await claimRewards({ config, tokens: [silver] }, terminal), 0)
    assert.equal(terminal.asked.length, 1)
    assert.match(terminal.lines.join('\n'), /The tokens go to 0x.*, which is not the operator/)
    assert.deepEqual([await balance(gold), await balance(silver)], [81n, 25n])
    assert.equal(await claimRewards({ config, yes: true }, listening(false)), 0)
    assert.deepEqual([await balance(gold), await balance(silver)], [90n, 25n])
    const again = listening(false)
    assert.equal(await claimRewards({ config, yes: true }, again), 0)
    assert.match(again.lines.join('\n'), /Nothing to send[\s\S]*Nothing to claim/)
  })

  it('are refused in one sentence when another account must claim', async () => {
    await post({ gold: 91n, silver: 25n })
    await pass(ACTIVATION_DELAY)
    const setClaimer = { address: coordinator, abi: rewardsCoordinatorAbi, functionName: 'setClaimerFor' } as const
    await operator.write({ ...setClaimer, args: [anvilAccount(5).address] })
    await assert.rejects(claimRewards({ config, yes: true }, listening(false)), (error: unknown) => {
      assert.ok(error instanceof LariatError)
      assert.equal(error.code, 'rewards.not-claimer')
      assert.ok(error.message.includes(anvilAccount(5).address))
      return true
    })
    await operator.write({ ...setClaimer, args: ['0x0000000000000000000000000000000000000000'] })
  })

  it('that the coordinator does not hold yet are refused with the token’s words', async () => {
    await post({ gold: 10_000n, silver: 25n })
    await pass(ACTIVATION_DELAY)
    await assert.rejects(claimRewards({ config, yes: true }, listening(false)), (error: unknown) => {
      assert.ok(error instanceof LariatError)
      assert.equal(error.code, 'chain.reverted')
      assert.match(error.message, /ERC20InsufficientBalance/)
      return true
    })
  })
})
