/** Things that are remembered: a dealing, and a complaint for each bad dealer at the most. */
const MAX_THINGS = 128

/**
 * What we sent and is in a block. Until that block is final a reorg may undo it, so it counts as done only that long: if the
 * board does not show it then, it is gone and must be sent again.
 */
export class Landed {
  readonly #blocks = new Map<string, bigint>()

  /** @param block the one that it is in, or a later one */
  note(thing: string, block: bigint): void {
    this.#blocks.set(thing, block)
    const [oldest] = this.#blocks.keys()
    if (this.#blocks.size > MAX_THINGS && oldest !== undefined) this.#blocks.delete(oldest)
  }

  /** @param final the last block that the board shows */
  waits(thing: string, final: bigint): boolean {
    const block = this.#blocks.get(thing)
    return block !== undefined && block > final
  }
}
