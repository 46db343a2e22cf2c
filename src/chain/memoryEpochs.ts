import type { EpochTable } from '../types/epoch.ts'
import { type Epochs, tableAt } from './epochs.ts'

/** The in-memory form of `Epochs`: tables that a simulation sets. */
export interface MemoryEpochs extends Epochs {
  /** Replaces all tables; `endsAt` of each is made to follow from the next. */
  set(tables: readonly EpochTable[]): void
  /** Marks a row of a table as revoked. */
  revoke(epoch: bigint, row: number): void
}

export function createMemoryEpochs(initial: readonly EpochTable[] = []): MemoryEpochs {
  const handlers = new Set<() => void>()
  let tables: readonly EpochTable[] = []

  function set(next: readonly EpochTable[]): void {
    const sorted = [...next].sort((a, b) => Number(a.number - b.number))
    tables = sorted.map((table, i) => ({ ...table, endsAt: sorted[i + 1]?.activatesAt }))
    for (const handler of [...handlers]) handler()
  }

  set(initial)
  return {
    at: (time) => tableAt(tables, time),
    byNumber: (epoch) => tables.find(({ number }) => number === epoch),
    membersOf: async (epoch) => tables.find(({ number }) => number === epoch)?.members,
    onChange(handler) {
      const call = () => handler()
      handlers.add(call)
      return () => {
        handlers.delete(call)
      }
    },
    tables: () => tables,
    refresh: async () => {},
    close: () => handlers.clear(),
    set,
    revoke(epoch, row) {
      set(
        tables.map((t) => {
          if (t.number !== epoch) return t
          return { ...t, revoked: new Set([...t.revoked, row]), revokedNow: new Set([...t.revokedNow, row]) }
        }),
      )
    },
  }
}
