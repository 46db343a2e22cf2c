import { type Address, type Context, type ServiceChain, type Surroundings, startThreshold } from 'lariat/avs'
import { randomnessServiceAbi } from './abi/randomnessService.ts'
import { Engine } from './beacon/engine.ts'
import { beaconMetrics } from './beacon/metrics.ts'
import { SharingBook } from './beacon/sharings.ts'
import { Ceremony, type CeremonyOptions } from './ceremony/ceremony.ts'
import type { Windows } from './conduct.ts'
import type { RandomnessConfig } from './config.ts'
import { Deliverer } from './delivery/deliverer.ts'
import { deliveryMetrics } from './delivery/metrics.ts'

/** What the hooks of the randomness service share. */
export interface RandomnessState {
  /** The group and its sharings, as the ceremony knows them. */
  readonly sharings: SharingBook
  readonly engine: Engine
  readonly ceremony: Ceremony
  /** Undefined when this node leaves requests to others. */
  readonly deliverer: Deliverer | undefined
  readonly windows: Windows
}

/** Name of the store of rounds. */
export const ROUNDS_STORE = 'rounds'
/** Name of the store of requests for randomness. */
export const REQUESTS_STORE = 'requests'

/**
 * @param turns how long operators wait for each other, where blocks are faster than usual
 * @throws LariatError `chain.…` when the contract cannot be read
 */
export async function openState(
  context: Context<RandomnessConfig>,
  turns: Pick<CeremonyOptions, 'staggerMs' | 'patienceMs'> = {},
): Promise<RandomnessState> {
  await startThreshold()
  const { config, operator, clock, peerTime, log, metrics, messages, shares, chain } = context
  const windows = await readWindows(config.contract, chain)
  const sharings = new SharingBook()
  const engine = new Engine({
    ...{ operator, clock, peerTime, log, messages, shares, sharings },
    metrics: beaconMetrics(metrics),
    store: context.store(ROUNDS_STORE),
    keep: config.keepRounds,
  })
  const ceremony = new Ceremony({
    ...{ chain, clock, log, operator, shares, deal: context.deal, sharings },
    service: config.contract,
    keyGeneration: shares.scope.keyGeneration,
    latestRound: () => engine.chain?.latest?.round ?? 0n,
    ...turns,
  })
  const { fulfill } = config
  const deliverer = !fulfill.enabled
    ? undefined
    : new Deliverer({
        ...{ chain, clock, log, operator, sharings, margin: fulfill.margin },
        keyGeneration: shares.scope.keyGeneration,
        rounds: () => engine.chain?.rounds,
        store: context.store(REQUESTS_STORE),
        metrics: deliveryMetrics(metrics),
      })
  return { sharings, engine, ceremony, deliverer, windows }
}

/** The contract that key generation runs on: the vault's records belong to it. */
export async function keyGenerationOf({ config, chain }: Surroundings<RandomnessConfig>): Promise<Address> {
  return chain.read({ address: config.contract, abi: randomnessServiceAbi, functionName: 'keyGeneration', args: [] })
}

async function readWindows(contract: Address, chain: ServiceChain): Promise<Windows> {
  const call = { address: contract, abi: randomnessServiceAbi, args: [] } as const
  const [genesis, seconds] = await Promise.all([
    chain.read({ ...call, functionName: 'genesis' }),
    chain.read({ ...call, functionName: 'windowSeconds' }),
  ])
  return { genesis, seconds }
}
