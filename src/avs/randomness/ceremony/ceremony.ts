import {
  type Address,
  type BlockHead,
  type ChainLog,
  type Context,
  describe,
  groupKeyBytes,
  type Hex,
  hexToBytes,
  isAbort,
  LariatError,
  openGroupKey,
  type Part,
  roundAt,
  roundTime,
  type ServiceConfig,
} from 'lariat/avs'
import { keyGenerationAbi } from '../abi/keyGeneration.ts'
import type { Group, SharingBook } from '../beacon/sharings.ts'
import { Loop } from '../loop.ts'
import { Acts, type Known } from './acts.ts'
import { Between } from './between.ts'
import { type Board, type BoardSharing, countingOf } from './board.ts'
import { BoardReader } from './load.ts'
import { Turns } from './order.ts'
import { type SessionView, stepOf, viewOf } from './steps.ts'
import { Witness } from './witness.ts'

export interface CeremonyOptions
  extends Pick<Context<ServiceConfig>, 'chain' | 'clock' | 'log' | 'operator' | 'shares' | 'deal'> {
  /** The RandomnessService, and its KeyGeneration. */
  readonly service: Address
  readonly keyGeneration: Address
  readonly sharings: SharingBook
  /** Highest round that this node has verified; 0 when none. */
  readonly latestRound: () => bigint
  /** ms that each operator in the order for a thing leaves to the ones before it. */
  readonly staggerMs?: number
  readonly patienceMs?: number
}

/** A block or two of the slowest chain: whoever comes first is seen by the next. */
const STAGGER_MS = 15_000
/** Operators register their keys within a few blocks of joining; who takes longer is dealt in at a resharing. */
const PATIENCE_MS = 120_000
/** Rounds that a new sharing must have made before what came before it is destroyed: it works, and not by luck. */
const PROVEN_ROUNDS = 3n
/** ms after its first round until a sharing that is none of ours is taken to work: those who left are told of no rounds any more. */
const LEFT_MS = 3_600_000
/** ms until our shares are tried to be made again, when the vault lacks what they need: an operator may import it. */
const RETRY_MS = 300_000
/** Sums that are remembered; a session has one a page. */
const MAX_SUMS = 32

/**
 * Takes part in key generation and resharing: follows the board in final blocks, deals, complains, adds up, keeps this operator's
 * shares, and tells the beacon of each sharing. Everything that it knows it reads from the chain and the vault, so that it can be
 * killed at any moment. What it sends may take minutes to get into a block, and what it keeps does not wait for that.
 */
export class Ceremony implements Part {
  readonly name = 'key ceremony'
  readonly #options: CeremonyOptions
  readonly #reader: BoardReader
  readonly #acts: Acts
  readonly #between: Between
  readonly #witness: Witness
  readonly #stopping = new AbortController()
  readonly #ends: (() => void)[] = []
  readonly #sums = new Map<string, Hex>()
  readonly #problems = new Map<string, string>()
  #final: bigint | undefined
  #latest = 0n
  #board: Board | undefined
  /** Last block whose events are on the board. */
  #read = 0n
  /** Newest sharing on chain, as of the newest final block. */
  #newest = 0n
  /** Sharing that the beacon knows of. */
  #taken = 0n
  /** Sharing of which our shares are kept, or none of which can be had. */
  #assembled = 0n
  /** When our shares of one could not be made, ms since the epoch: reading its session again is much work. */
  #failedAt = Number.NEGATIVE_INFINITY
  /** Sharing before which everything is destroyed. */
  #retired = 0n
  /** The phase that something is being sent for: when its last block is there it is of no use any more. */
  #phase: { readonly end: bigint; readonly over: AbortController } | undefined
  readonly #following: Loop
  readonly #acting: Loop

  constructor(options: CeremonyOptions) {
    const { staggerMs = STAGGER_MS, patienceMs = PATIENCE_MS } = options
    this.#options = options
    this.#reader = new BoardReader(options.chain, options.keyGeneration)
    const turns = new Turns(options.clock, options.operator, staggerMs)
    this.#acts = new Acts({ ...options, turns })
    this.#between = new Between({ ...options, turns, patienceMs })
    this.#witness = new Witness(options.log, options.operator)
    this.#following = new Loop(() => this.#follow(), this.#stopping.signal)
    this.#acting = new Loop(() => this.#act(), this.#stopping.signal)
  }

