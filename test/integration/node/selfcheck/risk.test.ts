import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Abi, encodeFunctionData, erc20Abi, type PublicClient, parseEther, zeroAddress } from 'viem'
import { allocationManagerAbi } from '../../../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../../../src/chain/abi/delegationManager.ts'
import { lrtLensAbi } from '../../../../src/chain/abi/lrtLens.ts'
import { lrtVaultAbi } from '../../../../src/chain/abi/lrtVault.ts'
import { serviceManagerAbi } from '../../../../src/chain/abi/serviceManager.ts'
import { strategyManagerAbi } from '../../../../src/chain/abi/strategyManager.ts'
import type { Chain } from '../../../../src/chain/clients.ts'
import { FULL_MAGNITUDE } from '../../../../src/chain/core.ts'
import { type Epochs, openEpochs } from '../../../../src/chain/epochs.ts'
import { readLstRate } from '../../../../src/chain/lst.ts'
import { encodeRegistration } from '../../../../src/chain/registration.ts'
import { createServiceChain } from '../../../../src/chain/serviceChain.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { healthOf } from '../../../../src/node/api/health.ts'
import { riskChecks } from '../../../../src/node/risk/checks.ts'
import { createRiskMonitor, type RiskMonitor } from '../../../../src/node/risk/monitor.ts'
import type { CheckName } from '../../../../src/node/selfcheck/catalogue.ts'
import type { Status } from '../../../../src/node/selfcheck/types.ts'
import { proveRegistration } from '../../../../src/signer/proof.ts'
import { loadArtifacts } from '../../../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../../../src/testnet/batch.ts'
import { WITHDRAWAL_DELAY } from '../../../../src/testnet/core.ts'
import { type Deployed, deploy, OPERATOR_SET_ID } from '../../../../src/testnet/deploy.ts'
import { ethFeed } from '../../../../src/testnet/feeds.ts'
import { createLrt, openLrt } from '../../../../src/testnet/lrt.ts'
import { STAKED_SYMBOLS } from '../../../../src/testnet/network.ts'
import { type Clock, systemClock } from '../../../../src/util/clock.ts'
import type { Address, Hex } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { type AnvilTest, anvilAccount, anvilTest } from '../../../support/anvil.ts'
import { marketFeed, setMarketCall } from '../../../support/assembly.ts'
import { eventually } from '../../../support/eventually.ts'
import { type RpcGate, startRpcGate } from '../../../support/rpcGate.ts'
import { type CheckBench, checkBench, SERVICE_NAME } from '../../../support/selfchecks.ts'
import { castOf } from '../../../support/simnet.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../../build/artifacts')
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const DEPLOYER = anvilAccount(0)
/** The first is the node's own; with the others' stake no one of the four has a third. */
const OPERATORS = [1, 2, 3, 4].map(anvilAccount)
const OWN = OPERATORS[0]?.address as Address
const SECOND = OPERATORS[1]?.address as Address
/** Account of an AVS whose set keeps what it slashes, and where that goes. */
const KEEPER = anvilAccount(6)
const RECIPIENT = anvilAccount(7).address
const LRT_ACCOUNTS = { creator: anvilAccount(8), librarian: anvilAccount(5) }
const STAKE = parseEther('10')
/** Part of the stake that is left for others than the price service. */
const FREE = FULL_MAGNITUDE / 10n
const GAS = 5_000_000n
/** Wei that is restaked with the LRT's operators. */
const RESTAKED = parseEther('3')
/** Less than 90 % of four stakes and what is restaked, and more than of two. */
const SECURED = parseEther('30')
const LIMITS = { heartbeat: 300, depegBps: 300 }
const REFRESH_MS = 10_000

const transfer = (to: Address, amount: bigint) =>
  encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] })

/** Without the older of the two functions of that name, which viem cannot tell from values. */
const coreAbi = allocationManagerAbi.filter(
  (item) =>
    !(item.type === 'function' && item.name === 'createRedistributingOperatorSets') ||
    JSON.stringify(item.inputs).includes('slasher'),
)

