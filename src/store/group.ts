/** Most items of one commit: at some 20 µs each, it keeps the event loop for no longer than a few signatures do. */
const MAX_GROUP = 256

/** Work that is committed together. */
export interface Group<Item, Result> {
  /** Resolves with the item's result when the commit that it is part of has ended; rejects when that failed. */
  add(item: Item): Promise<Result>
}

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * Group commit: what is added in one turn of the event loop is handed to `commit` together, in order, at the end of that
 * turn. Whoever comes alone waits for nothing but that end, some microseconds; eight who come at once pay for one commit.
 * @param commit gives one result for each item; what it throws is every item's failure
 */
export function grouped<Item, Result>(
  commit: (items: readonly Item[]) => readonly Result[],
  maxGroup = MAX_GROUP,
): Group<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []

  function flush(): void {
    const group = waiting.slice(0, maxGroup)
    waiting = waiting.slice(maxGroup)
    if (waiting.length > 0) setImmediate(flush)
    try {
      const results = commit(group.map(({ item }) => item))
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as Result)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({ item, resolve, reject })
      }),
  }
}