  async start(): Promise<void> {
    const { chain, keyGeneration: address } = this.#options
    this.#ends.push(
      chain.heads('finalized', ({ number }: BlockHead) => {
        this.#final = number
        this.#following.kick()
      }),
      chain.heads('latest', ({ number }: BlockHead) => {
        this.#latest = number
        if (this.#phase !== undefined && number >= this.#phase.end) {
          this.#phase.over.abort(new DOMException('the phase of the session is over', 'AbortError'))
        }
        this.#following.kick()
      }),
      chain.watch({ address, abi: keyGenerationAbi, eventName: 'Folded', finality: 'latest' }, async (log) =>
        this.#folded(log),
      ),
    )
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#stopping.abort(new DOMException('the node is stopping', 'AbortError'))
    await Promise.all([this.#following.idle(), this.#acting.idle()])
  }

  /** The session that is under way, as final blocks have it; undefined when none is. */
  session(): SessionView | undefined {
    const session = this.#board?.session
    return session?.state === 'open' ? viewOf(session, this.#latest) : undefined
  }

  /** What goes wrong now, for the health check. */
  problems(): readonly string[] {
    return [...this.#problems].map(([what, why]) => `${what}: ${why}`)
  }

  async #follow(): Promise<void> {
    await this.#try('reading the board', () => this.#refresh())
    await this.#try('making our shares', () => this.#assembleNewest())
    await this.#try('taking up a sharing', () => this.#takeUp())
    this.#expect()
    await this.#try('destroying old shares', () => this.#retire())
    this.#acting.kick()
  }

  async #act(): Promise<void> {
    const { signal } = this.#stopping
    const known = { ...this.#known, assembled: this.#assembled }
    await this.#try('registering an encryption key', () => this.#between.register(known, signal))
    await this.#try('a session', () => this.#session(signal))
    await this.#try('opening a session', () => this.#open(signal))
  }

  /** The board may be behind the newest final block, when the chain could not be read. */
  get #known(): Known {
    return { latest: this.#latest, final: this.#read }
  }

  async #try(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
      this.#problems.delete(what)
    } catch (error) {
      if (isAbort(error) || this.#stopping.signal.aborted) return
      const why = describe(error)
      if (this.#problems.get(what) !== why) this.#options.log.warn('key ceremony: will try again', { what, error: why })
      this.#problems.set(what, why)
    }
  }

  /** Brings the board up to the newest final block. */
  async #refresh(): Promise<void> {
    const final = this.#final
    if (final === undefined || final === this.#read) return
    const { session, sharing } = await this.#reader.newest()
    this.#newest = sharing
    if (session === 0n) return
    const before = this.#board?.session
    // to its end: what is told there of one that is over is not told again
    if (this.#board !== undefined && before?.state === 'open') {
      await this.#reader.follow(this.#board, before.facts.session, this.#read + 1n, final)
      this.#witness.see(before, final)
    }
    if (before?.facts.session !== session) {
      this.#board = await this.#reader.open(session, final)
      if (this.#board.session !== undefined) this.#witness.see(this.#board.session, final)
    }
    this.#read = final
  }

  /** Tells the beacon of the newest sharings. A node without shares of its own follows and serves rounds all the same. */
  async #takeUp(): Promise<void> {
    const newest = this.#newest
    if (newest === this.#taken) return
    const { sharings, log } = this.#options
    sharings.setGroup(await this.#group())
    for (const sharing of await this.#fresh(newest)) {
      sharings.add(sharing)
      const { sharing: number, switchRound, threshold } = sharing
      log.info('a sharing of the key', { sharing: number, switchRound, threshold })
    }
    this.#taken = newest
  }

  /** Who is to have shares stays within reach of us from now on, also if it leaves before the session has ended. */
  #expect(): void {
    if (this.#taken !== this.#newest) return // a sharing is there that the beacon could not be told of yet
    const session = this.#board?.session
    const members = session?.state === 'open' ? session.facts.members : []
    this.#options.sharings.expect(members.filter(({ shares }) => shares > 0).map(({ operator }) => operator))
  }

  /** Those that the beacon does not know of, oldest first; at the start back to the one at work, and one before the newest. */
  async #fresh(newest: bigint): Promise<readonly BoardSharing[]> {
    const schedule = this.#options.sharings.group()?.schedule
    const current = schedule === undefined ? 0n : roundAt(schedule, this.#options.clock.now())
    const fresh: BoardSharing[] = []
    for (let number = newest; number > this.#taken; number--) {
      const sharing = await this.#reader.sharing(number)
      fresh.unshift(sharing)
      if (this.#taken === 0n && number < newest && sharing.switchRound <= current) break
    }
    return fresh
  }

  /** Makes our shares of the newest sharing from what was dealt in its session, unless they are there. */
  async #assembleNewest(): Promise<void> {
    const { clock } = this.#options
    const newest = this.#newest
    if (newest === this.#assembled || clock.now() - this.#failedAt < RETRY_MS) return
    try {
      const sharing = await this.#reader.sharing(newest)
      await this.#assemble(sharing, (await this.#group()).schedule)
      this.#assembled = newest
      this.#failedAt = Number.NEGATIVE_INFINITY
    } catch (error) {
      // what the chain could not tell now is asked again at the next block
      if (error instanceof LariatError && error.code.startsWith('shares.')) this.#failedAt = clock.now()
      throw error
    }
  }

  async #assemble(sharing: BoardSharing, schedule: Group['schedule']): Promise<void> {
    const { shares, operator, log } = this.#options
    const own = sharing.members.find((member) => member.operator.toLowerCase() === operator.toLowerCase())
    if (own === undefined || shares.sharings().some((held) => held.sharing === sharing.sharing)) return
    const { session } = await this.#reader.open(sharing.session, this.#read)
    const counting = session === undefined ? undefined : countingOf(session)
    if (session === undefined || counting === undefined) {
      throw new LariatError('randomness.board', `session ${sharing.session} made a sharing, and too few dealt in it`)
    }
    const { sharing: number, switchRound, polynomial } = sharing
    const outcome = { sharing: number, switchRound, polynomial, schedule }
    const held = await shares.assemble(session.facts, counting, outcome).catch(async (error: unknown) => {
      // nothing mends that: the next sharing needs another key
      const isLost = error instanceof LariatError && error.code === 'shares.dealing-is-bad'
      if (isLost) await shares.spend(own.encryptionKey, sharing.session)
      throw error
    })
    // one with no share has an encryption key that is spent all the same
    if (held === undefined) await shares.spend(own.encryptionKey, sharing.session)
    log.info('our shares of a sharing are kept', { sharing: number, shares: held?.indices.length ?? 0 })
  }

  async #group(): Promise<Group> {
    const { chain, keyGeneration: address } = this.#options
    const group = await chain.read({ address, abi: keyGenerationAbi, functionName: 'group', args: [] })
    return {
      publicKey: groupKeyBytes(openGroupKey(hexToBytes(group.key))),
      schedule: { genesis: group.genesis, period: group.period },
      groupHash: group.groupHash,
      chainHash: group.chainHash,
    }
  }

  /** Destroys what came before the newest sharing, once that has made rounds. */
  async #retire(): Promise<void> {
    const { sharings, shares, operator, latestRound, clock, log } = this.#options
    const newest = sharings.byNumber(this.#taken)
    const schedule = sharings.group()?.schedule
    if (newest === undefined || schedule === undefined || this.#retired === this.#taken) return
    const proven = newest.switchRound + PROVEN_ROUNDS
    const since = clock.now() - roundTime(schedule, proven)
    const isOurs = newest.members.some((member) => member.operator.toLowerCase() === operator.toLowerCase())
    if (since < 0 || (latestRound() < proven && (isOurs || since < LEFT_MS))) return
    const { session } = await this.#reader.sharing(this.#taken)
    await shares.retire(this.#taken, session)
    this.#retired = this.#taken
    log.info('shares and keys from before a sharing are destroyed', { sharing: this.#taken })
  }

  async #session(signal: AbortSignal): Promise<void> {
    const { operator } = this.#options
    const session = this.#board?.session
    const known = this.#known
    const step = stepOf({ operator, session, ...known })
    if (session === undefined || step === undefined) return
    if (step.kind === 'deal') {
      await this.#until(session.dealEnd, signal, (until) => this.#acts.deal(session, known, until))
    } else if (step.kind === 'examine') {
      await this.#until(session.complaintEnd, signal, (until) => this.#acts.complain(session, true, known, until))
    } else if (step.kind === 'fold') {
      await this.#until(session.finishEnd, signal, async (until) => {
        await this.#acts.complain(session, false, known, until)
        await this.#acts.fold(session, { of: (of, folded) => this.#sums.get(`${of}/${folded}`) }, until)
      })
    } else await this.#acts.fail(session, signal)
  }

  /** Gives up when block `end` is there: a transaction that is stuck would keep others of the account waiting. */
  async #until(end: bigint, stop: AbortSignal, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const over = new AbortController()
    this.#phase = { end, over }
    try {
      await act(AbortSignal.any([stop, over.signal]))
    } finally {
      this.#phase = undefined
    }
  }

  async #open(signal: AbortSignal): Promise<void> {
    const session = this.#board?.session
    // of a session that ended in a block that is not final yet the contract says whether the next one is due
    await this.#between.open(this.#latest, session?.facts.session ?? 0n, signal)
  }

  #folded({ args }: ChainLog): void {
    const { session, folded, running } = args as { session: bigint; folded: number; running: Hex }
    this.#sums.set(`${session}/${folded}`, running)
    const [oldest] = this.#sums.keys()
    if (this.#sums.size > MAX_SUMS && oldest !== undefined) this.#sums.delete(oldest)
    this.#acting.kick()
  }
}
