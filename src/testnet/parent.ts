/** ms between looks. */
const LOOK_MS = 500

/**
 * Calls `gone` when the process that started this one has gone. npm runs scripts through a shell that dies of SIGTERM
 * without passing it on, and nothing of a testnet may be left running then.
 * @returns the function that ends the looking
 */
export function followParent(gone: () => void): () => void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    gone()
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
