import { describe, type MessageVerdict, type RoundPartial, type ServiceMessage, sleep, type Timer } from 'lariat/avs'
import type { Round } from '../rounds/store.ts'
import { Gaps } from './gaps.ts'
import { type BeaconPorts, type Chain, isFalse, tell } from './node.ts'
import { holdersOf, isSame } from './sharings.ts'
import { decodeAsk, decodeRounds, encodeAsk, encodePartials, encodeRounds, MAX_ROUNDS } from './wire.ts'

/** ms between looks for something to ask for. */
const TICK_MS = 500
/** A peer that has not answered after this is asked no more for that round, ms. */
const ANSWER_MS = 3_000
/** Peers without a round before its partials are asked for instead. */
const ASKED_PEERS = 3
/** Rounds that are made anew at a time. */
const MAX_REMAKING = 16
/** ms between questions for the partials of one round, and after which peers that had not got a round are asked again. */
const REMAKE_EVERY_MS = 5_000
/** Rounds of one question of which a node makes its partials anew. */
const MAX_REMADE = 4
/** No answer is looked at so close before the next round, ms: a check takes 9. */
const QUIET_MS = 100
/** How soon to see again whether there is quiet, ms. */
const QUIET_RETRY_MS = 50

export interface CatchUpOptions extends BeaconPorts {
  readonly chain: () => Chain | undefined
  /** How many rounds this node wants to have. */
  readonly keep: number
  /** Our partials of a round that is over, by the sharing at work now; none when we hold no share. */
  readonly partialsOf: (round: bigint) => Promise<readonly RoundPartial[]>
  /** Opens a round that is over to partials. */
  readonly remake: (round: bigint) => void
}

interface Question {
  readonly from: bigint
  readonly to: bigint
  readonly timer: Timer
}

/** Fills in missed rounds behind the one at work: asks peers for them, and for their partials when nobody has a round. */
export class CatchUp {
  readonly #options: CatchUpOptions
  readonly #gaps = new Gaps()
  readonly #stopping = new AbortController()
  readonly #working = new Set<Promise<void>>()
  /** By peer: one question at a time. */
  readonly #asked = new Map<string, Question>()
  /** Peers that had not got a round, by round. */
  readonly #without = new Map<bigint, { readonly peers: Set<string>; since: number }>()
  /** Rounds that are made anew, and when their partials were asked for last, ms since the epoch. */
  readonly #remaking = new Map<bigint, number>()
  #timer: Timer | undefined

  constructor(options: CatchUpOptions) {
    this.#options = options
  }

