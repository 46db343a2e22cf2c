import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData } from 'viem'
import oracle from '../../../../src/avs/oracle/index.ts'
import { createServiceRunner, type ServiceRunner } from '../../../../src/avs/runner.ts'
import { memorySightings } from '../../../../src/avs/secondSelf/sighting.ts'
import { allocationManagerAbi } from '../../../../src/chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../../../src/chain/abi/serviceManager.ts'
import { type Chain, openChain } from '../../../../src/chain/clients.ts'
import { FULL_MAGNITUDE } from '../../../../src/chain/core.ts'
import { openDirectory } from '../../../../src/chain/directory.ts'
import { type Epochs, openEpochs } from '../../../../src/chain/epochs.ts'
import { fetchHeader } from '../../../../src/chain/facts/headers.ts'
import { peerIdToBytes } from '../../../../src/chain/peerId.ts'
import { createSender, type TransactionSender } from '../../../../src/chain/sender.ts'
import { createServiceChain } from '../../../../src/chain/serviceChain.ts'
import { SHORT_GRACE_MS } from '../../../../src/chain/trust.ts'
import type { ServiceChain } from '../../../../src/chain/types.ts'
import { createMetrics, type Metrics } from '../../../../src/metrics/registry.ts'
import { files } from '../../../../src/node/files.ts'
import { openFinality } from '../../../../src/node/finality.ts'
import { allChecks } from '../../../../src/node/selfcheck/all.ts'
import type { CheckName } from '../../../../src/node/selfcheck/catalogue.ts'
import { gatedSigner, gateOf } from '../../../../src/node/selfcheck/gate.ts'
import { agreementCheck, providersCheck, reorgCheck } from '../../../../src/node/selfcheck/providers.ts'
import { openSlashes, type Slashes } from '../../../../src/node/selfcheck/slashes.ts'
import type { Status } from '../../../../src/node/selfcheck/types.ts'
import { type NodeService, serviceIdOf } from '../../../../src/node/service.ts'
import { generateIdentity } from '../../../../src/p2p/identity.ts'
import { createMemoryNetwork } from '../../../../src/p2p/memory.ts'
import { createLocalSigner } from '../../../../src/signer/local.ts'
import { proveRegistration } from '../../../../src/signer/proof.ts'
import { blsPublicKey, blsSecretFromSeed, generateBlsSecret } from '../../../../src/signer/secrets.ts'
import type { StatementSigner } from '../../../../src/signer/signer.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import { memoryEvidenceStore } from '../../../../src/store/memoryEvidence.ts'
import { openGuardStore } from '../../../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../../../src/store/store.ts'
import { startAnvil } from '../../../../src/testnet/anvil.ts'
import { FEEDS } from '../../../../src/testnet/feeds.ts'
import { venueConfig } from '../../../../src/testnet/venues/config.ts'
import { startVenues } from '../../../../src/testnet/venues/server.ts'
import { syntheticSeries } from '../../../../src/testnet/venues/synthetic.ts'
import { Kind } from '../../../../src/types/statement.ts'
import { type Clock, systemClock } from '../../../../src/util/clock.ts'
import type { LariatError } from '../../../../src/util/errors.ts'
import type { Address, Hex } from '../../../../src/util/hex.ts'
import { createHttpClient } from '../../../../src/util/http.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { anvilTest } from '../../../support/anvil.ts'
import { type CoreClient, createCoreClient } from '../../../support/coreClient.ts'
import { eventually } from '../../../support/eventually.ts'
import { type RpcGate, startRpcGate } from '../../../support/rpcGate.ts'
import { type CheckBench, checkBench, SERVICE_NAME } from '../../../support/selfchecks.ts'
import { DELAYS, type ShortCore, startShortCore } from '../../../support/shortCore.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../../build/artifacts')
const ANNOUNCED = '/ip4/127.0.0.1/tcp/4000'
const HALF = FULL_MAGNITUDE / 2n

/** The machine's clock: the chain's, moved by `ms`, so that nothing hangs on how fast this test runs. */
const shifted = { ms: 0 }
let headTime = () => 0n
const clock: Clock = {
  now: () => Number(headTime()) * 1_000 + shifted.ms,
  after(ms, fn) {
    const handle = setTimeout(fn, ms)
    return { cancel: () => clearTimeout(handle) }
  },
}

