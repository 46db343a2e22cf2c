import {
  type Address,
  type Clock,
  describe,
  type FedTask,
  type FollowedChain,
  type Hex,
  identical,
  type Log,
  onFeed,
  type Strand,
} from 'lariat/avs'
import { bridgeIsmAbi } from '../abi/bridgeIsm.ts'
import type { BridgeConfig } from '../config.ts'
import { modulePayload, pauseServices } from '../statements.ts'
import { everyBeat } from './beat.ts'

const DEADLINE_MS = 10_000
/** More than a third of the weight, in basis points: what pauses a module (contracts/bridge/BridgeIsm.sol). */
const PAUSE_BPS = 3_334

export interface PausableOptions {
  readonly chain: FollowedChain
  readonly domain: number
  readonly ism: Address
  /** Why this operator wants it paused; undefined while it does not. */
  readonly wanted: () => string | undefined
  readonly clock: Clock
  readonly log: Log
}

/** A security module that operators pause by more than a third of their weight, and open again by a quorum. */
export class Pausable {
  readonly domain: number
  readonly services: { readonly pauses: Hex; readonly unpauses: Hex }
  readonly #options: PausableOptions
  #known: { readonly isPaused: boolean; readonly count: bigint } | undefined

  constructor(options: PausableOptions) {
    this.#options = options
    this.domain = options.domain
    this.services = pauseServices(options.chain.chainId, options.ism)
  }

  /** Whether it is paused, and the number of that pause or of the next, as a final block has it; undefined while that is not known. */
  get known(): { readonly isPaused: boolean; readonly count: bigint } | undefined {
    return this.#known
  }

  /** Why messages to its mailbox wait, and what ends that. */
  problem(): string | undefined {
    if (this.#known?.isPaused !== true) return undefined
    const { chain, ism, wanted } = this.#options
    const own = wanted()
    const why = own === undefined ? 'by others: ask them why' : `by this operator too: ${own}`
    return `module ${ism} of chain ${chain.name} is paused (pause ${this.#known.count}), ${why}`
  }

  /** Why nothing should be delivered by another way than the module either: it is paused, or this operator wants it to be. */
  held(): string | undefined {
    const { chain, ism, wanted } = this.#options
    const own = wanted()
    const why =
      own === undefined ? undefined : `this operator wants module ${ism} of chain ${chain.name} paused: ${own}`
    return this.problem() ?? why
  }

  /** Both strands: the vote to pause it, and the vote to open it again. */
  strands<State>(): Strand<BridgeConfig, State>[] {
    const { chain, domain } = this.#options
    const { pauses, unpauses } = this.services
    const of = (isPause: boolean): Strand<BridgeConfig, State> => ({
      name: `${chain.name}-${isPause ? 'pause' : 'unpause'}`,
      serviceId: isPause ? pauses : unpauses,
      ...(isPause ? { quorumBps: PAUSE_BPS } : {}),
      triggers: () => [onFeed<undefined>((begin) => this.#feed(isPause, begin))],
      agreement: identical(),
      observe: async () => domain,
      payload: () => modulePayload(chain.chainId, this.#options.ism),
    })
    return [of(true), of(false)]
  }

  /** Votes for as long as it is not as this operator wants it. */
  #feed(isPause: boolean, begin: (task: FedTask<undefined>) => boolean): () => void {
    const { clock, wanted, log } = this.#options
    let ended = false
    const look = async () => {
      await this.#read()
      const known = this.#known
      if (ended || known === undefined) return
      const wantsPause = wanted() !== undefined
      const votes = isPause ? wantsPause && !known.isPaused : !wantsPause && known.isPaused
      if (votes) begin({ slot: known.count, postedAt: clock.now(), deadlineMs: DEADLINE_MS, args: undefined })
    }
    const end = everyBeat(clock, () => {
      look().catch((error: unknown) => log.debug('a module cannot be read', { error: describe(error) }))
    })
    return () => {
      ended = true
      end()
    }
  }

  async #read(): Promise<void> {
    const { chain, ism: address } = this.#options
    const call = { address, abi: bridgeIsmAbi, args: [], block: 'finalized' } as const
    const [isPaused, count] = await Promise.all([
      chain.read({ ...call, functionName: 'isPaused' }),
      chain.read({ ...call, functionName: 'pauseCount' }),
    ])
    this.#known = { isPaused, count }
  }
}
