import assert from 'node:assert/strict'
import { join } from 'node:path'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { erc20Abi } from 'viem'
import { serviceManagerAbi } from '../../../src/chain/abi/serviceManager.ts'
import { FULL_MAGNITUDE } from '../../../src/chain/core.ts'
import { parseDeployment } from '../../../src/chain/deployment.ts'
import { openDirectory } from '../../../src/chain/directory.ts'
import { openEpochs } from '../../../src/chain/epochs.ts'
import { createEpochKeeper } from '../../../src/chain/keeper.ts'
import { peerIdToBytes } from '../../../src/chain/peerId.ts'
import { payRewards } from '../../../src/chain/rewards/post.ts'
import { PAYING_SELECTOR } from '../../../src/chain/rewards/submission.ts'
import { createServiceChain } from '../../../src/chain/serviceChain.ts'
import type { ServiceChain } from '../../../src/chain/types.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import { blsPublicKey, blsSecretFromSeed } from '../../../src/signer/secrets.ts'
import { loadArtifacts } from '../../../src/testnet/artifacts.ts'
import { localClient } from '../../../src/testnet/batch.ts'
import { type Deployed, deploy } from '../../../src/testnet/deploy.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { bytesToHex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilTest, anvilAccount, anvilTest } from '../../support/anvil.ts'
import { createCoreClient } from '../../support/coreClient.ts'
import { eventually } from '../../support/eventually.ts'
import { readOperatorStatus } from '../../support/operatorStatus.ts'

const OPERATORS = [1, 2, 3, 4]
const STAKE = 32n * 10n ** 18n
/** Of the testnet's price service (src/testnet/deploy.ts), s. */
const MIN_EPOCH_AGE_S = 60
const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')

/** libp2p identity and BLS key of the i-th operator. */
const secretOf = (i: number) => blsSecretFromSeed(new Uint8Array(32).fill(i))
async function peerOf(i: number): Promise<string> {
  return peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i))).toString()
}

