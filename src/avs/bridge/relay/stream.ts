import type { Source } from '../ports.ts'
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
  /** Newest leaf that an accepted certificate covers. */
  coveredTo = -1

  constructor(source: Source, backlog: Backlog, ordered: boolean) {
    this.source = source
    this.backlog = backlog
    this.#ordered = ordered
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

  /** Whether a service is one of this tree. */
  isOf(service: string): boolean {
    return Object.values(Level).some((level) => streamService(this.source, level) === service)
  }

  #around(now: number, blocked: Blocked | undefined): Around {
    const first = this.#ordered ? this.first()?.index : undefined
    return { now, blocked, streamBlocked: this.blocked, coveredTo: this.coveredTo, first }
  }
}
