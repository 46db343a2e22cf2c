import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keccak256, stringToBytes } from 'viem'
import { observationStatement } from '../../../src/avs/agreement/proposal.ts'
import type { AnyService, ServiceConfig } from '../../../src/avs/api.ts'
import { encodeEvidence } from '../../../src/avs/evidence/onChain.ts'
import { createServiceRunner, type ServiceRunner } from '../../../src/avs/runner.ts'
import { memorySightings } from '../../../src/avs/secondSelf/sighting.ts'
import { delegationManagerAbi } from '../../../src/chain/abi/delegationManager.ts'
import { serviceManagerAbi } from '../../../src/chain/abi/serviceManager.ts'
import { FULL_MAGNITUDE } from '../../../src/chain/core.ts'
import { type Epochs, openEpochs } from '../../../src/chain/epochs.ts'
import { createEpochKeeper } from '../../../src/chain/keeper.ts'
import { createServiceChain } from '../../../src/chain/serviceChain.ts'
import type { ServiceChain } from '../../../src/chain/types.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../../src/p2p/memory.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import type { EvidenceStore } from '../../../src/store/evidence.ts'
import { memoryDataStore, memoryGuardStore } from '../../../src/store/memory.ts'
import { memoryEvidenceStore } from '../../../src/store/memoryEvidence.ts'
import { openEvidenceStore } from '../../../src/store/sqlite/evidence.ts'
import { openIntentStore } from '../../../src/store/sqlite/transactions.ts'
import { loadArtifacts } from '../../../src/testnet/artifacts.ts'
import { localClient } from '../../../src/testnet/batch.ts'
import { type Deployed, deploy } from '../../../src/testnet/deploy.ts'
import { equivocationOf } from '../../../src/types/evidence.ts'
import { type Domain, Kind, type Statement } from '../../../src/types/statement.ts'
import { encodeMessage } from '../../../src/types/wire/codec.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { type Address, bigToBytes, type Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import type { Secret } from '../../../src/util/secret.ts'
import { type AnvilTest, anvilAccount, anvilTest } from '../../support/anvil.ts'
import { createCoreClient } from '../../support/coreClient.ts'
import { eventually } from '../../support/eventually.ts'
import { certifyAs, signAs } from '../../support/rogueSigner.ts'
import { INTERVAL, median, square } from '../../support/services.ts'
import { type Cast, castOf, directoryOf, payloadOf } from '../../support/simnet.ts'

const STAKE = 32n * 10n ** 18n
const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
/** The account that misbehaves; operators 0 and 1 run nodes, and bring what they find. */
const ROGUE = 3
const NODES = [0, 1]
/** What a node has of its own instead of what all have. */
interface OwnParts {
  readonly rows?: readonly number[]
  readonly chain?: ServiceChain
  readonly evidence?: EvidenceStore
}

/** Three rounds, two blocks to finality and one for the transaction, seconds. */
const WITHIN_S = 3 * INTERVAL + 3

