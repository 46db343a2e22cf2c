import {
  type Address,
  affineSignature,
  bytesToHex,
  type ChainLog,
  type Context,
  describe,
  type KeyValueStore,
  LariatError,
  type Part,
  type ServiceConfig,
} from 'lariat/avs'
import { parseAbi } from 'viem'
import { randomnessBeaconAbi } from '../abi/randomnessBeacon.ts'
import type { SharingSource } from '../beacon/sharings.ts'
import { Turns } from '../ceremony/order.ts'
import { Loop } from '../loop.ts'
import type { RoundStore } from '../rounds/store.ts'
import { Fees } from './fees.ts'
import type { DeliveryMetrics } from './metrics.ts'
import type { RandomnessRequest } from './requests.ts'
import { type DueRound, Waiting } from './waiting.ts'
import { choosePage, paysItself } from './worth.ts'

export interface DeliveryOptions extends Pick<Context<ServiceConfig>, 'chain' | 'clock' | 'log' | 'operator'> {
  /** KeyGeneration, which knows the RandomnessBeacon. */
  readonly keyGeneration: Address
  readonly sharings: SharingSource
  /** Rounds that this node has; undefined before the first key generation. */
  readonly rounds: () => Pick<RoundStore, 'get' | 'latest'> | undefined
  readonly store: KeyValueStore
  readonly metrics: DeliveryMetrics
  /** What fees must be worth of the gas that they cost; 0 to fulfill whatever is asked. */
  readonly margin: number
  /** ms that each operator in the order for a round leaves to the ones before it. */
  readonly staggerMs?: number
}

/** Of KeyGeneration. */
const beaconOfAbi = parseAbi(['function beacon() view returns (address)'])
/** A block of the slowest chain: whoever comes first is seen by the next. */
const STAGGER_MS = 15_000
/** ms after a transaction of ours failed until its round is looked at again. */
const RETRY_MS = 30_000
/** Requests that do not pay now are kept if they would at this part of the gas price: it falls, but rarely so far. */
const HOPEFUL_PART = 16n
/** ms for which a request that pays may wait after its round before it is a problem. */
const LATE_MS = 300_000
/** Parts of a margin that count: thousandths. */
const THOUSAND = 1_000n

/**
 * Brings rounds on chain that contracts asked for, and calls them back, where the fee is worth the gas. Operators take turns by
 * round. What it earns it withdraws to the operator's account now and then.
 */
export class Deliverer implements Part {
  readonly name = 'randomness delivery'
  readonly #options: DeliveryOptions
  readonly #waiting: Waiting
  readonly #fees: Fees
  readonly #turns: Turns
  readonly #stopping = new AbortController()
  readonly #ends: (() => void)[] = []
  /** Until when a round is left alone after a failure, ms since the epoch. */
  readonly #resting = new Map<bigint, number>()
  /** Since when requests that pay have waited with their round there, by round, ms since the epoch. */
  readonly #late = new Map<bigint, number>()
  #beacon: Address | undefined
  #head = 0n
  /** wei per gas, as of the last look */
  #gasPrice = 0n
  readonly #loop: Loop

  constructor(options: DeliveryOptions) {
    const { clock, operator, store, staggerMs = STAGGER_MS } = options
    this.#options = options
    this.#waiting = new Waiting(store, clock)
    this.#fees = new Fees(options)
    this.#turns = new Turns(clock, operator, staggerMs)
    this.#loop = new Loop(() => this.#look(), this.#stopping.signal)
  }

