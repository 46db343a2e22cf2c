import type { Address, CertifiedSlot } from 'lariat/avs'
import type { Prices } from './codec.ts'
import { formatDecimal, PRICE_DECIMALS } from './decimal.ts'
import { evaluate, type SourceView } from './evaluate.ts'
import type { ChainFeed } from './feeds.ts'
import { PriceTree } from './merkle.ts'
import type { OracleState } from './state.ts'

/** What a round needs to be told to people. */
export interface Frame {
  readonly feeds: readonly ChainFeed[]
  /** Unix second of slot 0. */
  readonly genesis: number
  /** Seconds between slots. */
  readonly interval: number
  readonly contract: Address
  readonly chainId: number
}

/** A certified round with all that a third party needs to check it: against the contract's `verifyCertificate`, or by hand. */
export function roundView(frame: Frame, round: CertifiedSlot<Prices>, signers: readonly Address[] | undefined) {
  const tree = new PriceTree(round.value)
  const { prices, ...rows } = rowsOf(frame, round)
  return {
    chainId: frame.chainId,
    contract: frame.contract,
    ...rows,
    certificate: round.onChain,
    signers: signers ?? null,
    prices: prices.map((price, position) => ({ ...price, proof: tree.proof(position) })),
  }
}

/** A certified round without its proofs. */
export function rowsOf({ feeds, genesis, interval }: Frame, round: CertifiedSlot<Prices>) {
  const { slot, value, certificate, verifiedAt, transaction } = round
  const { epoch, attempt, payload } = certificate.statement
  return {
    slot: slot.toString(),
    observedAt: genesis + Number(slot) * interval,
    epoch: epoch.toString(),
    attempt,
    payload,
    verifiedAt: verifiedAt / 1_000,
    transaction,
    prices: value.map(({ feedIndex, answer }) => {
      const feed = feeds[feedIndex]
      return {
        feed: feed?.name ?? null,
        feedIndex,
        decimals: feed?.decimals ?? null,
        answer: answer.toString(),
        price: feed === undefined ? null : formatDecimal(answer, feed.decimals),
      }
    }),
  }
}

/** Every configured feed as this operator sees it at `now` (ms), source by source. */
export function sourcesView({ plan, poller, feeds }: Pick<OracleState, 'plan' | 'poller' | 'feeds'>, now: number) {
  const views = evaluate(plan, (id) => poller.reading(id).quote, now)
  const onChain = new Map(feeds.current().map(({ name, feedIndex }) => [name, feedIndex]))
  return {
    at: now / 1_000,
    feeds: plan.feeds.map(({ name, minVenues, maxAgeMs, outlierBps, sources }) => {
      const view = views.get(name)
      return {
        feed: name,
        feedIndex: onChain.get(name) ?? null,
        price: decimal(view?.price),
        missing: view?.missing ?? null,
        minVenues,
        maxAge: maxAgeMs / 1_000,
        outlierBps,
        sources: sources.map(({ ticker }, i) => ({
          ...sourceRow(view?.sources[i]),
          failure: failureRow(poller.reading(ticker.id).failure),
        })),
      }
    }),
    notConfigured: [...onChain.keys()].filter((name) => !views.has(name)),
  }
}

function sourceRow(source: SourceView | undefined) {
  if (source === undefined) return {}
  const { venue, symbol, via, quote, ageMs, price, excluded } = source
  return {
    venue,
    symbol,
    convertedBy: via ?? null,
    quote: decimal(quote?.price),
    venueTime: quote?.venueTime === undefined ? null : quote.venueTime / 1_000,
    receivedAt: quote === undefined ? null : quote.receivedAt / 1_000,
    age: ageMs === undefined ? null : ageMs / 1_000,
    price: decimal(price),
    excluded: excluded ?? null,
  }
}

function failureRow(failure: ReturnType<OracleState['poller']['reading']>['failure']) {
  if (failure === undefined) return null
  const { outcome, message, at, times } = failure
  return { outcome, message, at: at / 1_000, times }
}

/** Without the zeros at the end that 18 decimals leave. */
function decimal(price: bigint | undefined): string | null {
  return price === undefined ? null : formatDecimal(price, PRICE_DECIMALS).replace(/\.?0+$/, '')
}
