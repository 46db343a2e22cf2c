/** Does work whenever it is asked for, one piece at a time: what is asked for meanwhile is done once more, afterwards. */
export class Worker {
  readonly #work: () => Promise<void>
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  /** @param work must not fail */
  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  kick(): void {
    this.#again = true
    if (this.#running !== undefined || this.#stopped) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      // Whoever asked since the last piece was done is not forgotten.
      if (this.#again) this.kick()
    })
  }

  /** Begins no more work. */
  end(): void {
    this.#stopped = true
  }

  /** As `end`; resolves when none is under way. */
  async stop(): Promise<void> {
    this.end()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      await this.#work()
    }
  }
}
