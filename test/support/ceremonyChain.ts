import { join } from 'node:path'
import type { LocalAccount, PublicClient } from 'viem'
import { FULL_MAGNITUDE } from '../../src/chain/core.ts'
import { type Epochs, openEpochs } from '../../src/chain/epochs.ts'
import { createEpochKeeper } from '../../src/chain/keeper.ts'
import { createServiceChain } from '../../src/chain/serviceChain.ts'
import type { ServiceChain } from '../../src/chain/types.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { proveRegistration } from '../../src/signer/proof.ts'
import { loadArtifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { countedStake, type Deployed, deploy, OPERATOR_SET_ID } from '../../src/testnet/deploy.ts'
import { deployRandomness, type TestnetRandomness } from '../../src/testnet/randomness.ts'
import type { Domain } from '../../src/types/statement.ts'
import { systemClock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import type { Secret } from '../../src/util/secret.ts'
import { type AnvilTest, anvilAccount, anvilTest } from './anvil.ts'
import { createCoreClient } from './coreClient.ts'
import { memoryLog } from './memoryLog.ts'
import { paceBlocks } from './pacedBlocks.ts'
import { castOf } from './simnet.ts'

const STAKE = 32n * 10n ** 18n
const ARTIFACTS = join(import.meta.dirname, '../../build/artifacts')
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
/** Accounts that send for nobody in particular: the deployer, and who brings what others made. */
const OTHERS = 2
/** ms that an answer of the chain may take where others run beside it. */
const REQUEST_MS = 60_000
/** ms between looks at the chain. */
const POLL_MS = 200
/** The contracts come in blocks of single transactions, a second apart by rule: the chain begins so long ago, and ends up at our time. */
const SETUP_SECONDS = 120

/** How a chain of key generation runs. */
export interface CeremonySettings {
  /** Seconds from block to block, in which this process had the processor when it wanted it. */
  readonly blockSeconds?: number
  /** Phases of a session, blocks. */
  readonly dealBlocks?: number
  readonly complaintBlocks?: number
  readonly foldBlocks?: number
  /** Whether the chain stands still now. */
  readonly isHeld?: () => boolean
  /** Seconds from round to round. */
  readonly period?: number
  /** Seconds from key generation to round 1, and from a resharing to its first round. */
  readonly startDelay?: number
  readonly switchDelay?: number
}

/** Operators of a randomness service on a chain of their own, with real contracts, real stake and real keys. */
export interface CeremonyChain {
  readonly test: AnvilTest
  readonly client: PublicClient
  readonly deployed: Deployed
  readonly contracts: TestnetRandomness
  readonly domain: Domain
  readonly epochs: Epochs
  /** Sends what no operator is to be seen sending. */
  readonly courier: LocalAccount
  operator(index: number): Address
  /** Number of an operator; -1 of another. */
  indexOf(operator: Address): number
  secret(index: number): Secret<Uint8Array>
  /** The chain with an operator's account on it. */
  account(index: number): ServiceChain
  /** Makes operators (from 0) join the service, all at once; the first time, epochs are built from then on. */
  join(...indices: readonly number[]): Promise<void>
  leave(index: number): Promise<void>
  /** The newest block. */
  block(): Promise<bigint>
  close(): Promise<void>
}

/** @param accounts operators that may join */
export async function ceremonyChain(accounts: number, settings: CeremonySettings = {}): Promise<CeremonyChain> {
  const genesis = Math.floor(Date.now() / 1_000) - SETUP_SECONDS
  const test = await anvilTest({ accounts: accounts + OTHERS, genesisTime: genesis })
  try {
    return await furnish(test, genesis, accounts, settings)
  } catch (error) {
    await test.close()
    throw error
  }
}

async function furnish(
  test: AnvilTest,
  genesis: number,
  accounts: number,
  settings: CeremonySettings,
): Promise<CeremonyChain> {
  const {
    blockSeconds = 1,
    period = 1,
    dealBlocks = 8,
    complaintBlocks = 8,
    foldBlocks = 12,
    isHeld = () => false,
    ...delays
  } = settings
  const cleanups: (() => Promise<void> | void)[] = [() => test.close()]
  const indices = Array.from({ length: accounts }, (_, i) => i)
  const addresses = indices.map((i) => anvilAccount(i + 1).address)
  const client = localClient(test.anvil.rpcUrl)
  const artifacts = await loadArtifacts(ARTIFACTS)
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
    settings: { ...delays, period, dealBlocks, complaintBlocks, foldBlocks, minEpochAge: 5, windowSeconds: 60 },
  })
  await batch.land(signal)
  await test.rpc('evm_increaseTime', [SETUP_SECONDS])
  await test.rpc('evm_setIntervalMining', [1])
  const chain = await test.open({ genesisHash: deployment.genesisHash, pollMs: POLL_MS, timeoutMs: REQUEST_MS })
  const chains = indices.map((i) =>
    createServiceChain({
      chain,
      sender: test.sender(chain, { index: i + 1, receiptPollMs: POLL_MS }),
      log: memoryLog(),
    }),
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
  await test.rpc('evm_setIntervalMining', [0])
  cleanups.push(paceBlocks(blockSeconds, async () => (isHeld() ? undefined : test.rpc('evm_mine'))))
  const keeping = {
    ...{ chain: own(chains, 0), serviceManager: contracts.service, clock: systemClock },
    ...{ log: memoryLog(), metrics: createMetrics() },
  }
  const epochs = await openEpochs(keeping)
  cleanups.push(() => epochs.close())
  const keeper = createEpochKeeper({ ...keeping, rank: () => 0, checkMs: 100 })
  let isKept = false
  cleanups.push(() => keeper.stop())

  return {
    ...{ test, client, deployed, contracts, domain, epochs, courier: anvilAccount(accounts + 1) },
    operator: (index) => own(addresses, index),
    indexOf: (operator) => addresses.findIndex((one) => one.toLowerCase() === operator.toLowerCase()),
    secret: (index) => own(secrets, index),
    account: (index) => own(chains, index),
    async join(...joining) {
      await Promise.all(
        joining.map((index) => {
          const core = createCoreClient(own(chains, index), deployment.core)
          const proof = proveRegistration(own(secrets, index), domain, own(addresses, index))
          return core.join(own(addresses, index), set, { ...proof, peerId: PEER, addresses: [] })
        }),
      )
      // not before: an epoch of the first few would have a key generation of its own
      if (!isKept) await keeper.start()
      isKept = true
    },
    async leave(index) {
      await createCoreClient(own(chains, index), deployment.core).leave(own(addresses, index), set)
    },
    block: () => client.getBlockNumber({ cacheTime: 0 }),
    async close() {
      for (const clean of cleanups.reverse()) await clean()
    },
  }
}
