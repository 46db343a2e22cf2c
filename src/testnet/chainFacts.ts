import { type PublicClient, parseAbi } from 'viem'
import type { Clock } from '../util/clock.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { FeedFact, OperatorFact, UpdateFact } from './report.ts'

const priceFeedsAbi = parseAbi([
  'event ReportAccepted(uint64 indexed slot, uint64 indexed epoch, uint16 attempt, bytes32 root, uint256 feeds)',
  'event FeedAdded(uint256 indexed feedIndex, address indexed facade, string description)',
  'function genesis() view returns (uint64)',
  'function interval() view returns (uint32)',
  'function latestEpoch() view returns (uint64)',
  'function epochRows(uint64 epoch, uint256 from, uint256 count) view returns (address[], bytes[], uint64[])',
])
const feedAbi = parseAbi([
  'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
])
/** ms between looks at the block number: how exactly the arrival of blocks is known. Their own times are whole seconds. */
const HEAD_POLL_MS = 100
/** Blocks whose arrival is remembered. */
const MAX_ARRIVALS = 1_000
/** Rows of an epoch in one call. */
const ROWS = 200n

export interface ChainFeed {
  readonly name: string
  readonly address: Address
  readonly decimals: number
}

/** What the chain says of the price service, read like anyone would read it. */
export interface ChainFacts {
  readonly feeds: readonly ChainFeed[]
  /** ms since the epoch of a slot, and ms between slots. */
  timeOf(slot: bigint): number
  readonly intervalMs: number
  /** Newest block that was read. */
  head(): bigint
  /** Accepted reports so far. */
  updates(): readonly UpdateFact[]
  /** Reads the blocks that are new. */
  refresh(): Promise<void>
  /** Ends the watching of blocks. */
  close(): void
  /** What the feeds answer now. */
  readFeeds(): Promise<FeedFact[]>
  /** Members of the newest epoch with their weights; empty before the first. */
  readMembers(): Promise<Pick<OperatorFact, 'address' | 'weight'>[]>
}

export async function openChainFacts(client: PublicClient, priceFeeds: Address, clock: Clock): Promise<ChainFacts> {
  const contract = { address: priceFeeds, abi: priceFeedsAbi } as const
  const [genesis, interval, added] = await Promise.all([
    client.readContract({ ...contract, functionName: 'genesis' }),
    client.readContract({ ...contract, functionName: 'interval' }),
    client.getContractEvents({ ...contract, eventName: 'FeedAdded', fromBlock: 0n, strict: true }),
  ])
  const feeds = await Promise.all(
    added.map(async ({ args }): Promise<ChainFeed> => {
      const decimals = await client.readContract({ address: args.facade, abi: feedAbi, functionName: 'decimals' })
      return { name: args.description, address: args.facade, decimals }
    }),
  )
  const nameOf = new Map(feeds.map(({ name, address }) => [address.toLowerCase(), name]))
  const updates: UpdateFact[] = []
  let head = -1n
  const arrivals = new Map<bigint, number>()
  const close = client.watchBlockNumber({
    poll: true,
    pollingInterval: HEAD_POLL_MS,
    emitMissed: true,
    onBlockNumber(number) {
      arrivals.set(number, clock.now())
      const oldest = arrivals.keys().next().value
      if (arrivals.size > MAX_ARRIVALS && oldest !== undefined) arrivals.delete(oldest)
    },
    // what does not answer now is asked again at the next look
    onError: () => {},
  })

  async function refresh(): Promise<void> {
    const newest = await client.getBlockNumber()
    if (newest <= head) return
    const range = { fromBlock: head + 1n, toBlock: newest, strict: true } as const
    const [reports, answers] = await Promise.all([
      client.getContractEvents({ ...contract, eventName: 'ReportAccepted', ...range }),
      client.getContractEvents({
        address: feeds.map(({ address }) => address),
        abi: feedAbi,
        eventName: 'AnswerUpdated',
        ...range,
      }),
    ])
    for (const { args, transactionHash } of reports) {
      const mine = answers.filter((answer) => answer.transactionHash === transactionHash)
      updates.push({
        slot: args.slot,
        transaction: transactionHash,
        ...(await landed(transactionHash)),
        answers: new Map(mine.map((answer) => [nameOf.get(answer.address.toLowerCase()) ?? '', answer.args.current])),
      })
    }
    head = newest
  }

  async function landed(hash: Hex): Promise<Pick<UpdateFact, 'landedAt' | 'gasUsed'>> {
    const { blockNumber, gasUsed } = await client.getTransactionReceipt({ hash })
    return { landedAt: arrivals.get(blockNumber), gasUsed }
  }

  return {
    feeds,
    timeOf: (slot) => (Number(genesis) + Number(slot) * interval) * 1_000,
    intervalMs: interval * 1_000,
    head: () => head,
    updates: () => updates,
    refresh,
    close,
    readFeeds: () =>
      Promise.all(
        feeds.map(async (feed): Promise<FeedFact> => {
          try {
            const [roundId, answer, , updatedAt] = await client.readContract({
              address: feed.address,
              abi: feedAbi,
              functionName: 'latestRoundData',
            })
            return { ...feed, latest: { roundId, answer, updatedAt: Number(updatedAt) } }
          } catch {
            // "No data present": nothing was published yet
            return { ...feed, latest: undefined }
          }
        }),
      ),
    async readMembers() {
      const epoch = await client.readContract({ ...contract, functionName: 'latestEpoch' })
      if (epoch === 0n) return []
      const [operators, , weights] = await client.readContract({
        ...contract,
        functionName: 'epochRows',
        args: [epoch, 0n, ROWS],
      })
      return operators.map((address, i) => ({ address, weight: weights[i] ?? 0n }))
    },
  }
}
