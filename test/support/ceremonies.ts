import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceChain as PluginChain, ShareDealing } from '../../src/avs/api.ts'
import { dealServiceOf, finalByDefault } from '../../src/avs/context.ts'
import { DEAL_STORE, DEAL_STORE_SPEC, dealerOf } from '../../src/avs/dealing.ts'
import { SharingBook } from '../../src/avs/randomness/beacon/sharings.ts'
import { Ceremony } from '../../src/avs/randomness/ceremony/ceremony.ts'
import { startThreshold } from '../../src/bls/threshold/start.ts'
import { FULL_MAGNITUDE } from '../../src/chain/core.ts'
import { type Epochs, openEpochs } from '../../src/chain/epochs.ts'
import { createEpochKeeper } from '../../src/chain/keeper.ts'
import { createServiceChain } from '../../src/chain/serviceChain.ts'
import type { ServiceChain } from '../../src/chain/types.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { proveRegistration } from '../../src/signer/proof.ts'
import { openShareVault } from '../../src/signer/shares/open.ts'
import type { ShareVault } from '../../src/signer/shares/vault.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import { loadArtifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { countedStake, type Deployed, deploy, OPERATOR_SET_ID } from '../../src/testnet/deploy.ts'
import { deployRandomness, type TestnetRandomness } from '../../src/testnet/randomness.ts'
import type { Domain } from '../../src/types/statement.ts'
import { systemClock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import { Secret } from '../../src/util/secret.ts'
import { type AnvilTest, anvilAccount, anvilTest } from './anvil.ts'
import { createCoreClient } from './coreClient.ts'
import { memoryLog } from './memoryLog.ts'
import { castOf } from './simnet.ts'

const STAKE = 32n * 10n ** 18n
const ARTIFACTS = join(import.meta.dirname, '../../build/artifacts')
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

/** One operator's part in key generation, as a node would run it. */
export interface CeremonyNode {
  readonly operator: Address
  readonly chain: ServiceChain
  readonly vault: ShareVault
  readonly sharings: SharingBook
  readonly ceremony: Ceremony
  readonly log: ReturnType<typeof memoryLog>
  /** The highest round that the beacon of this node is said to have verified. */
  verified: bigint
  /** As a kill would: what is on disk stays. */
  stop(): Promise<void>
}

/** Operators of a randomness service on a chain of their own, with real contracts. */
export interface CeremonyRun {
  readonly test: AnvilTest
  readonly deployed: Deployed
  readonly contracts: TestnetRandomness
  readonly epochs: Epochs
  operator(index: number): Address
  /** Makes operator `index` (from 0) join the service. */
  join(index: number): Promise<void>
  leave(index: number): Promise<void>
  /** Starts its part in key generation, with whatever is in its folder. `spoil` makes its dealing a bad one before it is signed. */
  start(index: number, spoil?: (dealing: ShareDealing) => ShareDealing): Promise<CeremonyNode>
  close(): Promise<void>
}

/** @param accounts operators that may join, at most 8 */
export async function ceremonyRun(accounts: number): Promise<CeremonyRun> {
  await startThreshold()
  const cleanups: (() => Promise<void> | void)[] = []
  const folder = mkdtempSync(join(tmpdir(), 'lariat-ceremony-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const test = await anvilTest()
  cleanups.push(() => test.close())
  const indices = Array.from({ length: accounts }, (_, i) => i)
  const addresses = indices.map((i) => anvilAccount(i + 1).address)
  const client = localClient(test.anvil.rpcUrl)
  const artifacts = await loadArtifacts(ARTIFACTS)
  const genesis = Math.floor(Date.now() / 1_000)
  const { signal } = new AbortController()
  const deployed = await deploy({
    ...{ client, artifacts, deployer: anvilAccount(0), genesis, interval: 10, feeds: [] },
    ...{ operators: addresses, stake: STAKE, signal },
  })
  const { deployment, strategy } = deployed
  const batch = await Batch.open(client, anvilAccount(0))
  const contracts = deployRandomness(batch, artifacts, {
    allocationManager: deployment.core.allocationManager,
    owner: anvilAccount(0).address,
    genesis,
    stake: countedStake(deployment),
    settings: { period: 1, dealBlocks: 8, complaintBlocks: 8, foldBlocks: 12, minEpochAge: 5, windowSeconds: 60 },
  })
  await batch.land(signal)
  const chain = await test.open({ genesisHash: deployment.genesisHash })
  const chains = indices.map((i) =>
    createServiceChain({ chain, sender: test.sender(chain, { index: i + 1 }), log: memoryLog() }),
  )
  const domain: Domain = { chainId: 31_337, genesisHash: deployment.genesisHash, serviceManager: contracts.service }
  const { secrets } = castOf(accounts)
  const own = <T>(list: readonly T[], i: number): T => {
    const found = list[i]
    if (found === undefined) throw new RangeError(`no operator ${i}`)
    return found
  }
  const set = { avs: contracts.service, id: OPERATOR_SET_ID }
  await Promise.all(
    chains.map(async (each, i) => {
      const core = createCoreClient(each, deployment.core)
      await core.registerAsOperator({ metadataUri: '', allocationDelay: 0 })
      await core.deposit(strategy, STAKE)
      await core.allocate(own(addresses, i), set, [{ strategy, magnitude: FULL_MAGNITUDE }])
    }),
  )
  await test.rpc('evm_setIntervalMining', [1])
  const keeping = {
    ...{ chain: own(chains, 0), serviceManager: contracts.service, clock: systemClock },
    ...{ log: memoryLog(), metrics: createMetrics() },
  }
  const epochs = await openEpochs(keeping)
  cleanups.push(() => epochs.close())
  const keeper = createEpochKeeper({ ...keeping, rank: () => 0, checkMs: 100 })
  await keeper.start()
  cleanups.push(() => keeper.stop())

  return {
    ...{ test, deployed, contracts, epochs },
    operator: (index) => own(addresses, index),
    async join(index) {
      const core = createCoreClient(own(chains, index), deployment.core)
      const proof = proveRegistration(own(secrets, index), domain, own(addresses, index))
      await core.join(own(addresses, index), set, { ...proof, peerId: PEER, addresses: [] })
    },
    async leave(index) {
      await createCoreClient(own(chains, index), deployment.core).leave(own(addresses, index), set)
    },
    async start(index, spoil = (dealing) => dealing) {
      const operator = own(addresses, index)
      const log = memoryLog()
      const metrics = createMetrics()
      const vault = await openShareVault({
        folder: join(folder, `operator-${index}`),
        scope: {
          chainId: domain.chainId,
          genesisHash: domain.genesisHash,
          operator,
          keyGeneration: contracts.keyGeneration,
        },
        password: new Secret('a-password-of-a-test'),
        peers: { now: () => systemClock.now() },
        strength: 'devnet',
        ...{ clock: systemClock, log, metrics },
      })
      const store = memoryDataStore().keyValues.open(contracts.service, DEAL_STORE, DEAL_STORE_SPEC)
      const deal = dealerOf({
        service: dealServiceOf('randomness'),
        signer: createLocalSigner({
          ...{ secret: own(secrets, index), domain, operator, clock: systemClock, log, metrics },
          store: memoryGuardStore(),
        }),
        ...{ epochs, clock: systemClock },
        store: () => store,
      })
      const sharings = new SharingBook()
      const node = { verified: 0n }
      const ceremony = new Ceremony({
        ...{ clock: systemClock, log, operator, deal, sharings },
        chain: finalByDefault(own(chains, index) as unknown as PluginChain),
        shares: { ...vault, deal: async (session) => spoil(await vault.deal(session)) },
        service: contracts.service,
        keyGeneration: contracts.keyGeneration,
        latestRound: () => node.verified,
        staggerMs: 2_000,
        patienceMs: 10_000,
      })
      await ceremony.start()
      const stop = async () => {
        await ceremony.stop()
        await vault.close()
      }
      cleanups.push(stop)
      return Object.assign(node, { operator, chain: own(chains, index), vault, sharings, ceremony, log, stop })
    },
    async close() {
      for (const clean of cleanups.reverse()) await clean()
    },
  }
}
