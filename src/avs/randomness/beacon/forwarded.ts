import type { Clock, MessageVerdict, RoundPartial, Timer } from 'lariat/avs'
import type { Gathering, PartialScheme } from './gathering.ts'

/** How long forwarded partials of a round are waited for before they are verified together, ms. They come by the fallback, late anyway. */
const GATHER_MS = 20
/** Forwarded partials of one round that wait at a time: each share twice. */
const MAX_WAITING = 128

interface Waiting {
  readonly partials: readonly RoundPartial[]
  readonly resolve: (verdict: MessageVerdict | Promise<MessageVerdict>) => void
}

/**
 * Partials that others than their author handed over: verified before they are used or handed on, all of a round together, as one
 * check costs as much as ten.
 */
export class Forwarded {
  readonly #clock: Clock
  readonly #scheme: PartialScheme
  readonly #onConfirmed: (gathering: Gathering) => void
  readonly #waiting = new Map<Gathering, { readonly messages: Waiting[]; readonly timer: Timer }>()

  /** @param onConfirmed called after partials were verified and added */
  constructor(clock: Clock, scheme: PartialScheme, onConfirmed: (gathering: Gathering) => void) {
    this.#clock = clock
    this.#scheme = scheme
    this.#onConfirmed = onConfirmed
  }

  judge(gathering: Gathering, partials: readonly RoundPartial[]): MessageVerdict | Promise<MessageVerdict> {
    const doubtful = partials.filter((partial) => !gathering.isVerified(partial))
    if (doubtful.length === 0) return 'accept'
    const before = this.#waiting.get(gathering)
    const count = before?.messages.reduce((sum, message) => sum + message.partials.length, 0) ?? 0
    if (count + doubtful.length > MAX_WAITING) return 'ignore'
    return new Promise((resolve) => {
      const message = { partials: doubtful, resolve }
      if (before !== undefined) before.messages.push(message)
      else {
        const timer = this.#clock.after(GATHER_MS, () => this.#judgeWaiting(gathering))
        this.#waiting.set(gathering, { messages: [message], timer })
      }
    })
  }

  /** What still waits is let go unjudged. */
  stop(): void {
    for (const { messages, timer } of this.#waiting.values()) {
      timer.cancel()
      for (const { resolve } of messages) resolve('ignore')
    }
    this.#waiting.clear()
  }

  #judgeWaiting(gathering: Gathering): void {
    const messages = this.#waiting.get(gathering)?.messages ?? []
    this.#waiting.delete(gathering)
    const verdicts = this.#verify(
      gathering,
      messages.map(({ partials }) => partials),
    )
    for (const [i, { resolve }] of messages.entries()) resolve(verdicts.then((all) => all[i] ?? 'ignore'))
  }

  /** The verdict on each message's partials. */
  async #verify(gathering: Gathering, messages: readonly (readonly RoundPartial[])[]): Promise<MessageVerdict[]> {
    const all = messages.flat()
    const { invalid, exhausted } = await this.#scheme.findBad(gathering.sharing, gathering.round, all)
    const bad = new Set(invalid.map((at) => all[at]))
    if (!exhausted) {
      for (const partial of all) if (!bad.has(partial)) gathering.confirm(partial)
      this.#onConfirmed(gathering)
    }
    return messages.map((partials) =>
      partials.some((partial) => bad.has(partial)) ? 'reject' : exhausted ? 'ignore' : 'accept',
    )
  }
}
