import { type Clock, describe, type FollowedChain, type Hex, LariatError, type Part, type Timer } from 'lariat/avs'
import { pad } from 'viem'
import type { Correction, Dispatched, Source, Tip, TreeView } from '../ports.ts'
import { type Checkpoint, Level } from '../statements.ts'
import { NEWEST_BLOCKS } from './book.ts'
import { FastTips } from './fastTips.ts'
import { Contradiction, FinalTree, type FinalTreeOptions, Unfollowable } from './final.ts'
import { type Halt, HaltMark } from './halt.ts'
import { Handlers } from './handlers.ts'
import type { SourceMetrics, TreeLabels } from './metrics.ts'
import { Worker } from './worker.ts'

export interface SourceOptions extends FinalTreeOptions {
  /** Blocks that must lie upon a block before it is a fast tip; without, there are none. */
  readonly fast?: number
  /** Name of the halt that an operator has looked at: it ends, and the tree is read anew. */
  readonly acknowledge?: string
  readonly clock: Clock
  readonly metrics: SourceMetrics
}

/** ms after a look failed until the next one; doubled up to the longest. */
const RETRY_MS = 500
const MAX_RETRY_MS = 5_000

/** A tree of messages as this node follows it: from final blocks, by the hook's logs and its storage at once. */
export class BridgeSource implements Source, Part {
  readonly name: string
  readonly domain: number
  readonly hook: Hex
  readonly chain: FollowedChain
  readonly #options: SourceOptions
  readonly #labels: TreeLabels
  readonly #final: FinalTree
  readonly #mark: HaltMark
  readonly #fast: FastTips | undefined
  readonly #onTip: Handlers<Tip>
  readonly #worker = new Worker(() => this.#work())
  readonly #stopping = new AbortController()
  readonly #ends: (() => void)[] = []
  #halt: Halt | undefined
  /** Why it cannot be followed as it is configured. */
  #unfollowable: string | undefined
  #tip: Tip | undefined
  /** Index of the newest tip that was handed over. */
  #handed = -1
  #opening: Promise<void> | undefined
  #failures = 0
  #failure: string | undefined
  #retry: Timer | undefined

