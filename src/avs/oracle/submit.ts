import {
  type Address,
  type Certified,
  isAbort,
  LariatError,
  type Log,
  type ServiceChain,
  type Submission,
  type Task,
} from 'lariat/avs'
import { priceFeedsAbi } from './abi/priceFeeds.ts'
import type { Price, Prices } from './codec.ts'
import type { ChainFeed, FeedTable } from './feeds.ts'
import { PriceTree } from './merkle.ts'
import type { Due, OracleMetrics } from './metrics.ts'

/** Writes that are tried for one certificate: the second when another node's update landed in between. */
const MAX_WRITES = 2

/** What of a round belongs on chain. */
export interface Decision {
  /** `position` is that in the certified prices. */
  readonly due: readonly {
    readonly position: number
    readonly feed: ChainFeed
    readonly answer: bigint
    readonly why: Due
  }[]
  /** Would be due, but the contract takes only answers from minAnswer to maxAnswer. */
  readonly outOfRange: readonly { readonly feed: ChainFeed; readonly answer: bigint }[]
  /** Whether some feed already has an answer of this round or of a newer one. */
  readonly there: boolean
}

/**
 * Which feeds are due: without an answer yet, moved by `deviationBps` of the answer on chain or more, or with an answer that
 * is `heartbeat` old at the time of observation. A feed that has this round or a newer one is never due.
 * @param observedAt Unix seconds of the slot
 */
export function decide(prices: Prices, feeds: readonly ChainFeed[], observedAt: number): Decision {
  const due: Decision['due'][number][] = []
  const outOfRange: Decision['outOfRange'][number][] = []
  let there = false
  prices.forEach(({ feedIndex, answer }: Price, position) => {
    const feed = feeds[feedIndex]
    if (feed === undefined) return
    if (feed.roundId > 0 && feed.startedAt >= observedAt) {
      there = true
      return
    }
    const why = whyDue(feed, answer, observedAt)
    if (why === undefined) return
    if (answer < feed.minAnswer || answer > feed.maxAnswer) outOfRange.push({ feed, answer })
    else due.push({ position, feed, answer, why })
  })
  return { due, outOfRange, there }
}

function whyDue(feed: ChainFeed, answer: bigint, observedAt: number): Due | undefined {
  if (feed.roundId === 0) return 'first'
  const delta = answer > feed.answer ? answer - feed.answer : feed.answer - answer
  const base = feed.answer < 0n ? -feed.answer : feed.answer
  if (delta * 10_000n >= BigInt(feed.deviationBps) * base) return 'deviation'
  return observedAt - feed.updatedAt >= feed.heartbeat ? 'heartbeat' : undefined
}

export interface SubmitInput {
  readonly contract: Address
  readonly chain: Pick<ServiceChain, 'write'>
  readonly feeds: FeedTable
  readonly task: Pick<Task, 'triggeredAt'>
  readonly certified: Certified<Prices>
  readonly metrics: Pick<OracleMetrics, 'submitted' | 'leftOut'>
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * Puts the due feeds of a certified round on chain, in one transaction with one multiproof. Reads the feeds once; when the
 * contract refuses, it reads them again: another node may have been quicker, with the same feeds or some of them.
 * @throws LariatError `chain.…`
 */
export async function submitPrices(input: SubmitInput): Promise<Submission> {
  const observedAt = Math.round(input.task.triggeredAt / 1_000)
  for (let write = 1; ; write++) {
    const { due, outOfRange, there } = decide(input.certified.value, await input.feeds.latest(), observedAt)
    if (write === 1) {
      for (const { feed, answer } of outOfRange) {
        input.metrics.leftOut.inc({ feed: feed.name, reason: 'out-of-range' })
        input.log.warn('a certified price is beyond what its feed takes on chain', {
          feed: feed.name,
          answer,
          minAnswer: feed.minAnswer,
          maxAnswer: feed.maxAnswer,
        })
      }
    }
    if (due.length === 0) return { status: there ? 'already-there' : 'not-due' }
    input.signal.throwIfAborted()
    try {
      const receipt = await send(input, due)
      for (const { feed, why } of due) input.metrics.submitted.inc({ feed: feed.name, reason: why })
      return { status: 'landed', receipt }
    } catch (error) {
      const refused = error instanceof LariatError && error.code === 'chain.reverted'
      if (!refused || isAbort(error) || write === MAX_WRITES) throw error
    }
  }
}

function send({ contract, chain, certified, signal }: SubmitInput, due: Decision['due']) {
  const { value, certificate, onChain } = certified
  const { epoch, slot, attempt } = certificate.statement
  const { leaves, proof, proofFlags } = new PriceTree(value).multiproof(due.map(({ position }) => position))
  const ordered = leaves.flatMap((position) => value[position] ?? [])
  return chain.write({
    address: contract,
    abi: priceFeedsAbi,
    functionName: 'update',
    args: [
      epoch,
      slot,
      attempt,
      onChain,
      ordered.map(({ feedIndex }) => feedIndex),
      ordered.map(({ answer }) => answer),
      proof,
      proofFlags,
    ],
    signal,
  })
}
