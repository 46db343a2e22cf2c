import { describe, type Log } from 'lariat/avs'

/** Whoever wants to hear of something. One that throws keeps nobody else from it. */
export class Handlers<T> {
  readonly #what: string
  readonly #log: Log
  readonly #handlers = new Set<(value: T) => void>()

  /** @param what they hear of, for the log */
  constructor(what: string, log: Log) {
    this.#what = what
    this.#log = log
  }

  /** @returns the function that ends it */
  add(handler: (value: T) => void): () => void {
    // Its own function object, so that one handler can be there twice.
    const call = (value: T) => handler(value)
    this.#handlers.add(call)
    return () => {
      this.#handlers.delete(call)
    }
  }

  call(value: T): void {
    for (const handler of [...this.#handlers]) {
      try {
        handler(value)
      } catch (error) {
        this.#log.error(`a handler of ${this.#what} failed`, { error: describe(error) })
      }
    }
  }
}