  constructor(options: SourceOptions) {
    const { chain, domain, hook, stores, fast, log, metrics } = options
    this.#options = options
    this.name = `bridge source ${chain.name}`
    this.domain = domain
    this.hook = pad(hook, { size: 32 }).toLowerCase() as Hex
    this.chain = chain
    this.#labels = { chain: chain.name, domain: String(domain) }
    this.#final = new FinalTree(options)
    this.#mark = new HaltMark(stores.marks)
    this.#onTip = new Handlers('checkpoints', log)
    const isHeld = () => this.halted() !== undefined || chain.distrust() !== undefined
    const common = { ...options, final: this.#final, store: stores.fast, metrics, labels: this.#labels, isHeld }
    this.#fast = fast === undefined ? undefined : new FastTips({ ...common, fast })
  }

  /** Begins to follow in the background: the chain may not be open yet, and there may be much to read. */
  async start(): Promise<void> {
    const { metrics } = this.#options
    this.#halt = this.#mark.get()
    metrics.finalIndex.set(this.#labels, -1)
    metrics.halted.set(this.#labels, 0)
    metrics.corrections.inc(this.#labels, 0)
    this.#opening = this.#open().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#refuse(describe(error))
    })
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#stopping.abort(new DOMException('the node is stopping', 'AbortError'))
    this.#retry?.cancel()
    await this.#opening
    await this.#worker.stop()
    await this.#fast?.stop()
  }

  halted(): string | undefined {
    if (this.#halt !== undefined) return this.#explain(this.#halt)
    if (this.#unfollowable !== undefined) return `${this.#what} cannot be followed: ${this.#unfollowable}`
    const distrust = this.chain.distrust()
    return distrust?.code === 'chain.reorged' ? distrust.reason : undefined
  }

  get count(): number {
    return this.#final.count
  }

  tip(): Tip | undefined {
    return this.#tip
  }

  checkpoint(index: number): Checkpoint | undefined {
    return this.#final.checkpoint(index)
  }

  message(id: Hex): Dispatched | undefined {
    return this.#final.message(id)
  }

  messageAt(index: number): Dispatched | undefined {
    return this.#final.messageAt(index)
  }

  proof(index: number, count: number): Uint8Array[] {
    return this.#final.proof(index, count)
  }

  ahead(): TreeView | undefined {
    return this.#fast?.view()
  }

  onTip(level: Level, handler: (tip: Tip) => void): () => void {
    const handlers = level === Level.finalized ? this.#onTip : this.#fast?.onTip
    return handlers?.add(handler) ?? (() => {})
  }

  corrections(): readonly Correction[] {
    return this.#fast?.corrections() ?? []
  }

  onCorrected(handler: (correction: Correction) => void): () => void {
    return this.#fast?.onCorrected.add(handler) ?? (() => {})
  }

  async #open(): Promise<void> {
    const { acknowledge, from, log } = this.#options
    if (this.#halt !== undefined) {
      if (acknowledge?.toLowerCase() !== this.#halt.name) {
        this.#alarm(this.#explain(this.#halt))
        return
      }
      log.info('a halt was acknowledged: reading the tree anew', { halt: acknowledge, from })
      await this.#final.forget()
      this.#mark.clear()
      this.#halt = undefined
    }
    await this.chain.ready(this.#stopping.signal)
    if (this.#stopping.signal.aborted) return
    // While a failure waits for its retry, heads do not hurry it.
    this.#ends.push(this.chain.heads('finalized', () => this.#failures === 0 && this.#worker.kick()))
    this.#worker.kick()
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping
    try {
      await this.#look(signal)
      if (this.#failures > 0) this.#options.log.info('the tree is followed again')
      this.#failures = 0
      this.#failure = undefined
    } catch (error) {
      if (!signal.aborted) this.#failed(error)
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { metrics } = this.#options
    this.#requireTrust()
    const { number } = await this.#final.look(signal, (behind) => metrics.lag.set(this.#labels, Number(behind)))
    metrics.leaves.set(this.#labels, this.count)
    metrics.halted.set(this.#labels, 0)
    // What was read meanwhile may be of a chain that nothing may be signed over.
    this.#requireTrust()
    this.#handOver()
    this.#fast?.rebase(number)
  }

  /** @throws LariatError `bridge.distrusted` */
  #requireTrust(): void {
    const distrust = this.chain.distrust()
    if (distrust === undefined) return
    if (distrust.code === 'chain.reorged') this.#options.metrics.halted.set(this.#labels, 1)
    throw new LariatError(
      'bridge.distrusted',
      `nothing is signed over chain ${this.chain.name} now: ${distrust.reason}`,
    )
  }

  #handOver(): void {
    const { metrics } = this.#options
    const blocks = this.#final.book.blocks.filter(({ index }) => index > this.#handed).slice(-NEWEST_BLOCKS)
    for (const { index } of blocks) {
      const tip = this.#final.tipAt(index)
      if (tip === undefined) continue
      this.#tip = tip
      this.#handed = index
      metrics.finalIndex.set(this.#labels, index)
      this.#onTip.call(tip)
      this.#fast?.final(tip)
    }
  }

  #failed(error: unknown): void {
    const { clock, log } = this.#options
    if (error instanceof Unfollowable) {
      this.#refuse(error.message)
      return
    }
    // Under a chain that is not trusted nothing is concluded: it is looked at again when it is.
    if (error instanceof Contradiction && this.chain.distrust() === undefined) {
      this.#stop(error)
      return
    }
    this.#failures++
    const reason = describe(error)
    if (reason !== this.#failure) log.warn('the tree is held up; trying on', { reason })
    this.#failure = reason
    this.#retry?.cancel()
    this.#retry = clock.after(Math.min(RETRY_MS * 2 ** (this.#failures - 1), MAX_RETRY_MS), () => this.#worker.kick())
  }

  /** Until the next start. */
  #refuse(why: string): void {
    this.#unfollowable = why
    this.#alarm(`${this.#what} cannot be followed: ${why}`)
  }

  /** Until an operator has looked. */
  #stop({ code, message }: Contradiction): void {
    const { clock, log } = this.#options
    try {
      this.#halt = this.#mark.put(code, message, clock.now())
    } catch (error) {
      this.#halt = { code, reason: message, name: '', at: clock.now() }
      log.error('that a tree is halted could not be written down', { error: describe(error) })
    }
    this.#alarm(this.#explain(this.#halt))
  }

  #alarm(message: string): void {
    this.#worker.end()
    this.#fast?.stop()
    this.#options.metrics.halted.set(this.#labels, 1)
    this.#options.log.error(message)
  }

  get #what(): string {
    return `the tree of messages of domain ${this.domain} (hook ${this.#options.hook} on chain ${this.chain.name})`
  }

  #explain({ reason, name }: Halt): string {
    return `${this.#what} contradicts itself, and nothing of it is signed: ${reason}. See on sources that are not your providers what is right; then set acknowledge: "${name}" beside its hook in the configuration, and start again: the tree is read anew from block ${this.#options.from}`
  }
}
