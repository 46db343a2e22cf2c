/** Resolves when `probe` holds; rejects when it does not within `timeoutMs`. For facts about other processes. */
export async function eventually(
  probe: () => boolean | Promise<boolean>,
  otherwise: string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`${otherwise} (${timeoutMs / 1_000} s)`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