  /** @throws LariatError `chain.…` */
  async start(): Promise<void> {
    const { chain, keyGeneration, operator, metrics } = this.#options
    const address = await chain.read({ address: keyGeneration, abi: beaconOfAbi, functionName: 'beacon', args: [] })
    this.#beacon = address
    this.#gasPrice = await chain.gasPrice()
    const watched = { address, abi: randomnessBeaconAbi } as const
    this.#ends.push(
      chain.watch(
        {
          ...{ ...watched, eventName: ['RandomnessRequested', 'RandomnessFulfilled'] },
          ...{ finality: 'latest', cursor: `${address}/requests` },
        },
        async (log) => this.#seen(log),
      ),
      chain.watch(
        { ...watched, eventName: 'RandomnessFulfilled', finality: 'finalized', cursor: `${address}/fulfilled` },
        async ({ args }) => {
          const { id, deliverer, success } = args as { id: bigint; deliverer: Address; success: boolean }
          this.#waiting.forget(id)
          const by = deliverer.toLowerCase() === operator.toLowerCase() ? 'own' : 'other'
          metrics.fulfilled.inc({ by, callback: success ? 'ok' : 'failed' })
        },
      ),
      chain.heads('latest', ({ number }) => {
        this.#head = number
        this.#loop.kick()
      }),
    )
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#stopping.abort(new DOMException('the node is stopping', 'AbortError'))
    await this.#loop.idle()
  }

  /** Requests that pay and wait although their round has long been there, in words. */
  problem(): string | undefined {
    const now = this.#options.clock.now()
    const late = [...this.#late.values()].filter((since) => now - since > LATE_MS).length
    if (late === 0) return undefined
    return `requests for ${late} rounds have waited for more than ${LATE_MS / 60_000} minutes although they pay for their gas: see in the log why transactions fail`
  }

  #seen({ eventName, args }: ChainLog): void {
    if (eventName === 'RandomnessFulfilled') {
      this.#waiting.settle((args as { id: bigint }).id)
      return
    }
    const { id, consumer, round, gasLimit, fee } = args as RandomnessRequest
    const request = { id, consumer, round, gasLimit, fee }
    // what would not pay even if gas were far cheaper shall not take the place of what does
    if (paysItself(request, this.#price() / HOPEFUL_PART)) this.#waiting.add(request)
  }

  /** wei per gas that a fee must pay */
  #price(): bigint {
    return (this.#gasPrice * BigInt(Math.round(this.#options.margin * 1_000))) / THOUSAND
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping
    try {
      await this.#work(signal)
      await this.#fees.collect(this.#contract.address, this.#head, signal)
    } catch (error) {
      if (!signal.aborted) this.#options.log.warn('requests could not be looked at', { error: describe(error) })
    }
  }

  /** Looks at the requests whose rounds are there, round by round. */
  async #work(signal: AbortSignal): Promise<void> {
    const { clock, metrics, log } = this.#options
    await this.#waiting.review((request) => this.#isPending(request, 'finalized'))
    const rounds = this.#options.rounds()
    const due = rounds === undefined ? new Map<bigint, DueRound>() : await this.#due(rounds)
    for (const known of [this.#late, this.#resting]) {
      for (const round of known.keys()) if (!due.has(round)) known.delete(round)
    }
    for (const [round, one] of due) {
      if (signal.aborted) return
      if (clock.now() < (this.#resting.get(round) ?? 0)) continue
      await this.#deliver(round, one, signal).catch((error: unknown) => {
        if (signal.aborted) return
        this.#resting.set(round, clock.now() + RETRY_MS)
        // another operator was there first
        if (error instanceof LariatError && error.details.error === 'NothingToFulfill') return
        log.warn('a round could not be brought on chain', { round, error: describe(error) })
      })
    }
    metrics.waiting.set({}, this.#waiting.size)
  }

  /** Requests that pay for themselves now, by round. */
  async #due(rounds: Pick<RoundStore, 'get' | 'latest'>): Promise<ReadonlyMap<bigint, DueRound>> {
    if (!this.#waiting.isAnyDue(rounds)) return new Map()
    this.#gasPrice = await this.#options.chain.gasPrice()
    const price = this.#price()
    return this.#waiting.due(rounds, (request) => paysItself(request, price))
  }

  async #deliver(round: bigint, { signature, requests }: DueRound, signal: AbortSignal): Promise<void> {
    const { chain, clock, sharings, log } = this.#options
    const price = this.#price()
    if (choosePage(requests, { price, isDelivered: true }).length === 0) {
      this.#late.delete(round)
      return
    }
    if (!this.#late.has(round)) this.#late.set(round, clock.now())
    const operators = sharings.at(round)?.members.map(({ operator }) => operator) ?? []
    if (!this.#turns.isOurs(`round/${round}`, operators)) return
    const pending: RandomnessRequest[] = []
    for (const request of requests) {
      if (await this.#isPending(request, 'latest')) pending.push(request)
      else this.#waiting.settle(request.id)
    }
    const kept = await chain.read({
      ...{ ...this.#contract, functionName: 'randomnessOf', args: [round] },
      block: 'latest',
    })
    const page = choosePage(pending, { price, isDelivered: BigInt(kept) !== 0n })
    if (page.length === 0) return
    log.info('bringing a round on chain', { round, requests: page.length })
    const affine = bytesToHex(affineSignature(signature))
    await chain.write({
      ...{ ...this.#contract, functionName: 'deliverAndFulfill', args: [round, affine, [...page]] },
      signal,
    })
    for (const { id } of page) this.#waiting.settle(id)
  }

  async #isPending(request: RandomnessRequest, block: 'latest' | 'finalized'): Promise<boolean> {
    return this.#options.chain.read({ ...this.#contract, functionName: 'isPending', args: [request], block })
  }

  get #contract() {
    if (this.#beacon === undefined) throw new RangeError('the delivery is not started')
    return { address: this.#beacon, abi: randomnessBeaconAbi } as const
  }
}
