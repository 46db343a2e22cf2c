/** Runs one thing again and again, one run at a time: asked for while one is under way, it runs once more after it. */
export class Loop {
  readonly #run: () => Promise<void>
  readonly #stop: AbortSignal
  #running: Promise<void> | undefined
  #again = false

  /** @param run never rejects */
  constructor(run: () => Promise<void>, stop: AbortSignal) {
    this.#run = run
    this.#stop = stop
  }

  kick(): void {
    this.#again = true
    if (this.#stop.aborted) return
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined
      // Whoever asked after the last run had ended is not forgotten.
      if (this.#again) this.kick()
    })
  }

  /** Resolves when no run is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #all(): Promise<void> {
    while (this.#again && !this.#stop.aborted) {
      this.#again = false
      await this.#run()
    }
  }
}