  start(): void {
    this.#arm()
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    for (const { timer } of this.#asked.values()) timer.cancel()
    this.#stopping.abort(new DOMException('the node is stopping', 'AbortError'))
    await Promise.allSettled(this.#working)
  }

  /** The group is another one. */
  reset(): void {
    this.#gaps.clear()
    this.#without.clear()
    this.#remaking.clear()
  }

  /** True when the round was missing, and is not any more. */
  filled(round: bigint, by: 'peer' | 'remade'): boolean {
    this.#without.delete(round)
    this.#remaking.delete(round)
    if (!this.#gaps.fill(round)) return false
    this.#options.metrics.caughtUp.inc({ by })
    this.#options.metrics.missing.set({}, this.#gaps.size)
    return true
  }

  /** Rounds that are known to be missing here. */
  get missing(): number {
    return this.#gaps.size
  }

  isRemaking(round: bigint): boolean {
    return this.#remaking.has(round)
  }

  /** A question of another node: what we have goes to it; of what it wants made anew, our partials. */
  async onAsk({ data, peer }: ServiceMessage): Promise<MessageVerdict> {
    const ask = decodeAsk(data)
    if (ask === undefined) return 'reject'
    const chain = this.#options.chain()
    if (chain === undefined) return 'ignore'
    const { messages, log, sharings } = this.#options
    const rounds = chain.rounds.list(ask.from, ask.to, MAX_ROUNDS)
    await tell(log, 'an answer', messages.send('rounds', { peer }, encodeRounds(rounds)))
    if (!ask.remake) return 'accept'
    const kept = new Set(rounds.map(({ round }) => round))
    const sharing = sharings.at(chain.current())
    let made = 0
    for (let round = ask.to; round >= ask.from && made < MAX_REMADE; round--) {
      if (kept.has(round) || round > chain.current() || sharing === undefined) continue
      made++
      const partials = await this.#options.partialsOf(round)
      for (const message of encodePartials({ sharing: sharing.sharing, round, partials })) {
        await tell(log, 'a partial', messages.send('partial', { peer }, message))
      }
    }
    return 'accept'
  }

  /** An answer to a question of ours. */
  onRounds({ data, peer }: ServiceMessage): MessageVerdict {
    const rounds = decodeRounds(data)
    if (rounds === undefined) return 'reject'
    const question = this.#asked.get(peer)
    if (question === undefined) return 'ignore'
    question.timer.cancel()
    this.#asked.delete(peer)
    const told = rounds.filter(({ round }) => round >= question.from && round <= question.to)
    if (told.length < rounds.length) return 'reject'
    const wanted = told.filter(({ round }) => this.#gaps.has(round))
    const has = new Set(wanted.map(({ round }) => round))
    for (const round of this.#gaps.within(question.from, question.to)) if (!has.has(round)) this.#lacks(round, peer)
    if (wanted.length === 0) this.#options.metrics.asked.inc({ outcome: 'empty' })
    else this.#track(this.#take(wanted, peer))
    return 'accept'
  }

  /** Verifies and keeps what a peer told, the newest first, one at a time and only while no round is at work. */
  async #take(rounds: readonly Round[], peer: string): Promise<void> {
    const { metrics, messages, log } = this.#options
    for (const round of [...rounds].reverse()) {
      await this.#quiet()
      const chain = this.#options.chain()
      if (chain === undefined) return
      try {
        chain.keep(round)
      } catch (error) {
        metrics.asked.inc({ outcome: 'false' })
        log.warn('a peer told a round that is not to be kept', { peer, round: round.round, error: describe(error) })
        if (isFalse(error)) messages.penalize(peer, 'invalid-signature')
        this.#lacks(round.round, peer)
        return
      }
      this.filled(round.round, 'peer')
    }
    metrics.asked.inc({ outcome: 'answered' })
    this.#look() // there may be more where this came from
  }

  /** Resolves when the current round is there and the next one is not near. */
  async #quiet(): Promise<void> {
    const { clock } = this.#options
    await new Promise<void>((resolve) => setImmediate(resolve))
    for (;;) {
      this.#stopping.signal.throwIfAborted()
      const chain = this.#options.chain()
      if (chain === undefined) return
      const current = chain.current()
      const toNext = chain.timeOf(current + 1n) - clock.now()
      const since = clock.now() - chain.timeOf(current)
      const isAtWork = chain.rounds.get(current) === undefined && since < toNext
      if (!isAtWork && toNext > QUIET_MS) return
      await sleep(clock, QUIET_RETRY_MS, this.#stopping.signal)
    }
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(TICK_MS, () => {
      this.#look()
      this.#arm()
    })
  }

  #look(): void {
    const chain = this.#options.chain()
    if (chain === undefined || this.#stopping.signal.aborted) return
    const { clock, metrics, keep } = this.#options
    const over = chain.current() - 1n
    const first = over - BigInt(keep) + 1n
    // the last round may still be under way when a new one has just begun
    const isFresh = clock.now() - chain.timeOf(over + 1n) < (chain.group.schedule.period * 1_000) / 2
    this.#gaps.extend(first < 1n ? 1n : first, isFresh ? over - 1n : over)
    this.#gaps.scan(chain.rounds)
    metrics.missing.set({}, this.#gaps.size)
    this.#ask()
    this.#remakeDue(chain)
  }

  /** Asks one more peer for the newest missing round, and those below it, that it may have. */
  #ask(): void {
    const { messages, clock, metrics } = this.#options
    for (const [round, { since }] of this.#without) {
      if (clock.now() - since > REMAKE_EVERY_MS && !this.#remaking.has(round)) this.#without.delete(round)
    }
    const free = messages
      .connected()
      .filter((peer) => !this.#asked.has(peer) && messages.operatorOf(peer) !== undefined)
    for (const peer of free) {
      const to = this.#gaps.newest((round) => !this.#isAsked(round) && !this.#without.get(round)?.peers.has(peer))
      if (to === undefined) continue
      const lowest = to - BigInt(MAX_ROUNDS) + 1n
      this.#question(peer, lowest < 1n ? 1n : lowest, to, false, () => metrics.asked.inc({ outcome: 'unanswered' }))
    }
  }

  #isAsked(round: bigint): boolean {
    return [...this.#asked.values()].some(({ from, to }) => round >= from && round <= to)
  }

  #question(peer: string, from: bigint, to: bigint, remake: boolean, onSilence: () => void): void {
    const { messages, clock, log } = this.#options
    const timer = clock.after(ANSWER_MS, () => {
      this.#asked.delete(peer)
      this.#lacks(to, peer)
      onSilence()
    })
    this.#asked.set(peer, { from, to, timer })
    this.#track(
      tell(log, 'a question', messages.send('ask', { peer }, encodeAsk({ from, to, remake }))).then((went) => {
        if (went) return
        timer.cancel()
        this.#asked.delete(peer)
        this.#lacks(to, peer)
      }),
    )
  }

  #lacks(round: bigint, peer: string): void {
    if (!this.#gaps.has(round)) return
    const known = this.#without.get(round) ?? { peers: new Set<string>(), since: this.#options.clock.now() }
    known.peers.add(peer)
    this.#without.set(round, known)
  }

  /** Rounds that nobody seems to have are made anew: our partials, and those of all others, who are asked for them. */
  #remakeDue(chain: Chain): void {
    const { clock, sharings, messages, operator, log, remake } = this.#options
    const sharing = sharings.at(chain.current())
    if (sharing === undefined) return
    const others = holdersOf(sharing).filter((holder) => !isSame(holder, operator))
    const connected = new Set(messages.connected())
    const peers = others.flatMap((holder) => messages.peerOf(holder) ?? []).filter((peer) => connected.has(peer))
    const enough = Math.max(1, Math.min(ASKED_PEERS, peers.length))
    for (const [round, { peers: lacking }] of this.#without) {
      if (lacking.size < enough) continue
      if (!this.#remaking.has(round) && this.#remaking.size >= MAX_REMAKING) break
      if (clock.now() - (this.#remaking.get(round) ?? Number.NEGATIVE_INFINITY) < REMAKE_EVERY_MS) continue
      this.#remaking.set(round, clock.now())
      log.info('a round that nobody has is made anew', { round })
      remake(round)
      for (const peer of peers) if (!this.#asked.has(peer)) this.#question(peer, round, round, true, () => {})
    }
  }

  #track(work: Promise<void>): void {
    const done = work
      .catch((error) => {
        if (!this.#stopping.signal.aborted) {
          this.#options.log.error('catching up failed', { error: describe(error) })
        }
      })
      .finally(() => this.#working.delete(done))
    this.#working.add(done)
  }
}
