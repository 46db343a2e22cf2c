import { Writable } from 'node:stream'
import { type Clock, systemClock, type Timer } from './clock.ts'

/** ms after which something that still goes on is told. */
const DELAY_MS = 1_000
/** ms between two pictures. */
const FRAME_MS = 100
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Takes a line of a terminal away. */
const CLEAR = '\r\u001b[K'

/** Where progress is told: standard error, as standard output is for results. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Something that goes on. */
interface Going {
  readonly what: string
  /** How far it is, as it said last. */
  detail: string
  /** When it began, or went on after somebody was asked, ms since the epoch. */
  from: number
}

/**
 * A line that moves on a terminal while something goes on for more than a second, and is gone at the end. Where there is no
 * terminal, nothing is written at all.
 */
export class ProgressLine {
  readonly #out: ProgressOutput
  readonly #clock: Clock
  /** The innermost last. */
  readonly #going: Going[] = []
  /** What a command does as a whole, until it has something to show. */
  #whole: Going | undefined
  #isSilent = false
  /** Somebody is being asked something: nothing may be written over the question. */
  #isAsking = false
  #isShown = false
  #frame = 0
  #drawnAt = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  constructor(out: ProgressOutput, clock: Clock) {
    this.#out = out
    this.#clock = clock
  }

  /** A command begins. @param what it does until it shows something; undefined when nothing of it is to be told */
  begin(what: string | undefined): void {
    this.#isSilent = what === undefined
    this.#whole = what === undefined ? undefined : this.#goingOn(what)
    this.#arm()
  }

  /** Something begins within a command. @returns ends it; may be called again */
  start(what: string): () => void {
    const going = this.#goingOn(what)
    this.#going.push(going)
    this.#arm()
    return () => {
      const at = this.#going.indexOf(going)
      if (at >= 0) this.#going.splice(at, 1)
      this.clear()
    }
  }

  /** Something is about to be written to the terminal by the command itself: what it did as a whole is over. */
  output(): void {
    this.#whole = undefined
    this.clear()
  }

  /** Takes the line away until it is drawn again. */
  clear(): void {
    if (this.#isShown) this.#out.write(CLEAR)
    this.#isShown = false
    if (this.#current !== undefined) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** From work that keeps timers from firing: draws if it is time to. @param detail how far it is */
  tick(detail: string): void {
    const current = this.#current
    if (current === undefined) return
    current.detail = detail
    if (this.#clock.now() - this.#drawnAt >= FRAME_MS) this.#draw()
  }

  /** Before work of more than a second in which nothing else gets its turn: draws at once. @param detail what that is */
  drawNow(detail: string): void {
    const current = this.#current
    if (current === undefined) return
    current.detail = detail
    this.#draw(0)
  }

  /** Keeps the line off the terminal while somebody is asked there. */
  async whileAsking<T>(ask: () => Promise<T>): Promise<T> {
    this.#isAsking = true
    this.clear()
    try {
      return await ask()
    } finally {
      this.#isAsking = false
      // whoever answers does not wait meanwhile
      for (const one of [this.#whole, ...this.#going]) if (one !== undefined) one.from = this.#clock.now()
    }
  }

  #goingOn(what: string): Going {
    return { what, detail: '', from: this.#clock.now() }
  }

  get #current(): Going | undefined {
    return this.#going.at(-1) ?? this.#whole
  }

  #arm(): void {
    if (this.#isSilent || this.#out.isTTY !== true || this.#timer !== undefined) return
    this.#timer = this.#clock.after(FRAME_MS, () => {
      this.#timer = undefined
      if (this.#current === undefined) return
      this.#draw()
      this.#arm()
    })
  }

  #draw(delayMs = DELAY_MS): void {
    const current = this.#current
    const now = this.#clock.now()
    if (current === undefined || this.#isSilent || this.#isAsking || this.#out.isTTY !== true) return
    if (now - current.from < delayMs) return
    this.#drawnAt = now
    this.#isShown = true
    const seconds = Math.floor((now - current.from) / 1_000)
    const detail = current.detail === '' ? '' : `, ${current.detail}`
    const line = `${FRAMES[this.#frame++ % FRAMES.length]} ${current.what}${detail} (${seconds} s)`
    this.#out.write(`${CLEAR}${line.slice(0, Math.max(20, (this.#out.columns ?? 80) - 1))}`)
  }
}

/** The line of this process. */
export const progressLine = new ProgressLine(process.stderr, systemClock)

/** Tells on the line of this process what goes on while `work` runs. */
export async function withProgress<T>(what: string, work: () => Promise<T> | T, line = progressLine): Promise<T> {
  const end = line.start(what)
  try {
    return await work()
  } finally {
    end()
  }
}

/** Standard error for what is written beside the line, such as a log: the line makes room. */
export function besideProgress(): Writable & ProgressOutput {
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      progressLine.clear()
      process.stderr.write(chunk, done)
    },
  })
  return Object.assign(stream, { isTTY: process.stderr.isTTY === true })
}
