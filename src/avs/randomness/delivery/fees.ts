import type { Address, Context, ServiceConfig } from 'lariat/avs'
import { randomnessBeaconAbi } from '../abi/randomnessBeacon.ts'
import type { DeliveryMetrics } from './metrics.ts'

/** Gas of withdrawing fees, and how many times its price they must be worth: gas takes a fiftieth of them at most. */
const WITHDRAW_GAS = 45_000n
const WITHDRAW_TIMES = 50n
/** Blocks between looks. */
const EVERY = 100n

export interface FeesOptions extends Pick<Context<ServiceConfig>, 'chain' | 'log' | 'operator'> {
  readonly metrics: DeliveryMetrics
}

/** Withdraws what this operator earns with requests to its account, where it pays for gas. */
export class Fees {
  readonly #options: FeesOptions
  #next = 0n
  /** What was there at the last look; undefined before the first, which counts nothing: who knows since when it was there. */
  #before: bigint | undefined

  constructor(options: FeesOptions) {
    this.#options = options
  }

  /** @param head the newest block. @throws LariatError `chain.…` */
  async collect(beacon: Address, head: bigint, signal: AbortSignal): Promise<void> {
    const { chain, operator, log, metrics } = this.#options
    if (head < this.#next) return
    this.#next = head + EVERY
    const contract = { address: beacon, abi: randomnessBeaconAbi } as const
    const fees = await chain.read({ ...contract, functionName: 'feesOf', args: [operator], block: 'latest' })
    metrics.fees.set({}, Number(fees) / 1e18)
    const earned = fees - (this.#before ?? fees)
    if (earned >= 0n) metrics.earned.inc({ token: 'ETH', unit: 'wei', strategy: beacon }, Number(earned))
    this.#before = fees
    if (fees === 0n || fees < WITHDRAW_GAS * WITHDRAW_TIMES * (await chain.gasPrice())) return
    log.info('withdrawing fees of requests', { wei: fees })
    await chain.write({ ...contract, functionName: 'withdrawFees', args: [operator], signal })
    metrics.fees.set({}, 0)
    this.#before = 0n
  }
}
