/** Lets promises wait for a fact about shared state: whoever changes the state calls `notify`. */
export class Condition {
  #waiters = new Set<() => void>()

  notify(): void {
    for (const check of [...this.#waiters]) check()
  }

  /** Resolves with the first value of `probe` that is not undefined, now or after a `notify`; rejects when `signal` aborts. */
  wait<T>(probe: () => T | undefined, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiters.delete(check)
        signal.removeEventListener('abort', onAbort)
      }
      const check = () => {
        const value = probe()
        if (value === undefined) return
        end()
        resolve(value)
      }
      const onAbort = () => {
        end()
        reject(signal.reason)
      }
      if (signal.aborted) return reject(signal.reason)
      this.#waiters.add(check)
      signal.addEventListener('abort', onAbort, { once: true })
      check()
    })
  }
}
