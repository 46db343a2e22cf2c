import type { ChainLog, LogQuery, ServiceChain } from '../../src/avs/ports.ts'
import type { BlockHead, CursorStore, Finality } from '../../src/chain/types.ts'
import { watchLogs } from '../../src/chain/watcher.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'

/** The event that asks for a task. */
export const ASKED = 'Asked'
/** Arguments of `ASKED`. */
export interface AskedArgs {
  /** Tasks on this branch before it. */
  readonly id: bigint
  readonly number: bigint
}

/** A block, with what a service may sign over. */
interface SimBlock extends BlockHead {
  /** What a block in the same place on another branch has otherwise. */
  readonly fact: bigint
  readonly asked: AskedArgs | undefined
  /** Tasks on its branch up to it. */
  readonly tasks: bigint
}

export interface SimChainOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Whose events they are. */
  readonly contract: Address
}

/** Blocks that may be undone without harm. */
export const FINALITY_LAG = 2
/** ms between blocks. */
const BLOCK_MS = 1_000

/**
 * A chain that reorganises, as several nodes see it: all alike, but for one whose providers may show it another branch, final
 * blocks included. What a real node stops at (`chain.reorged`) these go on signing over: only the guard is between them and harm.
 */
export class SimChain {
  readonly #options: SimChainOptions
  /** The branch of all; `#astray` those of single nodes. */
  #main: SimBlock[]
  readonly #astray = new Map<number, SimBlock[]>()
  readonly #followers: { view: number; finality: Finality; tell: (head: BlockHead) => void; last: Hex }[] = []
  #made = 0n

  constructor(options: SimChainOptions) {
    this.#options = options
    this.#main = [this.#block(undefined)]
    for (let i = 0; i < 3 * FINALITY_LAG; i++) this.#main.push(this.#block(this.#main.at(-1)))
    this.#tick()
  }

  /** Undoes the newest `depth` blocks and puts others in their place, for all. */
  reorg(depth: number): void {
    this.#main = this.#branch(this.#main, depth)
    this.#tell()
  }

  /** Shows a node a branch that leaves the chain of all `depth` blocks before its head. */
  leadAstray(view: number, depth: number): void {
    this.#astray.set(view, this.#branch(this.#main, depth))
    this.#tell()
  }

  /** Shows all nodes the chain of all again. */
  agree(): void {
    this.#astray.clear()
    this.#tell()
  }

  /** The fact of the newest block of the node's chain at `second`: what a service that does not wait for finality rests on. */
  factAt(view: number, second: number): bigint {
    return this.#see(view).findLast(({ timestamp }) => Number(timestamp) <= second)?.fact ?? 0n
  }

  /** The fact of a block of the node's chain. */
  factOf(view: number, number: bigint): bigint {
    return this.#see(view)[Number(number)]?.fact ?? 0n
  }

  /** The chain as a node sees it. Nobody is ever punished on it: what is asked for is whether there would be cause. */
  as(view: number, account: Address, cursors: CursorStore): ServiceChain {
    const { clock } = this.#options
    const current = (finality: Finality) => this.#head(view, finality)
    const follow = (finality: Finality, tell: (head: BlockHead) => void) => this.#follow(view, finality, tell)
    return {
      chainId: 31_337,
      account,
      head: current,
      read: (async () => false) as unknown as ServiceChain['read'],
      write: () => Promise.reject(new Error('nobody sends here')),
      gasPrice: async () => 1n,
      heads: follow,
      logs: () => Promise.reject(new Error('nobody reads a range here')),
      watch: (query: LogQuery, handler: (log: ChainLog) => Promise<void>) => {
        if (query.eventName !== ASKED) return () => undefined
        const { finality, cursor } = query
        return watchLogs(
          {
            reader: { read: async (from, { number: to }) => ({ to, logs: this.#logs(view, from, to) }) },
            ...{ heads: { current, follow }, finality, clock, log: silentLog },
            signal: new AbortController().signal,
            metrics: { logs: { inc() {} }, logFailures: { inc() {} } },
            ...(cursor === undefined ? {} : { cursor: { store: cursors, name: cursor } }),
          },
          handler,
        )
      },
    } as ServiceChain
  }

  #tick(): void {
    this.#options.clock.after(BLOCK_MS, () => {
      this.#main.push(this.#block(this.#main.at(-1)))
      for (const blocks of this.#astray.values()) blocks.push(this.#block(blocks.at(-1)))
      this.#tell()
      this.#tick()
    })
  }

  #block(parent: SimBlock | undefined): SimBlock {
    const { clock, random } = this.#options
    const hash: Hex = `0x${(++this.#made).toString(16).padStart(64, '0')}`
    const now = BigInt(Math.floor(clock.now() / 1_000))
    if (parent === undefined) {
      return { number: 0n, hash, timestamp: now - BigInt(3 * FINALITY_LAG), fact: 0n, asked: undefined, tasks: 0n }
    }
    const timestamp = parent.timestamp + 1n < now ? now : parent.timestamp + 1n
    const asks = random() < 0.35
    const asked = asks ? { id: parent.tasks, number: this.#made } : undefined
    return {
      number: parent.number + 1n,
      hash,
      timestamp,
      fact: parent.fact,
      asked,
      tasks: parent.tasks + (asks ? 1n : 0n),
    }
  }

  /** `blocks` with other ones in the place of the newest `depth`. */
  #branch(blocks: readonly SimBlock[], depth: number): SimBlock[] {
    const branch = blocks.slice(0, Math.max(1, blocks.length - depth))
    const fact = ++this.#made
    while (branch.length < blocks.length) {
      const { timestamp } = blocks[branch.length] as SimBlock
      branch.push({ ...this.#block(branch.at(-1)), timestamp, fact })
    }
    return branch
  }

  #see(view: number): readonly SimBlock[] {
    return this.#astray.get(view) ?? this.#main
  }

  #head(view: number, finality: Finality): SimBlock {
    const blocks = this.#see(view)
    return blocks[blocks.length - 1 - (finality === 'finalized' ? FINALITY_LAG : 0)] as SimBlock
  }

  #follow(view: number, finality: Finality, tell: (head: BlockHead) => void): () => void {
    const follower = { view, finality, tell, last: this.#head(view, finality).hash }
    this.#followers.push(follower)
    return () => void this.#followers.splice(this.#followers.indexOf(follower), 1)
  }

  #tell(): void {
    for (const follower of [...this.#followers]) {
      const head = this.#head(follower.view, follower.finality)
      if (head.hash === follower.last) continue
      follower.last = head.hash
      follower.tell(head)
    }
  }

  #logs(view: number, from: bigint, to: bigint): ChainLog[] {
    return this.#see(view)
      .slice(Number(from), Number(to) + 1)
      .flatMap(({ number, hash, timestamp, asked }) =>
        asked === undefined
          ? []
          : [
              {
                address: this.#options.contract,
                eventName: ASKED,
                args: asked,
                blockNumber: number,
                blockHash: hash,
                blockTimestamp: timestamp,
                transactionHash: hash,
                logIndex: 0,
              },
            ],
      )
  }
}
