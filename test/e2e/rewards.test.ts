import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { erc20Abi } from 'viem'
import { rewardsCoordinatorAbi } from '../../src/chain/abi/rewardsCoordinator.ts'
import { type Distribution, renderDistribution } from '../../src/chain/rewards/distribution.ts'
import { rewardsTree } from '../../src/chain/rewards/tree.ts'
import type { Address } from '../../src/util/hex.ts'
import { DIST, needBundle } from '../support/bundle.ts'
import { lariat, launch } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { deployRewards, type RewardsOnChain } from '../support/rewardsChain.ts'
import { type ShortCore, startShortCore } from '../support/shortCore.ts'

describe('rewards of a running node', function () {
  this.timeout(120_000)
  let core: ShortCore
  let chain: RewardsOnChain
  let config: string
  let file: string
  const earner = () => core.operator.account.address
  const balance = () =>
    core.client.readContract({ address: chain.gold, abi: erc20Abi, functionName: 'balanceOf', args: [earner()] })

  /** Publishes that the operator has earned `amount` gold in all, posts the root, and pays it in. */
  async function earn(amount: bigint, paid: bigint): Promise<void> {
    const distribution: Distribution = [
      {
        earner: earner().toLowerCase() as Address,
        tokens: [{ token: chain.gold.toLowerCase() as Address, cumulative: amount }],
      },
    ]
    await writeFile(file, renderDistribution(distribution))
    const { root } = await rewardsTree(distribution)
    const { timestamp } = await core.client.getBlock()
    const batch = await core.batch()
    const { abi } = core.artifacts.get('TestToken')
    batch.call({ what: 'pay', address: chain.gold, abi, functionName: 'mint', args: [chain.coordinator, paid] })
    const args = [root, Number(timestamp) - 1]
    batch.call({
      what: 'post',
      address: chain.coordinator,
      abi: rewardsCoordinatorAbi,
      functionName: 'submitRoot',
      args,
    })
    await batch.land(new AbortController().signal)
  }

  before(async () => {
    needBundle()
    core = await startShortCore(join(DIST, 'artifacts'))
    chain = await deployRewards(core, 0)
    file = join(core.folder, 'distribution.json')
    const deployment = join(core.folder, 'with-rewards.json')
    const addresses = { ...core.deployment.core, rewardsCoordinator: chain.coordinator }
    await writeFile(deployment, JSON.stringify({ ...core.deployment, core: addresses }))
    config = await core.configure('rewards.yaml', (yaml) => ({
      ...yaml,
      chain: { ...(yaml.chain as object), deployment },
      rewards: { source: file, claim: { schedule: '* * * * * *' } },
    }))
  })
  after(() => core?.close())

  it('are claimed by the schedule, again and again, and it stops in order', async () => {
    await earn(50n, 50n)
    const node = launch('run', '--config', config)
    await eventually(async () => (await balance()) === 50n, `nothing was claimed: ${node.text()}`, 60_000)
    await core.mine(3)
    await earn(70n, 20n)
    await eventually(async () => (await balance()) === 70n, `nothing more was claimed: ${node.text()}`, 30_000)
    node.child.kill('SIGTERM')
    const { code, stdout } = await node.ended
    assert.equal(code, 0, stdout)
    assert.match(stdout, /claimed rewards/)
  })

  it('are shown and claimed by the command when the node is down', async () => {
    await core.mine(3)
    await earn(100n, 30n)
    const shown = await lariat('rewards', 'show', '--config', config)
    assert.equal(shown.code, 0, shown.stderr)
    assert.match(shown.stdout, /claimable now: /)
    const unasked = await lariat('rewards', 'claim', '--config', config)
    assert.equal(unasked.code, 2)
    assert.match(unasked.stderr, /^lariat: .*--yes\n$/)
    const claimed = await lariat('operator', 'rewards', 'claim', '--config', config, '--yes')
    assert.equal(claimed.code, 0, claimed.stderr)
    assert.equal(await balance(), 100n)
  })

  it('of a distribution that was altered are refused in one sentence', async () => {
    await writeFile(file, (await readFile(file, 'utf8')).replace('"100"', '"1000"'))
    const { code, stderr } = await lariat('rewards', 'claim', '--config', config, '--yes')
    assert.equal(code, 1)
    assert.match(stderr, /^lariat: .*never posted.*\n$/)
  })
})
