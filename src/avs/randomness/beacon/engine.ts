import {
  type Address,
  describe,
  findBadPartials,
  type MessageVerdict,
  openPolynomial,
  type Part,
  prepareRound,
  type RoundPartial,
  type ServiceMessage,
  type Timer,
} from 'lariat/avs'
import { AHEAD_MS } from '../rounds/layers.ts'
import type { Round } from '../rounds/store.ts'
import { CatchUp } from './catchUp.ts'
import { Forwarded } from './forwarded.ts'
import { type BadPartial, Gathering } from './gathering.ts'
import { type BeaconPorts, Chain, isFalse, partialScheme } from './node.ts'
import { OwnPartials } from './ownPartials.ts'
import { Participation } from './participation.ts'
import { type BeaconSharing, holdersOf, isSame, ownerOf } from './sharings.ts'
import { Spreading } from './spreading.ts'
import { Suspects } from './suspects.ts'
import { Telling } from './telling.ts'
import { decodePartials, decodeRounds, encodePartials, type PartialsMessage } from './wire.ts'

/** Most pairing checks of what comes from one who sent rubbish: all of a message holds, or it is refused. */
const SUSPECT_CHECKS = 1
/** Rounds in a row without partials of a member until nothing waits for it, and nothing is done that only it needs. */
const AWAY_AFTER = 3
/** How long partials of a round are taken after it, ms, and in how many rounds at least: late ones show who takes part. */
const OPEN_MS = 10_000
const OPEN_ROUNDS = 3n
/** Rounds that are gathered at a time; the open ones of a beacon of 1 s and those made anew fit. */
const MAX_GATHERINGS = 64

/**
 * Makes the rounds: at each round's time own partials go to all members, those of others come in, and as soon as there are
 * enough they are combined and verified once. Missed rounds are filled in behind.
 */
export class Engine implements Part {
  readonly name = 'randomness beacon'
  readonly participation: Participation
  readonly #ports: BeaconPorts
  readonly #suspects: Suspects
  readonly #own: OwnPartials
  readonly #forwarded: Forwarded
  readonly #stopping = new AbortController()
  readonly #working = new Set<Promise<void>>()
  readonly #gatherings = new Map<bigint, Gathering>()
  readonly #timers = new Set<Timer>()
  readonly #catchUp: CatchUp
  readonly #telling: Telling
  readonly #spreading: Spreading
  #chain: Chain | undefined
  #boundary: Timer | undefined
  #unfollow: (() => void) | undefined