describe('the core and a ServiceManager on anvil', function () {
  this.timeout(120_000)
  let test: AnvilTest
  let deployed: Deployed
  const chains = new Map<number, ServiceChain>()
  const as = (i: number): ServiceChain => {
    const chain = chains.get(i)
    assert.ok(chain !== undefined)
    return chain
  }
  const set = () => ({ avs: deployed.priceFeeds, id: 0 })
  const status = (i: number) =>
    readOperatorStatus(as(0), deployed.deployment.core, anvilAccount(i).address, set(), [deployed.strategy])
  const common = () => ({
    chain: as(0),
    serviceManager: deployed.priceFeeds,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
  })

  before(async () => {
    test = await anvilTest()
    const signal = new AbortController().signal
    deployed = await deploy({
      client: localClient(test.anvil.rpcUrl),
      artifacts: await loadArtifacts(ARTIFACTS),
      deployer: anvilAccount(0),
      genesis: Math.floor(Date.now() / 1_000),
      interval: 2,
      feeds: [],
      operators: OPERATORS.map((i) => anvilAccount(i).address),
      stake: STAKE,
      rewards: { payer: anvilAccount(5).address, updater: anvilAccount(0).address },
      signal,
    })
    const chain = await test.open({ genesisHash: deployed.deployment.genesisHash })
    for (const i of [0, ...OPERATORS, 5]) {
      chains.set(i, createServiceChain({ chain, sender: test.sender(chain, { index: i }), log: silentLog }))
    }
  })
  after(() => test?.close())

  it('have a deployment file that is read back as it was written', () => {
    assert.deepEqual(parseDeployment(JSON.stringify(deployed.deployment), 'x'), deployed.deployment)
  })

  it('take an operator step by step, and its status tells each', async () => {
    assert.deepEqual(await status(1), {
      isOperator: false,
      isMember: false,
      hasKey: false,
      stakes: [{ strategy: deployed.strategy, shares: 0n, magnitude: 0n, pending: undefined, slashable: 0n }],
    })
    for (const i of OPERATORS) {
      const operator = anvilAccount(i).address
      const core = createCoreClient(as(i), deployed.deployment.core)
      await core.registerAsOperator({ metadataUri: 'https://operator.example', allocationDelay: 0 })
      await core.deposit(deployed.strategy, STAKE)
      await core.allocate(operator, set(), [{ strategy: deployed.strategy, magnitude: FULL_MAGNITUDE }])
      const before = await status(i)
      assert.ok(before.isOperator && !before.isMember && !before.hasKey)
      assert.deepEqual(
        before.stakes.map(({ shares, magnitude }) => [shares, magnitude]),
        [[STAKE, FULL_MAGNITUDE]],
      )
      const domain = { chainId: 31_337, serviceManager: deployed.priceFeeds }
      await core.join(operator, set(), {
        ...proveRegistration(secretOf(i), domain, operator),
        peerId: await peerOf(i),
        addresses: [`/ip4/127.0.0.1/tcp/${4_000 + i}`],
      })
      const joined = await status(i)
      assert.ok(joined.isMember && joined.hasKey)
      assert.equal(joined.stakes[0]?.slashable, STAKE)
    }
  })

  it('refuse a second registration, and a key that is taken, by the name of the error', async () => {
    const core = createCoreClient(as(5), deployed.deployment.core)
    await assert.rejects(
      createCoreClient(as(1), deployed.deployment.core).registerAsOperator({ metadataUri: '', allocationDelay: 0 }),
      {
        code: 'chain.reverted',
        message: /ActivelyDelegated/,
      },
    )
    await core.registerAsOperator({ metadataUri: '', allocationDelay: 0 })
    const domain = { chainId: 31_337, serviceManager: deployed.priceFeeds }
    const operator = anvilAccount(5).address
    const join = async (proof: ReturnType<typeof proveRegistration>) =>
      core.join(operator, set(), { ...proof, peerId: await peerOf(5), addresses: [] })
    await assert.rejects(join(proveRegistration(secretOf(1), domain, operator)), {
      code: 'chain.reverted',
      message: /OperatorKeyUsed/,
    })
    await assert.rejects(join(proveRegistration(secretOf(5), domain, anvilAccount(1).address)), {
      code: 'chain.reverted',
      message: /OperatorPossessionInvalid/,
    })
  })

  it('let whom its owner appointed pay rewards in the AVS’s name, and nobody on the AllocationManager', async () => {
    const { rewardToken, priceFeeds, deployment } = deployed
    const { rewardsCoordinator: coordinator, allocationManager } = deployment.core
    assert.ok(rewardToken !== undefined && coordinator !== undefined)
    const pay = (amount: bigint) =>
      payRewards({
        chain: as(5),
        coordinator,
        avs: priceFeeds,
        submission: {
          token: rewardToken,
          rewards: OPERATORS.map((i) => ({ operator: anvilAccount(i).address, amount })),
          strategies: [{ strategy: deployed.strategy, multiplier: 10n ** 18n }],
          description: 'prices',
        },
      })
    const { status: landed } = await pay(10n)
    assert.equal(landed, 'success')
    const balance = { address: rewardToken, abi: erc20Abi, functionName: 'balanceOf', args: [coordinator] } as const
    assert.equal(await as(0).read(balance), 40n)

    const manager = { address: priceFeeds, abi: serviceManagerAbi } as const
    const payer = anvilAccount(5).address
    await as(0).write({ ...manager, functionName: 'removeAppointee', args: [payer, coordinator, PAYING_SELECTOR] })
    await assert.rejects(pay(1n), { code: 'chain.reverted', message: /InvalidPermissions/ })
    assert.equal(await as(0).read(balance), 40n)
    const right = [payer, allocationManager, PAYING_SELECTOR] as const
    await assert.rejects(as(0).write({ ...manager, functionName: 'setAppointee', args: right }), {
      code: 'chain.reverted',
      message: /AppointeeTargetForbidden/,
    })
    await assert.rejects(as(1).write({ ...manager, functionName: 'setAppointee', args: right }), {
      code: 'chain.reverted',
    })
  })

  it('delegate a staker to an operator', async () => {
    const staker = createCoreClient(as(0), deployed.deployment.core)
    await staker.delegateTo(anvilAccount(1).address)
    await assert.rejects(staker.delegateTo(anvilAccount(1).address), {
      code: 'chain.reverted',
      message: /ActivelyDelegated/,
    })
  })

  it('have epochs that a keeper builds, and that are read as they are', async () => {
    const epochs = await openEpochs(common())
    assert.equal(epochs.tables().length, 0)
    const keepers = OPERATORS.map((i) =>
      createEpochKeeper({ ...common(), chain: as(i), rank: () => i - 1, checkMs: 100, rankDelayMs: 60_000 }),
    )
    try {
      for (const keeper of keepers) await keeper.start()
      await eventually(() => epochs.tables().length === 1, 'no epoch was built', 30_000)
    } finally {
      for (const keeper of keepers) await keeper.stop()
    }
    const [table] = epochs.tables()
    assert.ok(table !== undefined)
    assert.equal(table.number, 1n)
    assert.equal(table.quorumBps, 6_667)
    assert.equal(table.totalWeight, 4n * 32n * 10n ** 9n)
    assert.deepEqual(
      table.members.map(({ index, operator, publicKey, weight }) => [
        index,
        operator,
        Buffer.from(publicKey).toString('hex'),
        weight,
      ]),
      OPERATORS.map((i, index) => [
        index,
        anvilAccount(i).address,
        Buffer.from(blsPublicKey(secretOf(i))).toString('hex'),
        32n * 10n ** 9n,
      ]),
    )
    // a table counts once it is final
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => epochs.byNumber(1n) !== undefined, 'the epoch did not become final')
    const contract = { address: deployed.priceFeeds, abi: serviceManagerAbi } as const
    for (const time of [table.activatesAt - 1, table.activatesAt, table.validUntil - 1, table.validUntil]) {
      const onChain = await as(0).read({ ...contract, functionName: 'epochAt', args: [BigInt(time)] })
      assert.equal(epochs.at(time)?.number ?? 0n, onChain, `at ${time}`)
    }
    epochs.close()
  })

  it('have the next epoch for the sake of a key that was replaced, as soon as the last is old enough', async () => {
    const contract = { address: deployed.priceFeeds, abi: serviceManagerAbi } as const
    const isDue = () => as(0).read({ ...contract, functionName: 'epochDue', args: [] })
    await test.rpc('evm_increaseTime', [MIN_EPOCH_AGE_S])
    await test.rpc('anvil_mine', ['0x1'])
    assert.equal(await isDue(), false)
    const operator = anvilAccount(1).address
    const proof = proveRegistration(secretOf(11), { chainId: 31_337, serviceManager: deployed.priceFeeds }, operator)
    const args = [bytesToHex(proof.publicKey), bytesToHex(proof.proofOfPossession)] as const
    await as(1).write({ ...contract, functionName: 'rotateKey', args })
    assert.equal(await isDue(), true)
    const keeper = createEpochKeeper({ ...common(), rank: () => 0, checkMs: 100 })
    const epochs = await openEpochs(common())
    await keeper.start()
    try {
      await eventually(() => epochs.tables().length === 2, 'no epoch was built for the key', 30_000)
    } finally {
      await keeper.stop()
      epochs.close()
    }
    const [before, after] = epochs.tables()
    const keyOf = (table: typeof before) => table?.members.find((row) => row.operator === operator)?.publicKey
    assert.deepEqual(keyOf(before), blsPublicKey(secretOf(1)))
    assert.deepEqual(keyOf(after), blsPublicKey(secretOf(11)))
    assert.equal(await isDue(), false)
  })

  it('revoke the weight of an ejected operator at once', async () => {
    const epochs = await openEpochs(common())
    const { abi } = (await loadArtifacts(ARTIFACTS)).get('PriceFeeds')
    await as(0).write({
      address: deployed.priceFeeds,
      abi,
      functionName: 'ejectOperator',
      args: [anvilAccount(4).address],
    })
    await eventually(() => epochs.byNumber(1n)?.revokedNow.has(3) === true, 'the weight was not revoked')
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => epochs.byNumber(1n)?.revoked.has(3) === true, 'the weight counts still')
    assert.deepEqual([...(epochs.byNumber(1n)?.revoked ?? [])], [3])
    epochs.close()
  })

  it('say where operators are, those too that left but are in an epoch, and follow them', async () => {
    const epochs = await openEpochs(common())
    const directory = await openDirectory({ ...common(), epochs })
    assert.deepEqual(
      directory.list().map(({ operator, peerId, addresses }) => [operator, peerId, addresses]),
      await Promise.all(
        OPERATORS.map(async (i) => [anvilAccount(i).address, await peerOf(i), [`/ip4/127.0.0.1/tcp/${4_000 + i}`]]),
      ),
    )
    const changed = Promise.withResolvers<void>()
    directory.onChange(changed.resolve)
    await createCoreClient(as(2), deployed.deployment.core).setPeer(
      deployed.priceFeeds,
      peerIdToBytes(await peerOf(77)),
      ['/dns4/new.example/tcp/1'],
    )
    await changed.promise
    assert.equal(directory.peerOf(anvilAccount(2).address), await peerOf(77))
    assert.equal(directory.operatorOf(await peerOf(77)), anvilAccount(2).address)
    await createCoreClient(as(3), deployed.deployment.core).leave(anvilAccount(3).address, set())
    await directory.refresh()
    assert.equal((await status(3)).isMember, false)
    assert.equal(directory.peerOf(anvilAccount(3).address), await peerOf(3))
    directory.close()
    epochs.close()
  })
})