describe('self-checks of what is on chain turn with their cause, and back', function () {
  this.timeout(120_000)
  let core: ShortCore
  let gate: RpcGate
  let chain: Chain
  let sender: TransactionSender
  let writer: ServiceChain
  let client: CoreClient
  let bench: CheckBench
  let peerId: string
  let slashes: Slashes
  let signer: StatementSigner
  let keys: readonly Uint8Array[]
  let epochs: Epochs
  let guard: GuardStore
  let slot = 0n
  /** What the service says of itself. */
  let problems: ServiceRunner['problems'] = async () => []
  const ends: (() => void)[] = []

  const prices = (): Address => core.deployment.services.prices as Address
  const set = () => ({ avs: prices(), id: 0 })
  const strategies = () => core.deployment.strategies.map(({ strategy }) => strategy)
  const allocate = (avs: Address, magnitude: bigint) =>
    client.allocate(
      core.operator.account.address,
      { avs, id: 0 },
      strategies().map((strategy) => ({ strategy, magnitude })),
    )
  /** Joins a service with the operator's own key for it. */
  const join_ = async (avs: Address, bls = core.operator.bls) => {
    const proof = proveRegistration(
      bls,
      { chainId: core.deployment.chainId, serviceManager: avs },
      core.operator.account.address,
    )
    await client.join(core.operator.account.address, { avs, id: 0 }, { ...proof, peerId, addresses: [ANNOUNCED] })
  }
  /** Sends a transaction as the AVS itself, which is a contract: what its owner's code might do. */
  const asAvs = (functionName: string, ...args: readonly unknown[]) => asContract(prices(), functionName, ...args)
  const asContract = async (from: Address, functionName: string, ...args: readonly unknown[]) => {
    await core.rpc('anvil_setBalance', from, `0x${(10n ** 18n).toString(16)}`)
    await core.rpc('anvil_impersonateAccount', from)
    const data = encodeFunctionData({ abi: allocationManagerAbi, functionName, args } as never)
    const to = core.deployment.core.allocationManager
    const hash = await core.rpc('eth_sendTransaction', { from, to, data, gas: '0x200000' })
    let receipt: { status: string } | null = null
    await eventually(async () => {
      receipt = (await core.rpc('eth_getTransactionReceipt', hash)) as { status: string } | null
      return receipt?.status === '0x1'
    }, `${functionName} does not land`)
  }
  /** Looks, with everything read anew. */
  const turns = async (name: CheckName, status: Status, reason?: RegExp) => {
    // a look for the head that ran already may have come before what the test did
    await eventually(async () => {
      if (gate.down) return true
      await chain.heads.refresh()
      return chain.heads.current('latest').number >= (await core.client.getBlockNumber())
    }, 'the newest block is not seen')
    return bench.turns(name, status, reason)
  }
  const sign = async () => {
    // time has passed on the chain, and with it all looks have grown old
    await bench.selfChecks.look()
    slot += 1n
    const { statement, window } = {
      statement: {
        service: `0x${'01'.repeat(32)}` as const,
        kind: Kind.certify,
        epoch: 1n,
        slot,
        attempt: 0,
        payload: `0x${'02'.repeat(32)}` as const,
      },
      window: { from: slot, to: slot },
    }
    return signer.sign({ statement, window, triggeredAt: clock.now() })
  }
  const halted = async () =>
    assert.rejects(sign, (error: LariatError) => {
      assert.equal(error.code, 'sign.halted')
      return true
    })

  let metrics: Metrics
  before(async () => {
    core = await startShortCore(ARTIFACTS)
    gate = await startRpcGate(core.anvil.rpcUrl)
    const { deployment, operator } = core
    metrics = createMetrics()
    chain = await openChain({
      id: deployment.chainId,
      rpc: [{ url: gate.url }],
      singleProvider: true,
      genesisHash: deployment.genesisHash,
      pollMs: 50,
      log: silentLog,
      metrics,
    })
    headTime = () => chain.heads.current('latest').timestamp
    sender = createSender({ chain, account: operator.account, log: silentLog, receiptPollMs: 20 })
    writer = createServiceChain({ chain, sender, log: silentLog })
    client = createCoreClient(writer, deployment.core)
    ;({ peerId } = await generateIdentity())
    const watch = { chain: writer, serviceManager: prices(), clock, log: silentLog, metrics }
    epochs = await openEpochs(watch)
    const directory = await openDirectory({ ...watch, epochs })
    ends.push(
      () => directory.close(),
      () => epochs.close(),
    )
    const own = [blsPublicKey(operator.bls)]
    keys = own
    const data = memoryDataStore()
    guard = openGuardStore(files(operator.folder).guard, { create: true })
    const service = {
      name: SERVICE_NAME,
      contract: prices(),
      epochs,
      directory,
      keys: () => keys,
      runner: { service: `0x${'01'.repeat(32)}`, problems: () => problems() },
    } as unknown as NodeService
    bench = checkBench([], clock)
    bench.selfChecks.add(
      ...allChecks(
        {
          ...{ chain, deployment, data, clock, metrics },
          operator: operator.account.address,
          account: operator.account.address,
          dataDir: operator.folder,
          keys: { check: async () => undefined },
          sightings: { current: () => undefined },
          guard,
          transport: { self: peerId, connected: () => [], clockOf: () => Promise.reject(new Error('nobody')) },
          announce: [ANNOUNCED],
          chains: [],
          servedElsewhere: [],
          services: [service],
          risk: { current: () => undefined } as never,
          config: { missedPercent: 25, volatileStorage: true, maxAvss: 1 },
          wall: () => clock.now(),
          sharedMs: 0,
        },
        { name: 'event loop', everyMs: 1_000, trustMs: 1_000, run: () => undefined },
      ),
    )
    slashes = openSlashes({
      chain,
      allocationManager: deployment.core.allocationManager,
      operator: operator.account.address,
      cursors: data.cursors,
    })
    signer = gatedSigner(
      createLocalSigner({
        domain: { chainId: deployment.chainId, genesisHash: deployment.genesisHash, serviceManager: prices() },
        operator: operator.account.address,
        secret: operator.bls,
        store: guard,
        clock,
        log: silentLog,
        metrics,
        startedAt: 0,
      }),
      gateOf(bench.selfChecks, SERVICE_NAME),
    )
    await client.registerAsOperator({ metadataUri: '', allocationDelay: 0 })
    for (const strategy of strategies()) await client.deposit(strategy, 10n ** 19n)
    await core.mine(2)
    await chain.heads.refresh()
    await bench.selfChecks.look()
  })
  afterEach(() => {
    shifted.ms = 0
  })
  after(async () => {
    for (const end of ends) end()
    await sender?.close()
    chain?.close()
    guard?.close()
    await gate?.close()
    await core?.close()
  })

  it('membership and stake: before it joins, without stake, and with it', async () => {
    await turns('membership', 'fail', /never joined.*lariat operator opt-in prices/)
    await join_(prices())
    await turns('membership', 'pass')
    await turns('stake', 'fail', /no stake counts for prices: run lariat operator allocate prices/)
    await allocate(prices(), HALF)
    await core.mine(1)
    await turns('stake', 'pass')
    await turns('key', 'pass')
    await sign()
  })

  it('epoch: until there is one', async () => {
    await turns('epoch', 'fail', /no epoch is active/)
    const contract = { address: prices(), abi: serviceManagerAbi } as const
    const batch = await core.batch()
    for (const [functionName, args] of [
      ['beginEpoch', []],
      ['addToEpoch', [10n]],
      ['finishEpoch', []],
    ] as const) {
      batch.call({ ...contract, what: functionName, functionName, args, gas: 10_000_000n })
    }
    await batch.land(new AbortController().signal)
    await eventually(async () => {
      await epochs.refresh()
      return epochs.tables().length === 1
    }, 'no epoch is read')
    await chain.heads.refresh()
    await bench.selfChecks.look('epoch')
    const waiting = bench.selfChecks.states().find(({ name }) => name === 'epoch')
    assert.match(waiting?.reason ?? '', /no epoch is active: epoch 1 begins in/)
    // it counts when its block is final
    await core.rpc('evm_increaseTime', 2)
    await core.mine(5)
    await eventually(async () => {
      await chain.heads.refresh()
      await epochs.refresh()
      return epochs.at(clock.now() / 1_000) !== undefined
    }, 'the epoch does not become final')
    await turns('epoch', 'pass')
    await turns('peers', 'pass')
  })

  it('epoch: when it ends without a next one', async () => {
    const { validUntil = 0 } = epochs.tables().at(-1) ?? {}
    shifted.ms += (validUntil - 2) * 1_000 - clock.now()
    await turns('epoch', 'warn', /epoch 1 ends in .* and none follows it yet/)
    shifted.ms += 4_000
    await turns('epoch', 'fail', /no epoch is active/)
    shifted.ms = 0
    await turns('epoch', 'pass')
  })

  it('key: when the keystore is another one than the chain knows, and nothing is signed', async () => {
    const right = keys
    keys = [blsPublicKey(generateBlsSecret())]
    await turns('key', 'fail', /the chain has another BLS key for this operator/)
    await halted()
    keys = right
    await turns('key', 'pass')
    await sign()
  })

  it('peer id and addresses: when others are published', async () => {
    const other = await generateIdentity()
    await client.setPeer(prices(), peerIdToBytes(other.peerId), [ANNOUNCED])
    await turns('peer id', 'fail', new RegExp(`the chain has peer id ${other.peerId} for this operator`))
    await client.setPeer(prices(), peerIdToBytes(peerId), ['/ip4/127.0.0.1/tcp/1'])
    await chain.heads.refresh()
    await turns('peer id', 'warn', /the chain does not have \/ip4\/127\.0\.0\.1\/tcp\/4000 of p2p\.announce/)
    await client.setPeer(prices(), peerIdToBytes(peerId), [ANNOUNCED])
    await turns('peer id', 'pass')
  })

  it('allocation: while a change is on its way; stake: when less counts than the epoch has', async () => {
    await turns('allocation', 'pass')
    await allocate(prices(), HALF / 5n)
    await turns('allocation', 'warn', /what prices can slash changes from 50 % to 10 % of strategy .* at block/)
    await core.mine(DELAYS.deallocation + 1)
    await turns('allocation', 'pass')
    await turns('stake', 'warn', /count for prices now and .* in epoch 1/)
    await allocate(prices(), HALF)
    await core.mine(1)
    await turns('stake', 'pass')
  })

  it('slasher: while another is on its way and when it is there', async () => {
    await turns('slasher', 'pass')
    await asAvs('updateSlasher', set(), core.other)
    await turns('slasher', 'warn', new RegExp(`${core.other} becomes the slasher of prices at block`))
    await core.mine(DELAYS.configuration + 1)
    await asAvs('updateSlasher', set(), prices())
    await core.mine(DELAYS.configuration + 1)
    await turns('slasher', 'pass')
    await asAvs('updateSlasher', set(), core.other)
    await core.mine(DELAYS.configuration + 1)
    await turns('slasher', 'warn', new RegExp(`the slasher of prices is ${core.other} and not its ServiceManager`))
    await asAvs('updateSlasher', set(), prices())
    await core.mine(DELAYS.configuration + 1)
    await turns('slasher', 'pass')
  })

  it('encumbered: when stake is promised to an AVS that nobody serves', async () => {
    await turns('encumbered', 'pass')
    await join_(core.other, generateBlsSecret())
    await turns('encumbered', 'pass')
    await allocate(core.other, HALF / 2n)
    await turns('encumbered', 'fail', new RegExp(`stake is allocated to ${core.other}, which this node does not serve`))
    await allocate(core.other, 0n)
    await core.mine(DELAYS.deallocation + 1)
    await turns('encumbered', 'pass')
  })

  it('slashed: nothing is signed until it is acknowledged', async () => {
    await turns('slashed', 'pass')
    await sign()
    const sorted = [...strategies()].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    await asAvs('slashOperator', prices(), {
      operator: core.operator.account.address,
      operatorSetId: 0,
      strategies: sorted,
      wadsToSlash: sorted.map(() => 10n ** 17n),
      description: 'signed\u001b[31m twice',
    })
    const told = await turns(
      'slashed',
      'fail',
      /prices slashed this operator: 5 % by operator set 0 of .*\(".*twice"\)/,
    )
    assert.ok(!told.includes('\u001b'))
    await halted()
    // what is final is kept, and told still
    await core.mine(5)
    await turns('slashed', 'fail')
    const [slash] = await slashes.read()
    slashes.acknowledge(slash?.block ?? 0n)
    await turns('slashed', 'pass')
    await sign()
    assert.equal((await slashes.read()).length, 0)
  })

  it('slashed elsewhere: when a set of nobody that is served here slashes, and nothing stops for it', async () => {
    await turns('slashed elsewhere', 'pass')
    await allocate(core.other, HALF / 2n)
    await core.mine(1)
    const sorted = [...strategies()].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    await asContract(core.other, 'slashOperator', core.other, {
      operator: core.operator.account.address,
      operatorSetId: 0,
      strategies: sorted,
      wadsToSlash: sorted.map(() => 10n ** 17n),
      description: 'of another kind',
    })
    await turns(
      'slashed elsewhere',
      'warn',
      new RegExp(`by operator set 0 of ${core.other} in block .*of another kind`),
    )
    await turns('slashed', 'pass')
    await sign()
    const [slash] = await slashes.read()
    slashes.acknowledge(slash?.block ?? 0n)
    await turns('slashed elsewhere', 'pass')
  })

  it('service: while the venues of its prices do not answer', async () => {
    const [feed] = FEEDS
    assert.ok(feed !== undefined)
    const founding = await core.batch()
    const { abi } = core.artifacts.get('PriceFeeds')
    founding.call({ what: 'a feed', address: prices(), abi, functionName: 'addFeed', args: [feed], gas: 3_000_000n })
    await founding.land(new AbortController().signal)
    await core.mine(3)
    await chain.heads.refresh()
    const series = syntheticSeries({ seed: 7 })
    const open = (port = 0) => startVenues({ clock: systemClock, series, speed: 60, port })
    let venues = await open()
    const { feeds, ...config } = venueConfig(venues.url)
    const names = ['BTC/USD', 'USDC/USD', 'USDT/USD']
    const quick = feeds.filter(({ name }) => names.includes(name)).map((each) => ({ ...each, maxAge: '2s' }))
    const operator = core.operator.account.address
    const domain = { chainId: 31_337, genesisHash: core.deployment.genesisHash, serviceManager: prices() }
    const common = { clock: systemClock, log: silentLog, metrics: createMetrics() }
    const data = memoryDataStore()
    const runner = await createServiceRunner({
      definition: oracle,
      context: {
        ...{ ...common, operator, service: serviceIdOf('prices'), chain: writer, chains: new Map() },
        config: oracle.configSchema.parse({ contract: prices(), ...config, feeds: quick, poll: '200ms' }),
        http: createHttpClient({ clock: systemClock }),
      },
      ...{ domain, epochs, directory: { peerOf: () => undefined, operatorOf: () => undefined, keep: () => {} } },
      transport: createMemoryNetwork({ clock: systemClock, seed: 1 }).join(peerId),
      signer: createLocalSigner({
        ...{ ...common, domain, operator, secret: core.operator.bls, store: guard },
        // nothing is to be signed here, and so no certificate is missed
        startedAt: Date.now() + 3_600_000,
      }),
      ...{ journal: data.journal, certificates: data.certificates, evidence: memoryEvidenceStore() },
      secondSelf: { guard, sightings: memorySightings(), silentSlots: 0 },
      ...{ keyValues: data.keyValues, peerTime: { now: () => systemClock.now() } },
    })
    await runner.start(new AbortController().signal)
    try {
      problems = () => runner.problems()
      const settles = async (well: boolean) => {
        let found: readonly string[] = []
        const done = eventually(
          async () => {
            found = await problems()
            return (found.length === 0) === well
          },
          `it does not become ${well ? 'well' : 'ill'}`,
        )
        await done.catch((error) => assert.fail(`${error.message}: ${found.join('; ')}`))
      }
      await settles(true)
      await turns('service', 'pass')
      await venues.stop()
      await settles(false)
      await turns(
        'service',
        'fail',
        // which of them is stale first hangs on when each venue answered last
        /price-sources: \d of 3 feeds have no price: [A-Z]+\/USD too-few-fresh .*see GET \/v1\/prices\/sources/,
      )
      venues = await open(Number(new URL(venues.url).port))
      await settles(true)
      await turns('service', 'pass')
    } finally {
      problems = async () => []
      await runner.stop()
      await venues.stop()
    }
  })

  it('gas: when the account is empty, low, and full', async () => {
    const { address } = core.operator.account
    const balance = (wei: bigint) => core.rpc('anvil_setBalance', address, `0x${wei.toString(16)}`)
    const before = await core.client.getBalance({ address })
    await turns('gas', 'pass')
    assert.match(
      (await metrics.expose()).body,
      new RegExp(`^lariat_account_balance_ether ${Number(before) / 1e18}$`, 'm'),
    )
    await balance(0n)
    await turns('gas', 'fail', new RegExp(`${address} has 0 ETH, too little for 5 transactions`))
    assert.match((await metrics.expose()).body, /^lariat_account_balance_ether 0$/m)
    const price = await core.client.getGasPrice()
    await balance(price * 500_000n * 50n)
    await turns('gas', 'warn', /enough for about \d+ transactions/)
    await balance(before)
    await turns('gas', 'pass')
  })

  it('membership: when the AVS ejects it, and when it has joined again', async () => {
    await turns('membership', 'pass')
    await asAvs('deregisterFromOperatorSets', {
      operator: core.operator.account.address,
      avs: prices(),
      operatorSetIds: [0],
    })
    await turns('membership', 'fail', /has left operator set of prices, or was ejected.*keep the node running/)
    await core.mine(DELAYS.deallocation + 1)
    // a key is registered once, ever
    const bls = generateBlsSecret()
    await join_(prices(), bls)
    keys = [blsPublicKey(bls)]
    await turns('membership', 'pass')
  })

  it('chain: when no provider answers, and when the chain stands still', async () => {
    await turns('chain', 'pass')
    gate.down = true
    await turns('chain', 'fail', /no provider answers/)
    // what is on chain changes rarely: what was seen last is believed for a while, and not for ever
    await turns('key', 'warn', /cannot be looked at now/)
    await sign()
    shifted.ms = 700_000
    await turns('key', 'fail', /the last look is \d+ s old/)
    await halted()
    gate.down = false
    shifted.ms = 0
    await turns('key', 'pass')
    await turns('chain', 'pass')
    shifted.ms = 200_000
    await turns('chain', 'fail', /the newest block is \d+ s old/)
    shifted.ms = 0
    await core.mine(1)
    await turns('chain', 'pass')
    await sign()
  })

  it('clock: when the chain is far ahead of the machine’s, and nobody else can tell', async () => {
    await turns('clock', 'pass')
    shifted.ms = -60_000
    await turns('clock', 'fail', /the newest block is \d+\.\d s ahead of this machine's clock/)
    await halted()
    shifted.ms = 0
    await turns('clock', 'pass')
    await sign()
  })

  it('finality: when the chain goes on and does not finalize', async () => {
    await turns('finality', 'pass')
    await core.rpc('evm_increaseTime', 7_200)
    await core.mine(1)
    await turns('finality', 'fail', /the finalized block is 12\d minutes behind the newest/)
    await core.mine(5)
    await turns('finality', 'pass')
  })
})

describe('self-checks of several providers turn with their cause, and back', function () {
  this.timeout(60_000)

  it('providers and agreement: one of three is silent, then two, then none', async () => {
    const anvil = await startAnvil({ blocks: 'automine' })
    const gates = await Promise.all([0, 1, 2].map(() => startRpcGate(anvil.rpcUrl)))
    const [, second, third] = gates as [RpcGate, RpcGate, RpcGate]
    let laterMs = 0
    const moved: Clock = { ...systemClock, now: () => systemClock.now() + laterMs }
    const chain = await openChain({
      id: 31_337,
      rpc: gates.map(({ url }) => ({ url })),
      pollMs: 50,
      log: silentLog,
      metrics: createMetrics(),
      clock: moved,
    })
    try {
      const { turns, selfChecks } = checkBench([providersCheck(chain), agreementCheck(chain)], moved)
      const settled = async (name: CheckName, status: Status, reason?: RegExp) => {
        await eventually(
          async () => {
            await selfChecks.look()
            return selfChecks.states().find((each) => each.name === name)?.status === status
          },
          `${name} does not become ${status}`,
          20_000,
        )
        await turns(name, status, reason)
      }
      await settled('providers', 'pass')
      await settled('agreement', 'pass')
      second.down = true
      await settled('providers', 'warn', /127\.0\.0\.1:\d+ is silent/)
      await settled('agreement', 'pass')
      third.down = true
      await eventually(
        () => chain.providers.standing().filter(({ status }) => status === 'silent').length === 2,
        'the third is not missed',
      )
      await settled('agreement', 'pass')
      // so long an outage is common, and nothing that is signed hangs on it yet
      laterMs = SHORT_GRACE_MS + 1_000
      await settled('agreement', 'fail')
      assert.match(selfChecks.refusal(SERVICE_NAME) ?? '', /^agreement: /)
      second.down = false
      third.down = false
      await settled('agreement', 'pass')
      await settled('providers', 'pass')
      assert.equal(selfChecks.refusal(SERVICE_NAME), undefined)
    } finally {
      chain.close()
      for (const gate of gates) await gate.close()
      await anvil.stop()
    }
  })
})

describe('the self-check of reorgs turns with its cause, and back', function () {
  this.timeout(60_000)

  it('reorg: a final block is undone; only an acknowledgement and a new start end it, and the record stays', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lariat-reorg-'))
    const test = await anvilTest()
    const guard = openGuardStore(files(folder).guard, { create: true })
    /** A node from its start on, with what is on disk. */
    const start = async () => {
      const final = openFinality(files(folder).finality, genesisHash)
      const chain = await test.open({ final, genesisHash })
      const bench = checkBench([reorgCheck(SERVICE_NAME, chain), agreementCheck(chain)])
      await bench.selfChecks.look()
      const signer = gatedSigner(
        createLocalSigner({
          domain: { chainId: chain.id, genesisHash, serviceManager: `0x${'11'.repeat(20)}` },
          operator: `0x${'22'.repeat(20)}`,
          secret: blsSecretFromSeed(new Uint8Array(32).fill(3)),
          store: guard,
          clock: systemClock,
          log: silentLog,
          metrics: createMetrics(),
          startedAt: 0,
        }),
        gateOf(bench.selfChecks, SERVICE_NAME),
      )
      /** Signs for each final block that it is the one of its height. */
      const sign = (number: bigint, payload: Hex) => {
        const service = `0x${'01'.repeat(32)}` as const
        return signer.sign({
          statement: { service, kind: Kind.certify, epoch: 1n, slot: number, attempt: 0, payload },
          window: { from: number, to: number },
          triggeredAt: Date.now(),
        })
      }
      return { chain, final, bench, sign }
    }
    const { genesisHash } = await test.open()
    try {
      await test.rpc('anvil_mine', ['0xa'])
      let node = await start()
      const { number, hash } = node.chain.heads.current('finalized')
      await node.bench.turns('reorg', 'pass')
      await node.sign(number, hash)
      await test.rpc('anvil_reorg', [6, []])
      await eventually(() => node.chain.trust.undone() !== undefined, 'the reorg is not noticed')
      await node.bench.turns(
        'reorg',
        'fail',
        new RegExp(`block ${number} was final as ${hash}.*lariat acknowledge reorg`),
      )
      await node.bench.turns('agreement', 'pass')
      await assert.rejects(node.sign(number + 1n, hash), { code: 'sign.halted', message: /prices: reorg/ })
      await test.rpc('anvil_mine', ['0x3'])
      await eventually(() => node.chain.heads.current('finalized').number > number, 'the heads stand still')
      node.chain.close()

      node = await start()
      await node.bench.turns('reorg', 'fail', /was final as/)
      await assert.rejects(node.sign(number + 1n, hash), { code: 'sign.halted' })
      const finalized = node.chain.heads.current('finalized')
      node.chain.close()
      node.final.settle(finalized)

      node = await start()
      await node.bench.turns('reorg', 'pass')
      const header = await node.chain.providers.ask('a block', (client, provider) =>
        fetchHeader(client, provider, number),
      )
      assert.notEqual(header.hash, hash)
      await assert.rejects(node.sign(number, header.hash), { code: 'guard.conflict' })
      await node.sign(finalized.number, finalized.hash)
    } finally {
      await test.close()
      guard.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