describe('self-checks of risk turn with their cause on chain, and back', function () {
  this.timeout(60_000)
  let test: AnvilTest
  let gate: RpcGate
  let chain: Chain
  let client: PublicClient
  let deployed: Deployed
  let epochs: Epochs
  let monitor: RiskMonitor
  let bench: CheckBench
  /** The LRT's market, and those of its LSTs by symbol. */
  const markets = new Map<string, Address>()
  const ends: (() => Promise<void> | void)[] = []
  const { signal } = new AbortController()
  const { secrets } = castOf(OPERATORS.length)

  let shiftMs = 0
  const clock: Clock = {
    ...systemClock,
    now: () => Number(chain.heads.current('latest').timestamp) * 1_000 + shiftMs,
  }
  const prices = () => deployed.priceFeeds
  const restaking = () => deployed.restaking ?? assert.fail('there is no LRT')
  const lstOf = (symbol: string) => restaking().lsts.find((lst) => lst.symbol === symbol) ?? assert.fail(symbol)
  const core = () => deployed.deployment.core.allocationManager
  const keeping = () => ({ operatorSetId: 7, strategies: [deployed.strategy], slasher: KEEPER.address })
  /** Lets that set slash so much of an operator's stake. */
  const allocate = (account: typeof DEPLOYER | undefined, magnitude: bigint) => {
    const { operatorSetId: id, strategies } = keeping()
    const allocation = { operatorSet: { avs: KEEPER.address, id }, strategies, newMagnitudes: [magnitude] }
    return call(core(), coreAbi, 'modifyAllocations', [account?.address, [allocation]], account)
  }
  const batchOf = (account = DEPLOYER) => Batch.open(client, account)

  /** Looks, with all read anew from the newest block. */
  async function turns(name: CheckName, status: Status, reason?: RegExp): Promise<void> {
    if (!gate.down) {
      const newest = await client.getBlockNumber({ cacheTime: 0 })
      await eventually(async () => {
        await chain.heads.refresh()
        return chain.heads.current('latest').number >= newest
      }, 'the newest block is not seen')
    }
    await monitor.refresh()
    await bench.turns(name, status, reason)
  }

  /** Joins the price service with an operator of those above, with `STAKE` of the test token. */
  async function join_(index: number): Promise<void> {
    const account = OPERATORS[index] ?? assert.fail()
    const { chainId, core: at, strategies } = deployed.deployment
    const allocation = {
      operatorSet: { avs: prices(), id: OPERATOR_SET_ID },
      strategies: strategies.map(({ strategy }) => strategy),
      newMagnitudes: strategies.map(() => FULL_MAGNITUDE - FREE),
    }
    const secret = secrets[index] ?? assert.fail()
    const proof = proveRegistration(secret, { chainId, serviceManager: prices() }, account.address)
    const data = encodeRegistration({ ...proof, peerId: PEER, addresses: [] })
    const joining = { avs: prices(), operatorSetIds: [OPERATOR_SET_ID], data }
    const { token, strategy } = deployed
    const batch = await batchOf(account)
    const queue = (address: Address, abi: Abi, functionName: string, args: readonly unknown[]) =>
      batch.call({ what: functionName, address, abi, functionName, args, gas: GAS })
    queue(token, erc20Abi, 'approve', [at.strategyManager, STAKE])
    queue(at.strategyManager, strategyManagerAbi, 'depositIntoStrategy', [strategy, token, STAKE])
    queue(at.delegationManager, delegationManagerAbi, 'registerAsOperator', [zeroAddress, 0, ''])
    queue(core(), coreAbi, 'modifyAllocations', [account.address, [allocation]])
    queue(core(), coreAbi, 'registerForOperatorSets', [account.address, joining])
    await batch.land(signal)
  }

  /** Builds an epoch of all who joined, and lets it become active. */
  async function nextEpoch(number: bigint): Promise<void> {
    await test.rpc('evm_increaseTime', [100])
    const batch = await batchOf()
    for (const [functionName, args] of [
      ['beginEpoch', []],
      ['addToEpoch', [10n]],
      ['finishEpoch', []],
    ] as const) {
      batch.call({
        ...{ what: functionName, functionName, args, address: prices(), abi: serviceManagerAbi },
        gas: 10_000_000n,
      })
    }
    await batch.land(signal)
    await test.rpc('evm_increaseTime', [10])
    await test.rpc('anvil_mine', ['0x5'])
    await eventually(async () => {
      await chain.heads.refresh()
      await epochs.refresh()
      return epochs.at(clock.now() / 1_000)?.number === number
    }, `epoch ${number} does not begin`)
  }

  /** Puts a token's market at so many per cent of its own rate, as of `ageSeconds` ago. */
  async function trade(symbol: string, percent: bigint, ageSeconds = 0n): Promise<void> {
    const { timestamp } = await client.getBlock()
    const read = ((call: Parameters<PublicClient['readContract']>[0]) => client.readContract(call)) as never
    const rate =
      symbol === 'lrtETH'
        ? await client.readContract({ address: restaking().lrt.vault, abi: lrtVaultAbi, functionName: 'getRate' })
        : await readLstRate({ read }, lstOf(symbol))
    const data = setMarketCall((rate * percent) / 100n, timestamp - ageSeconds)
    await sendFrom(DEPLOYER.address, markets.get(symbol) ?? assert.fail(symbol), data)
  }

  /** A transaction of any account, in a block when it resolves. */
  async function sendFrom(from: Address, to: Address, data: Hex): Promise<void> {
    await test.rpc('anvil_impersonateAccount', [from])
    const hash = (await test.rpc('eth_sendTransaction', [{ from, to, data, gas: '0x100000' }])) as Hex
    assert.equal((await client.waitForTransactionReceipt({ hash, pollingInterval: 20 })).status, 'success')
  }

  /** A transaction of an account whose key we have. */
  async function call(
    address: Address,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
    account = DEPLOYER,
  ): Promise<void> {
    const batch = await batchOf(account)
    batch.call({ what: functionName, address, abi, functionName, args, gas: GAS })
    await batch.land(signal)
  }

  before(async () => {
    test = await anvilTest()
    ends.push(() => test.close())
    gate = await startRpcGate(test.anvil.rpcUrl)
    ends.push(() => gate.close())
    client = localClient(test.anvil.rpcUrl)
    const artifacts = await loadArtifacts(ARTIFACTS)
    deployed = await deploy({
      ...{ client, artifacts, signal, stake: STAKE, deployer: DEPLOYER },
      ...{ genesis: Math.floor(Date.now() / 1_000), interval: 2 },
      feeds: STAKED_SYMBOLS.map(ethFeed),
      operators: OPERATORS.map(({ address }) => address),
      restaking: { total: RESTAKED, oracle: DEPLOYER.address, lrtCreator: LRT_ACCOUNTS.creator.address },
    })
    const { deployment } = deployed
    const { genesisHash, core: addresses } = deployment
    chain = await test.open({ genesisHash, rpc: [{ url: gate.url }] })
    const reader = createServiceChain({ chain, sender: test.sender(chain, { index: 9 }), log: silentLog })
    epochs = await openEpochs({
      ...{ chain: reader, serviceManager: prices(), clock, log: silentLog, metrics: createMetrics() },
    })
    ends.push(() => epochs.close())
    await join_(0)
    await nextEpoch(1n)
    await join_(1)

    const owner = DEPLOYER.address
    await createLrt({ client, artifacts, core: restaking().core, owner, accounts: LRT_ACCOUNTS, signal })
    const sender = test.sender(chain, { receiptPollMs: 20 })
    for (const symbol of STAKED_SYMBOLS) {
      const { contractAddress } = await sender.send({ what: `market of ${symbol}`, data: marketFeed })
      markets.set(symbol, contractAddress ?? assert.fail())
      await trade(symbol, 100n)
    }
    await openLrt({
      ...{ client, artifacts, signal, deployer: DEPLOYER },
      ...{ vault: restaking().lrt.vault, lsts: restaking().lsts, operators: [OWN, SECOND] },
      marketFeed: (symbol) => markets.get(symbol) ?? assert.fail(symbol),
    })
    bench = checkBench([], clock)
    monitor = createRiskMonitor({
      ...{ chain: reader, core: addresses, operator: OWN, limits: LIMITS, refreshMs: REFRESH_MS, clock },
      lsts: deployment.lsts ?? [],
      lrt: { ...restaking().lrt, marketFeed: markets.get('lrtETH') ?? assert.fail() },
      services: [
        {
          ...{ name: SERVICE_NAME, contract: prices(), secured: SECURED },
          table: () => epochs.at(clock.now() / 1_000),
        },
      ],
      log: bench.log,
      metrics: bench.metrics,
    })
    bench.selfChecks.add(...riskChecks(monitor, clock, [SERVICE_NAME]))
    await monitor.refresh()
    await bench.selfChecks.look()
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  it('concentration and value secured: while one operator has all the stake, until others join', async () => {
    await turns('risk: concentration', 'warn', new RegExp(`${OWN} alone holds 100% of the weight`))
    await turns('risk: value secured', 'warn', /^30 ETH rest on it .*, and 2\d(\.\d+)? ETH can be slashed/)
    for (const index of [2, 3]) await join_(index)
    await turns('risk: value secured', 'pass')
    await nextEpoch(2n)
    await turns('risk: concentration', 'pass')
  })

  it('redistribution: while stake is allocated to a set that keeps what it slashes', async () => {
    await call(core(), coreAbi, 'updateAVSMetadataURI', [KEEPER.address, 'https://a.b'], KEEPER)
    await call(core(), coreAbi, 'createRedistributingOperatorSets', [KEEPER.address, [keeping()], [RECIPIENT]], KEEPER)
    await turns('risk: redistribution', 'pass')
    await allocate(OPERATORS[0], FREE)
    await turns('risk: redistribution', 'warn', new RegExp(`set 7 of ${KEEPER.address} \\(to ${RECIPIENT}\\)`))
    await allocate(OPERATORS[0], 0n)
    await turns('risk: redistribution', 'pass')
  })

  it('LRT backing: while LSTs that its books have are gone from the vault', async () => {
    const { vault } = restaking().lrt
    const { token } = lstOf('rETH')
    const entries = await client.readContract({ address: vault, abi: lrtVaultAbi, functionName: 'lsts' })
    const entry = entries.find((each) => each.token === token)?.entry ?? assert.fail()
    const amount = parseEther('0.5')
    await call(token, erc20Abi, 'approve', [entry, amount])
    await call(entry, (await loadArtifacts(ARTIFACTS)).get('LrtEntry').abi, 'deposit', [amount, DEPLOYER.address])
    await turns('risk: LRT backing', 'pass')
    await test.rpc('anvil_setBalance', [vault, '0xde0b6b3a7640000'])
    await sendFrom(vault, token, transfer(RECIPIENT, amount))
    await turns('risk: LRT backing', 'warn', /the LRT's assets are 3(\.\d+)? ETH and its shares stand for 3\.\d+ ETH/)
    await sendFrom(RECIPIENT, token, transfer(vault, amount))
    await turns('risk: LRT backing', 'pass')
  })

  it('LRT operators: until the curator removes one that such a set can slash', async () => {
    const { vault, lens } = restaking().lrt
    const { contractAddress: registrar } = await test.sender(chain, { receiptPollMs: 20 }).send({
      what: 'a registrar',
      data: (await loadArtifacts(ARTIFACTS)).get('OpenRegistrar').bytecode as Hex,
    })
    await call(core(), coreAbi, 'setAVSRegistrar', [KEEPER.address, registrar], KEEPER)
    await turns('risk: LRT operators', 'pass')
    await allocate(OPERATORS[1], FREE)
    const joining = { avs: KEEPER.address, operatorSetIds: [keeping().operatorSetId], data: '0x' }
    await call(core(), coreAbi, 'registerForOperatorSets', [SECOND, joining], OPERATORS[1])
    await turns('risk: LRT operators', 'warn', new RegExp(`keep what they slash: ${SECOND}`))
    await call(vault, lrtVaultAbi, 'removeOperator', [SECOND])
    await test.rpc('anvil_mine', [`0x${(WITHDRAWAL_DELAY + 1).toString(16)}`])
    const completable = { address: lens, abi: lrtLensAbi, functionName: 'completable', args: [vault, SECOND] } as const
    await call(vault, lrtVaultAbi, 'complete', [SECOND, await client.readContract(completable)])
    await call(vault, lrtVaultAbi, 'retire', [SECOND])
    await turns('risk: LRT operators', 'pass')
  })

  it('markets: while one has lost its peg, is stale, or has no answer', async () => {
    for (const symbol of STAKED_SYMBOLS) await trade(symbol, 100n)
    await trade('stETH', 90n)
    await turns('risk: markets', 'warn', new RegExp(`^${lstOf('stETH').token} trades at 90% of its own rate$`))
    await trade('stETH', 100n)
    await turns('risk: markets', 'pass')
    await trade('lrtETH', 100n, 400n)
    await turns('risk: markets', 'warn', /^the market feed of the LRT is 40\d s old$/)
    await trade('lrtETH', 100n)
    await turns('risk: markets', 'pass')
    await trade('lrtETH', 0n)
    await turns('risk: markets', 'warn', /^the market feed of the LRT has no valid answer$/)
    await trade('lrtETH', 100n)
    await turns('risk: markets', 'pass')
  })

  it('figures: while no provider answers, and when they have grown old', async () => {
    await turns('risk: figures', 'pass')
    gate.down = true
    await turns('risk: figures', 'warn', /stake at risk: .*; prices: .*; LRT: /)
    gate.down = false
    await turns('risk: figures', 'pass')
    // nobody looks for a while: the monitor of a node that hangs
    shiftMs = 4 * REFRESH_MS
    await bench.turns('risk: figures', 'warn', /the figures are 4\d s old/)
    shiftMs = 0
    await turns('risk: figures', 'pass')
  })

  it('none of them makes the node ill, or keeps it from signing', async () => {
    await trade('stETH', 90n)
    await turns('risk: markets', 'warn')
    await bench.selfChecks.look()
    const { healthy, stopped } = healthOf(bench.selfChecks, [SERVICE_NAME])
    assert.deepEqual([healthy, stopped], [true, {}])
  })
})
