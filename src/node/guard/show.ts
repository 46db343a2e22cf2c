import { type RecordFacts, readGuard, type StreamFacts } from '../../store/sqlite/guardArchive.ts'
import { type GuardPlace, guardPath } from './place.ts'

/** What a record holds, as a whole and of each stream. @throws LariatError `store.…` */
export async function showGuard(
  place: GuardPlace,
): Promise<{ path: string; record: RecordFacts; streams: readonly StreamFacts[] }> {
  const path = await guardPath(place)
  const reader = readGuard(path)
  try {
    return { path, record: reader.record(), streams: reader.streams() }
  } finally {
    reader.close()
  }
}
