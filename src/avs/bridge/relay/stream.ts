import type { Source, TreeView } from '../ports.ts'
import { Level, streamService } from '../statements.ts'
import type { Backlog, Waiting } from './backlog.ts'
import type { Reason } from './reasons.ts'
import { type Around, type Blocked, reasonOf } from './why.ts'

/** Messages of one origin on their way to one destination. */
export class Stream {
  readonly source: Source
  readonly backlog: Backlog
  readonly #ordered: boolean
  /** Why none of it is delivered. */
  blocked: Blocked | undefined
  /** Whether the destination believes fast checkpoints of it. */
  isFast = false
  /** Newest leaf that an accepted certificate covers. */
  coveredTo = -1

  constructor(source: Source, backlog: Backlog, ordered: boolean) {
    this.source = source
    this.backlog = backlog
    this.#ordered = ordered
  }

  /** The tree as far as the destination may believe it. */
  view(): TreeView {
    return (this.isFast ? this.source.ahead() : undefined) ?? this.source
  }

  block(reason: Reason, detail?: string): void {
    this.blocked = { reason, detail }
  }

  /** The first that is not in a block. */
  first(): Waiting | undefined {
    for (const waiting of this.backlog.all()) if (waiting.landed === undefined) return waiting
    return undefined
  }

  /** Those that can be tried now, in the order of leaves. */
  due(now: number): readonly Waiting[] {
    const first = this.#ordered ? this.first() : undefined
    if (this.#ordered) return first === undefined || first.nextAt > now ? [] : [first]
    return [...this.backlog.all()].filter(({ landed, nextAt }) => landed === undefined && nextAt <= now)
  }

  /** Why each message waits. */
  *reasons(now: number, blocked: Blocked | undefined): Iterable<readonly [Waiting, Blocked]> {
    const around = this.#around(now, blocked)
    for (const waiting of this.backlog.all()) {
      if (waiting.landed === undefined) yield [waiting, reasonOf(waiting, around)]
    }
  }

  why(waiting: Waiting, now: number, blocked: Blocked | undefined): Blocked {
    return reasonOf(waiting, this.#around(now, blocked))
  }

  /** Notes by which service the destination believes it. @returns whether that is one of this tree */
  believe(service: string): boolean {
    this.isFast = streamService(this.source, Level.fast) === service
    return this.isFast || streamService(this.source, Level.finalized) === service
  }

  #around(now: number, blocked: Blocked | undefined): Around {
    const first = this.#ordered ? this.first()?.index : undefined
    return { now, blocked, streamBlocked: this.blocked, coveredTo: this.coveredTo, first }
  }
}
