import { type Clock, describe, type HttpClient, isAbort, LariatError, type Log, type Part, until } from 'lariat/avs'
import { Gate } from './gate.ts'
import { type OracleMetrics, POLL_OUTCOMES, type PollOutcome } from './metrics.ts'
import type { Ticker } from './plan.ts'
import { parseTicker, type Quote } from './venue.ts'

/** Each wait is up to this part shorter than `pollMs`, at random, so that operators do not ask a venue in step. */
const JITTER = 0.1
/** After so many failures in a row a source is asked less often: twice, four times … `MAX_BACKOFF` times the interval. */
const PATIENT_FAILURES = 3
const MAX_BACKOFF = 8

/** Last poll that failed, when none has succeeded since. */
export interface PollFailure {
  readonly outcome: PollOutcome
  readonly message: string
  readonly at: number
  /** In a row. */
  readonly times: number
}

export interface SourceReading {
  readonly quote: Quote | undefined
  readonly failure: PollFailure | undefined
}

/** Polls every ticker by itself and keeps its latest quote. */
export interface Poller extends Part {
  /** What is known of the ticker with this id. */
  reading(id: string): SourceReading
}

export interface PollerOptions {
  readonly tickers: readonly Ticker[]
  readonly clock: Clock
  readonly http: HttpClient
  readonly log: Log
  readonly metrics: Pick<OracleMetrics, 'polls' | 'pollSeconds'>
  readonly pollMs: number
  /** For one answer. */
  readonly timeoutMs: number
  /** Of one answer. */
  readonly maxBytes: number
  /** Requests under way at one venue. */
  readonly requestsPerVenue: number
  /** Numbers in [0, 1), for jitter. */
  readonly random?: () => number
}

/** A poller at rest. `start` resolves once every source was asked once, well or not, or after one timeout. */
export function createPoller(options: PollerOptions): Poller {
  const { tickers, clock, log, metrics, pollMs, timeoutMs, random = Math.random } = options
  const gates = new Map(tickers.map(({ venue }) => [venue, new Gate(options.requestsPerVenue)]))
  const readings = new Map<string, SourceReading>()
  const busy = new Map<string, Promise<void>>()
  const timers = new Map<string, { cancel(): void }>()
  const stopping = new AbortController()

  const reading = (id: string): SourceReading => readings.get(id) ?? { quote: undefined, failure: undefined }

  async function ask({ id, venue, url, spec }: Ticker): Promise<void> {
    const gate = gates.get(venue)
    await gate?.enter(stopping.signal)
    try {
      const startedAt = clock.now()
      const body = await options.http.getJson(url, { timeoutMs, maxBytes: options.maxBytes, signal: stopping.signal })
      const quote = parseTicker(spec, body, clock.now())
      readings.set(id, { quote, failure: undefined })
      metrics.polls.inc({ venue, outcome: 'ok' })
      metrics.pollSeconds.observe({ venue }, (clock.now() - startedAt) / 1_000)
    } finally {
      gate?.leave()
    }
  }

  function failed({ id, venue }: Ticker, error: unknown): void {
    if (stopping.signal.aborted) return
    const { quote, failure } = reading(id)
    const outcome = outcomeOf(error)
    const times = (failure?.times ?? 0) + 1
    const message = describe(error)
    readings.set(id, { quote, failure: { outcome, message, at: clock.now(), times } })
    metrics.polls.inc({ venue, outcome })
    // the first of a row tells; that it goes on shows in the metric and in GET /v1/prices/sources
    if (times === 1) log.warn('a price source does not answer well', { source: id, outcome, error: message })
  }

  function poll(ticker: Ticker): Promise<void> {
    const run = ask(ticker)
      .catch((error) => failed(ticker, error))
      .finally(() => busy.delete(ticker.id))
    busy.set(ticker.id, run)
    return run
  }

  function schedule(ticker: Ticker, waitMs: number): void {
    timers.set(
      ticker.id,
      clock.after(waitMs, () => {
        if (busy.has(ticker.id)) metrics.polls.inc({ venue: ticker.venue, outcome: 'skipped' })
        else void poll(ticker)
        schedule(ticker, pollMs * backoff(reading(ticker.id).failure) * (1 - JITTER * random()))
      }),
    )
  }

  return {
    name: 'price-poller',
    reading,
    async start(signal) {
      const first = Promise.all(tickers.map(poll))
      for (const ticker of tickers) schedule(ticker, pollMs * random())
      const limit = until(clock, clock.now() + timeoutMs, signal)
      const aborted = new Promise((resolve) => limit.signal.addEventListener('abort', resolve, { once: true }))
      await Promise.race([first, aborted])
      limit.done()
    },
    async stop() {
      stopping.abort(new LariatError('stopped', 'the node stops'))
      for (const timer of timers.values()) timer.cancel()
      await Promise.all(busy.values())
    },
  }
}

function backoff(failure: PollFailure | undefined): number {
  if (failure === undefined || failure.times < PATIENT_FAILURES) return 1
  return Math.min(2 ** (failure.times - PATIENT_FAILURES + 1), MAX_BACKOFF)
}

function outcomeOf(error: unknown): PollOutcome {
  const code = error instanceof LariatError ? error.code.replace(/^(http|venue)\./, '') : ''
  if ((POLL_OUTCOMES as readonly string[]).includes(code)) return code as PollOutcome
  return isAbort(error) ? 'timeout' : 'failed'
}
