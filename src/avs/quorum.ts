import type { EpochTable } from '../types/epoch.ts'
import type { EpochSource } from './ports.ts'

/** The same epochs, with another part of the weight as quorum, in basis points: for statements that a contract believes on other terms. */
export function withQuorum(epochs: EpochSource, quorumBps: number): EpochSource {
  const tables = new WeakMap<EpochTable, EpochTable>()
  const of = (table: EpochTable | undefined): EpochTable | undefined => {
    if (table === undefined) return undefined
    let other = tables.get(table)
    if (other === undefined) {
      other = { ...table, quorumBps }
      tables.set(table, other)
    }
    return other
  }
  return {
    at: (time) => of(epochs.at(time)),
    byNumber: (number) => of(epochs.byNumber(number)),
    ...(epochs.membersOf === undefined ? {} : { membersOf: epochs.membersOf.bind(epochs) }),
    onChange: (handler) => epochs.onChange(handler),
  }
}