  constructor(ports: BeaconPorts & { readonly keep: number }) {
    this.#ports = ports
    this.participation = new Participation(ports.metrics, ports.log)
    this.#suspects = new Suspects(ports)
    this.#forwarded = new Forwarded(ports.clock, partialScheme, (gathering) => this.#combine(gathering))
    this.#own = new OwnPartials(ports, this.#stopping.signal)
    const track = (work: Promise<void>) => this.#track(work)
    this.#telling = new Telling(ports, track)
    this.#spreading = new Spreading(ports, track, (operator) => this.participation.missedInARow(operator) < AWAY_AFTER)
    this.#catchUp = new CatchUp({
      ...ports,
      chain: () => this.#chain,
      partialsOf: (round) => this.#signPast(round),
      remake: (round) => this.#remake(round),
    })
  }

  /** The chain of the group, once there is one. */
  get chain(): Chain | undefined {
    return this.#chain
  }

  /** Rounds that are known to be missing here, and are asked for. */
  get missing(): number {
    return this.#catchUp.missing
  }

  async start(): Promise<void> {
    this.#unfollow = this.#ports.sharings.onChange(() => this.#follow())
    this.#catchUp.start()
    this.#follow()
  }

  async stop(): Promise<void> {
    this.#unfollow?.()
    this.#boundary?.cancel()
    for (const timer of this.#timers) timer.cancel()
    this.#stopping.abort(new DOMException('the node is stopping', 'AbortError'))
    this.#forwarded.stop()
    this.#telling.stop()
    this.#spreading.stop()
    await this.#catchUp.stop()
    await Promise.allSettled(this.#working)
    this.#chain?.close()
  }

  /** A message of type `partial`. */
  onPartials({ data, via, peer, operator }: ServiceMessage): MessageVerdict | Promise<MessageVerdict> {
    const message = decodePartials(data)
    if (message === undefined) return 'reject'
    const gathering = this.#gatheringFor(message)
    if (gathering === undefined) return 'ignore'
    const owner = commonOwner(gathering.sharing, message)
    if (owner === undefined) return 'reject'
    const isAuthor = via === 'direct' && operator !== undefined && isSame(operator, owner)
    if (!isAuthor) return this.#forwarded.judge(gathering, message.partials)
    const fresh = message.partials.filter(({ index }) => !gathering.has(index))
    if (fresh.length === 0) return 'ignore'
    // what its author hands over is judged with the others, later; but what comes from one who sent rubbish at once
    if (this.#suspects.has(owner)) return this.#judgeSuspect(gathering, fresh, peer)
    for (const partial of fresh) gathering.add(partial, peer, false)
    this.#combine(gathering)
    return 'accept'
  }

  /** A message of type `round`: one that others combined. */
  onRound({ data, via }: ServiceMessage): MessageVerdict {
    const [round, ...more] = decodeRounds(data) ?? []
    const chain = this.#chain
    if (round === undefined || more.length > 0) return 'reject'
    if (chain === undefined || !this.#isOpen(chain, round.round)) return 'ignore'
    if (chain.timeOf(round.round) > this.#ports.clock.now()) return 'ignore' // in time it is asked for
    try {
      // what is known already is handed on as well: others may not have it
      this.#keep(chain, round, 'peer')
      if (via === 'gossip') this.#telling.heard(round.round)
      return 'accept'
    } catch (error) {
      if (isFalse(error)) return 'reject'
      throw error
    }
  }

  onAsk(message: ServiceMessage): MessageVerdict | Promise<MessageVerdict> {
    return this.#catchUp.onAsk(message)
  }

  onRounds(message: ServiceMessage): MessageVerdict {
    return this.#catchUp.onRounds(message)
  }

  /** Takes up the group once it is known, and rounds from then on. */
  #follow(): void {
    const { sharings, log } = this.#ports
    this.#keepConnected()
    const group = sharings.group()
    if (group === undefined) return
    if (this.#chain?.group.chainHash === group.chainHash) {
      this.#reopen(this.#chain)
      return
    }
    this.#boundary?.cancel()
    this.#gatherings.clear()
    this.#chain?.close()
    this.#chain = new Chain(group, this.#ports)
    this.#catchUp.reset()
    log.info('the beacon has a group key', { chainHash: group.chainHash, current: this.#chain.current() })
    const current = this.#chain.current()
    if (current > 0n) {
      this.#begin(this.#chain, current)
      const first = this.#gatherings.get(current)
      if (first !== undefined) first.counted = true // what came before we listened counts against nobody
    }
    this.#arm(this.#chain)
  }

  /** Rounds that were opened under the sharing before, as we learn late of the one that makes them, are opened anew. */
  #reopen(chain: Chain): void {
    for (const [round, { sharing, settled }] of this.#gatherings) {
      const now = this.#ports.sharings.at(round)
      if (settled || now === undefined || now.sharing === sharing.sharing || this.#catchUp.isRemaking(round)) continue
      this.#gatherings.delete(round)
      if (round <= chain.current()) this.#track(this.#contribute(chain, this.#gather(chain, round, now)))
    }
  }

  /** Members stay within reach until their sharing is over, whether or not they are operators of the service any more. */
  #keepConnected(): void {
    const { sharings, messages } = this.#ports
    messages.keep(sharings.needed(this.#chain?.latest?.round ?? 0n))
  }

  #arm(chain: Chain): void {
    const { clock } = this.#ports
    const next = chain.current() + 1n
    this.#boundary = clock.after(chain.timeOf(next) - clock.now(), () => {
      // timers may fire a little early; after a suspended machine only the newest round is of now, the others are missed ones
      if (chain === this.#chain && chain.current() >= next) this.#begin(chain, chain.current())
      if (chain === this.#chain) this.#arm(chain)
    })
  }

  #begin(chain: Chain, round: bigint): void {
    const { clock, sharings, metrics } = this.#ports
    this.#keepConnected()
    metrics.expected.set({}, Number(round))
    metrics.sharing.set({}, Number(sharings.at(round)?.sharing ?? 0n))
    const halfway = chain.timeOf(round) - clock.now() + (chain.group.schedule.period * 1_000) / 2
    this.#later(halfway, () => this.#tidy(chain, round))
    const gathering = this.#open(chain, round)
    if (gathering === undefined) return
    this.#combine(gathering) // partials may have come from those whose clocks are ahead
    this.#track(this.#contribute(chain, gathering))
  }

  /** Makes our partials as soon as they may leave, and sends them. */
  async #contribute(chain: Chain, gathering: Gathering | undefined): Promise<void> {
    if (gathering === undefined) return
    const { round, sharing } = gathering
    // also of a round that is here already, from those whose clocks are ahead: ours must show that we take part
    const partials = await this.#own.due(chain, gathering, () => chain === this.#chain && this.#isOpen(chain, round))
    if (partials.length === 0) return
    const messages = encodePartials({ sharing: sharing.sharing, round, partials })
    this.#spreading.start({
      ...{ sharing, round, time: chain.timeOf(round), periodMs: chain.group.schedule.period * 1_000 },
      ...{ messages, isSettled: () => gathering.settled || chain.rounds.get(round) !== undefined },
    })
    for (const partial of partials) gathering.add(partial, undefined, true)
    this.#combine(gathering)
  }

  async #signPast(round: bigint): Promise<readonly RoundPartial[]> {
    return this.#chain === undefined ? [] : this.#own.past(this.#chain, round)
  }

  #combine(gathering: Gathering): void {
    const chain = this.#chain
    if (chain === undefined || gathering.settled || !gathering.isEnough) return
    // never earlier than the round's time by our own clock, whoever sent what
    if (chain.timeOf(gathering.round) > this.#ports.clock.now()) return
    const known = chain.rounds.get(gathering.round)
    if (known !== undefined) {
      gathering.settle(known.signature)
      return
    }
    const combining = gathering.combine(
      (signature) => this.#keep(chain, { round: gathering.round, signature }, 'own'),
      (bad) => this.#blame(gathering, bad),
    )
    this.#track(combining.then(() => undefined))
  }

  /** @throws LariatError `rounds.…` */
  #keep(chain: Chain, round: Round, by: 'own' | 'peer'): void {
    const { clock, metrics } = this.#ports
    if (!chain.keep(round)) return
    const gathering = this.#gatherings.get(round.round)
    gathering?.settle(round.signature)
    if (this.#catchUp.filled(round.round, by === 'own' ? 'remade' : 'peer')) return
    metrics.roundSeconds.observe({ by }, (clock.now() - chain.timeOf(round.round)) / 1_000)
    this.#telling.onRound(round, gathering?.sharing, by === 'own')
  }

  #blame({ sharing, round }: Gathering, { index, peer }: BadPartial): void {
    const owner = ownerOf(sharing, index)
    if (owner === undefined) return
    this.#suspects.blame(owner, peer, round, index)
  }

  /** What comes from one who sent rubbish is looked at first. */
  async #judgeSuspect(gathering: Gathering, partials: readonly RoundPartial[], peer: string): Promise<MessageVerdict> {
    const polynomial = openPolynomial(gathering.sharing.polynomial)
    const { invalid, exhausted } = await findBadPartials(polynomial, gathering.round, partials, SUSPECT_CHECKS)
    if (exhausted || invalid.length > 0) {
      for (const { index } of partials) gathering.reject(index, peer, (bad) => this.#blame(gathering, bad))
      return 'reject'
    }
    for (const partial of partials) gathering.add(partial, peer, true)
    this.#combine(gathering)
    return 'accept'
  }

  /** The gathering that these partials belong to, if any is open to them. */
  #gatheringFor({ round, sharing }: PartialsMessage): Gathering | undefined {
    const chain = this.#chain
    if (chain === undefined) return undefined
    const gathering = this.#gatherings.get(round) ?? (this.#isOpen(chain, round) ? this.#open(chain, round) : undefined)
    return gathering?.sharing.sharing === sharing ? gathering : undefined
  }

  /** Whether partials of a round, and tellings of it, are of interest now. */
  #isOpen(chain: Chain, round: bigint): boolean {
    const now = this.#ports.clock.now()
    if (round < 1n || chain.timeOf(round) > now + AHEAD_MS) return false
    return round + OPEN_ROUNDS > chain.current() || chain.timeOf(round) + OPEN_MS > now
  }

  #open(chain: Chain, round: bigint): Gathering | undefined {
    const known = this.#gatherings.get(round)
    if (known !== undefined) return known
    const sharing = this.#ports.sharings.at(round)
    return sharing === undefined ? undefined : this.#gather(chain, round, sharing)
  }

  #gather(chain: Chain, round: bigint, sharing: BeaconSharing): Gathering | undefined {
    if (this.#gatherings.size >= MAX_GATHERINGS) return undefined
    const gathering = new Gathering(round, sharing, partialScheme)
    const known = chain.rounds.get(round)
    if (known !== undefined) gathering.settle(known.signature)
    this.#gatherings.set(round, gathering)
    return gathering
  }

  /** Opens a missed round to partials of the sharing at work now: any sharing of the group gives the same signature. */
  #remake(round: bigint): void {
    const chain = this.#chain
    const sharing = chain === undefined ? undefined : this.#ports.sharings.at(chain.current())
    if (chain === undefined || sharing === undefined) return
    const open = this.#gatherings.get(round)
    if (open !== undefined && open.sharing.sharing !== sharing.sharing) this.#gatherings.delete(round)
    const gathering = this.#gatherings.get(round) ?? this.#gather(chain, round, sharing)
    if (gathering === undefined || gathering.settled) return
    gathering.counted = true // who answers late is no measure of who takes part
    this.#track(
      this.#signPast(round).then((partials) => {
        for (const partial of partials) gathering.add(partial, undefined, true)
        this.#combine(gathering)
      }),
    )
  }

  /** Halfway to the next round there is time: rounds before are counted, missed ones noted, what is over is forgotten. */
  #tidy(chain: Chain, round: bigint): void {
    for (const [number, gathering] of this.#gatherings) {
      if (number >= round) continue
      if (!gathering.counted) {
        gathering.counted = true
        this.#track(this.#count(gathering))
      }
      const isOver = !this.#isOpen(chain, number) && !this.#catchUp.isRemaking(number)
      if (isOver) this.#gatherings.delete(number)
    }
    this.#telling.tidy((number) => !this.#isOpen(chain, number))
    prepareRound(round + 1n)
  }

  /** Who holds no share is not sent partials, and cannot tell who takes part. */
  async #count(gathering: Gathering): Promise<void> {
    if (!holdersOf(gathering.sharing).some((holder) => isSame(holder, this.#ports.operator))) return
    await gathering.sift((bad) => this.#blame(gathering, bad))
    this.participation.count(gathering)
  }

  #later(ms: number, run: () => void): void {
    const timer = this.#ports.clock.after(ms, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }

  #track(work: Promise<void>): void {
    const done = work
      .catch((error) => {
        if (!this.#stopping.signal.aborted) this.#ports.log.error('the beacon failed', { error: describe(error) })
      })
      .finally(() => this.#working.delete(done))
    this.#working.add(done)
  }
}

/** The one member that owns all the shares of a message; undefined when there is none. */
function commonOwner(sharing: BeaconSharing, { partials }: PartialsMessage): Address | undefined {
  const [first, ...others] = partials.map(({ index }) => ownerOf(sharing, index))
  return first !== undefined && others.every((owner) => owner === first) ? first : undefined
}
