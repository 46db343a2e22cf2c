import type { ChainFeed } from '../../../../src/avs/oracle/feeds.ts'
import type { Receipt, ServiceChain } from '../../../../src/avs/ports.ts'
import { LariatError } from '../../../../src/util/errors.ts'

export interface Call {
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** A PriceFeeds contract in memory: what it answers can be changed between calls. */
export interface FakeChain extends ServiceChain {
  feeds: ChainFeed[]
  operators: string[]
  readonly reads: Call[]
  readonly writes: Call[]
  /** Called before a write; throws to refuse it. */
  onWrite: () => void
  /** Reads fail while it is set. */
  down: boolean
}

export const RECEIPT: Receipt = { hash: '0xabcd', blockNumber: 7n, gasUsed: 100_000n, status: 'success' }

export const reverted = (error: string) => new LariatError('chain.reverted', `reverted: ${error}`, { error })

export function fakeChain(feeds: ChainFeed[] = []): FakeChain {
  const answers: Record<string, (args: readonly unknown[]) => unknown> = {
    genesis: () => 1_700_000_000n,
    interval: () => 2,
    feeds: ([from, count]) =>
      chain.feeds
        .slice(Number(from), Number(from) + Number(count))
        .map(({ name, decimals, deviationBps, heartbeat, minAnswer, maxAnswer, startedAt, updatedAt, ...rest }) => ({
          ...rest,
          config: { description: name, decimals, deviationBps, heartbeat, minAnswer, maxAnswer },
          startedAt: BigInt(startedAt),
          updatedAt: BigInt(updatedAt),
        })),
    epochRows: ([, from, count]) => {
      const page = chain.operators.slice(Number(from), Number(from) + Number(count))
      return [page, page.map(() => '0x'), page.map(() => 1n)]
    },
  }
  const chain: FakeChain = {
    chainId: 31_337,
    feeds,
    operators: [],
    reads: [],
    writes: [],
    onWrite: () => {},
    down: false,
    async read(call: never) {
      const { functionName, args } = call as Call
      chain.reads.push({ functionName, args })
      if (chain.down) throw new LariatError('chain.unavailable', 'no provider answers')
      const answer = answers[functionName]
      if (answer === undefined) throw new RangeError(functionName)
      return answer(args) as never
    },
    async write(call: never) {
      const { functionName, args } = call as Call
      chain.writes.push({ functionName, args })
      chain.onWrite()
      return RECEIPT
    },
    gasPrice: async () => 1n,
    logs: () => Promise.reject(new Error('nobody reads a range')),
    watch: () => () => {},
    heads: () => () => {},
  }
  return chain
}