describe('operators that sign two payloads for one slot, on anvil', function () {
  this.timeout(120_000)
  let test: AnvilTest
  let deployed: Deployed
  let domain: Domain
  let epochs: Epochs
  let cast: Cast
  let genesis: number
  const chains: ServiceChain[] = []
  const cleanups: (() => Promise<void> | void)[] = []

  before(async () => {
    test = await anvilTest()
    genesis = Math.floor(Date.now() / 1_000)
    const accounts = [1, 2, 3, 4].map((i) => anvilAccount(i).address)
    deployed = await deploy({
      client: localClient(test.anvil.rpcUrl),
      artifacts: await loadArtifacts(ARTIFACTS),
      deployer: anvilAccount(0),
      genesis,
      interval: INTERVAL,
      feeds: [],
      operators: accounts,
      stake: STAKE,
      signal: new AbortController().signal,
    })
    const { deployment, priceFeeds } = deployed
    const chain = await test.open({ genesisHash: deployment.genesisHash })
    for (const index of [1, 2, 3, 4]) {
      chains.push(createServiceChain({ chain, sender: test.sender(chain, { index }), log: silentLog }))
    }
    domain = { chainId: 31_337, genesisHash: deployment.genesisHash, serviceManager: priceFeeds }
    const made = castOf(4)
    await Promise.all(
      chains.map(async (each, i) => {
        const core = createCoreClient(each, deployment.core)
        const operator = accounts[i] as Address
        const set = { avs: priceFeeds, id: 0 }
        await core.registerAsOperator({ metadataUri: '', allocationDelay: 0 })
        await core.deposit(deployed.strategy, STAKE)
        await core.allocate(operator, set, [{ strategy: deployed.strategy, magnitude: FULL_MAGNITUDE }])
        const proof = proveRegistration(made.secrets[i] as Secret<Uint8Array>, domain, operator)
        await core.join(operator, set, { ...proof, peerId: PEER, addresses: [] })
      }),
    )
    // so far each transaction made a block; from here on they come by themselves, and become final
    await test.rpc('evm_setIntervalMining', [1])
    const [first] = chains as [ServiceChain]
    const common = {
      chain: first,
      serviceManager: priceFeeds,
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics(),
    }
    epochs = await openEpochs(common)
    cleanups.push(() => epochs.close())
    const keeper = createEpochKeeper({ ...common, rank: () => 0, checkMs: 100 })
    await keeper.start()
    // active for a whole slot: the one of now may have begun before
    const began = () => Date.now() / 1_000 - INTERVAL
    await eventually(() => epochs.at(began()) !== undefined, 'no epoch became active', 40_000)
    await keeper.stop()
    const table = epochs.at(Date.now() / 1_000)
    assert.ok(table !== undefined && table.members.length === 4)
    // rows are in the order in which the operators joined, which is up to the chain
    const order = table.members.map(({ operator }) => accounts.indexOf(operator))
    cast = {
      operators: table.members.map(({ operator }) => operator),
      secrets: order.map((i) => made.secrets[i] as Secret<Uint8Array>),
      table,
    }
    const sorted = order.map((i) => chains[i] as ServiceChain)
    chains.splice(0, chains.length, ...sorted)
  })
  after(async () => {
    for (const clean of cleanups.reverse()) await clean()
    await test?.close()
  })

  /** The nodes of operators 0 and 1 for a service, and the rogue's transport. */
  async function serve(service: Hex, definition: AnyService, own: OwnParts = {}) {
    const { rows = NODES } = own
    const network: MemoryNetwork = createMemoryNetwork({ clock: systemClock, seed: 1 })
    const peers = cast.operators.map((_, i) => `peer-${i}`)
    const transports = peers.map((peer) => network.join(peer))
    for (const transport of transports) transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
    const stores: EvidenceStore[] = []
    const runners: ServiceRunner[] = []
    for (const row of rows) {
      const operator = cast.operators[row] as Address
      const metrics = createMetrics()
      const guard = memoryGuardStore()
      const data = memoryDataStore()
      const evidence = own.evidence ?? memoryEvidenceStore()
      const transport = transports[row] as (typeof transports)[number]
      const runner = await createServiceRunner({
        definition,
        context: {
          config: definition.configSchema.parse({ contract: domain.serviceManager, genesis }) as ServiceConfig,
          ...{ service, operator, clock: systemClock, log: silentLog, metrics },
          http: { getJson: () => Promise.reject(new Error('this service asks nobody')) },
          chain: own.chain ?? (chains[row] as ServiceChain),
          chains: new Map(),
        },
        ...{ domain, epochs, transport, evidence },
        directory: directoryOf(cast, peers),
        signer: createLocalSigner({
          secret: cast.secrets[row] as Secret<Uint8Array>,
          ...{ domain, operator, clock: systemClock, log: silentLog, metrics },
          store: guard,
        }),
        secondSelf: { guard, sightings: memorySightings(), silentSlots: 0 },
        ...{ keyValues: data.keyValues, peerTime: { now: () => systemClock.now() } },
        journal: data.journal,
        certificates: data.certificates,
        timing: { evidenceCheckMs: 500, submitStaggerMs: 2_000 },
      })
      await runner.start(new AbortController().signal)
      stores.push(evidence)
      runners.push(runner)
    }
    const topic = `/lariat/2/31337/${domain.serviceManager.toLowerCase()}/${service.slice(2, 18)}`
    const rogue = transports[ROGUE] as (typeof transports)[number]
    return {
      stores,
      gossip: (data: Uint8Array) => rogue.publish(topic, data),
      /** To operator 0 alone. */
      direct: (data: Uint8Array) => rogue.send('peer-0', topic, data),
      stop: () => Promise.all(runners.map((runner) => runner.stop())),
    }
  }

  const slotNow = () => BigInt(Math.floor((Date.now() / 1_000 - genesis) / INTERVAL))
  const sharesOf = (row: number) =>
    (chains[0] as ServiceChain).read({
      address: deployed.deployment.core.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'operatorShares',
      args: [cast.operators[row] as Address, deployed.strategy],
    })
  const statementOf = (service: Hex, kind: Kind, value: bigint): Statement => ({
    service,
    kind,
    epoch: cast.table.number,
    slot: slotNow(),
    attempt: 0,
    payload: payloadOf(value),
  })

  /** Two messages of the rogue that contradict each other, as it would send them. */
  const adversaries: Record<
    'propose' | 'observe' | 'certify',
    (service: Hex) => Promise<readonly [Uint8Array, Uint8Array]>
  > = {
    async observe(service) {
      const slot = slotNow()
      const message = async (value: bigint) => {
        const body = bigToBytes(value, 8)
        const statement = observationStatement({ service, epoch: cast.table.number, slot }, body)
        const signature = await signAs(cast, ROGUE, statement, domain)
        return encodeMessage({ type: 'observation', statement, author: ROGUE, signature, body })
      }
      return [await message(1n), await message(2n)]
    },
    async propose(service) {
      const slot = slotNow()
      const message = async (value: bigint) => {
        const statement = { ...statementOf(service, Kind.propose, value), slot }
        const signature = await signAs(cast, ROGUE, statement, domain)
        // of a node that listens: it refuses what quotes it falsely, and witnesses the proposal all the same
        const observations = [{ author: 0, signature, body: bigToBytes(value, 8) }]
        return encodeMessage({ type: 'proposal', statement, author: ROGUE, signature, observations })
      }
      return [await message(1n), await message(2n)]
    },
    async certify(service) {
      const slot = slotNow()
      const message = async (value: bigint) => {
        const statement = { ...statementOf(service, Kind.certify, value), slot }
        const signature = await signAs(cast, ROGUE, statement, domain)
        return encodeMessage({ type: 'partial', statement, author: ROGUE, signature })
      }
      return [await message(1n), await message(2n)]
    },
  }

  // proposals first: while nobody is revoked, a false quote of ours makes a node refuse the message
  for (const kind of ['propose', 'observe', 'certify'] as const) {
    const equivocate = adversaries[kind]
    it(`are slashed for two statements of kind ${kind}, by whoever heard both`, async () => {
      const service = keccak256(stringToBytes(`test/${kind}`))
      // its event is on no contract here
      const { landing: _, ...definition } = median({ observe: (_, slot) => slot })
      const net = await serve(service, definition)
      try {
        const before = await sharesOf(ROGUE)
        const [first, second] = await equivocate(service)
        await net.direct(first)
        await net.direct(second)
        await expectSlashed(net.stores, service, [ROGUE], Date.now() / 1_000)
        assert.equal(await sharesOf(ROGUE), before - before / 10n)
      } finally {
        await net.stop()
      }
    })
  }

  it('are slashed for two dealings, and for two certificates: all who are in both, and nobody else', async () => {
    const service = keccak256(stringToBytes('test/joint'))
    const net = await serve(service, square({ observe: (_, slot) => slot }))
    try {
      const shares = await Promise.all([0, 1, 2, 3].map(sharesOf))
      const one = { ...statementOf(service, Kind.certify, 1n), slot: slotNow() }
      const [first, second] = [
        await certifyAs(cast, [0, 2, 3], one, domain),
        await certifyAs(cast, [1, 2, 3], { ...one, payload: payloadOf(2n) }, domain),
      ]
      const joint = equivocationOf({ form: 'certificate', ...first }, { form: 'certificate', ...second })
      await net.gossip(encodeEvidence(joint).data)
      await expectSlashed(net.stores, service, [2, 3], Date.now() / 1_000)
      assert.deepEqual(
        await Promise.all([0, 1, 2, 3].map(sharesOf)),
        shares.map((before, row) => (row < 2 ? before : before - before / 10n)),
      )
    } finally {
      await net.stop()
    }

    const dealing = keccak256(stringToBytes('test/deal'))
    const other = await serve(dealing, square({ observe: (_, slot) => slot }))
    try {
      const side = async (value: bigint) => {
        const statement = statementOf(dealing, Kind.deal, value)
        const signature = await signAs(cast, ROGUE, statement, domain)
        return { form: 'signature', statement, author: ROGUE, signature } as const
      }
      const [a, b] = [await side(1n), await side(2n)]
      const slot = a.statement.slot
      const same = { ...b, statement: { ...b.statement, slot } }
      const signature = await signAs(cast, ROGUE, same.statement, domain)
      await other.gossip(encodeEvidence(equivocationOf(a, { ...same, signature })).data)
      await expectSlashed(other.stores, dealing, [ROGUE], Date.now() / 1_000)
    } finally {
      await other.stop()
    }
  })

  it('are slashed once, though the only node that knows is killed when its transaction has no block yet', async () => {
    const service = keccak256(stringToBytes('test/killed'))
    const folder = mkdtempSync(join(tmpdir(), 'lariat-killed-'))
    const index = [1, 2, 3, 4].findIndex((i) => anvilAccount(i).address === cast.operators[0]) + 1
    const { genesisHash } = deployed.deployment
    /** A process of operator 0, on its files. */
    const begin = async () => {
      const chain = await test.open({ genesisHash })
      const { address: account } = anvilAccount(index)
      const journal = openIntentStore(join(folder, 'transactions.sqlite'), { genesisHash, account })
      const evidence = openEvidenceStore(join(folder, 'evidence.sqlite'))
      const sender = test.sender(chain, { index, journal })
      const own = { rows: [0], evidence, chain: createServiceChain({ chain, sender, log: silentLog }) }
      const net = await serve(service, square({ observe: (_, slot) => slot }), own)
      const kill = async () => {
        await sender.close()
        await net.stop()
        journal.close()
        evidence.close()
      }
      return { ...net, journal, kill }
    }
    const sentByUs = async () =>
      Number(await test.rpc('eth_getTransactionCount', [cast.operators[0] as Address, 'latest']))
    const mining = async (on: boolean) => {
      await test.rpc('evm_setAutomine', [on])
      await test.rpc('evm_setIntervalMining', [on ? 1 : 0])
    }
    try {
      const before = await sharesOf(ROGUE)
      const sent = await sentByUs()
      await mining(false)
      const first = await begin()
      const [one, two] = await adversaries.certify(service)
      await first.direct(one)
      await first.direct(two)
      await eventually(() => first.journal.open().length === 1, 'nothing is written')
      await eventually(
        async () => ((await test.rpc('txpool_status')) as { pending: string }).pending === '0x1',
        'nothing is sent',
      )
      await first.kill()
      const second = await begin()
      try {
        await mining(true)
        await expectSlashed(second.stores, service, [ROGUE], Date.now() / 1_000)
        assert.equal(await sharesOf(ROGUE), before - before / 10n)
        assert.equal(await sentByUs(), sent + 1)
        await eventually(() => second.journal.open().length === 0, 'the journal does not see it final')
      } finally {
        await second.kill()
      }
    } finally {
      await mining(true)
      rmSync(folder, { recursive: true })
    }
  })

  /** That a finalized block has `rows` punished in time, that the nodes know, and that they accuse nobody else. */
  async function expectSlashed(
    stores: readonly EvidenceStore[],
    service: Hex,
    rows: readonly number[],
    since: number,
  ): Promise<void> {
    const chain = chains[0] as ServiceChain
    const contract = { address: domain.serviceManager, abi: serviceManagerAbi } as const
    const punished = (row: number) =>
      chain.read({
        ...contract,
        functionName: 'punished',
        args: [cast.operators[row] as Address, service, cast.table.number],
        block: 'finalized',
      })
    await eventually(async () => (await Promise.all(rows.map(punished))).every(Boolean), 'nobody was slashed', 30_000)
    // by the chain's time: how long this process had to wait for its turn does not count
    const final = Number(chain.head('finalized').timestamp)
    assert.ok(final - since <= WITHIN_S, `slashed only ${final - since} s after the second statement`)
    for (const row of [0, 1, 2, 3]) assert.equal(await punished(row), rows.includes(row), `row ${row}`)
    const expected = rows.map((row) => [(cast.operators[row] as Address).toLowerCase(), 'slashed'])
    for (const store of stores) {
      const known = () => store.list({ service }).map(({ operator, status }) => [operator, status])
      await eventually(
        () => JSON.stringify(known().sort()) === JSON.stringify([...expected].sort()),
        'a node does not know who was slashed',
        30_000,
      ).catch((error) => {
        assert.deepEqual(known().sort(), [...expected].sort())
        throw error
      })
    }
    for (const row of rows) assert.ok(epochs.byNumber(cast.table.number)?.revokedNow.has(row), `row ${row} has weight`)
  }
})
