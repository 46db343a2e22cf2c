import {
  checkEntrySize,
  checkSpec,
  type KeyValueStore,
  type KeyValueStores,
  refuseNewer,
  type StoreSpec,
} from './keyValue.ts'
import { listLimit } from './limits.ts'

interface Shelf {
  version: number
  /** By key in hex, which orders as the bytes do. */
  readonly entries: Map<string, Uint8Array>
}

/** Services' stores in memory: for tests. What one `open` wrote, the next one of the same name finds. */
export function memoryKeyValues(check: () => void): KeyValueStores {
  const shelves = new Map<string, Shelf>()
  return {
    open(service, name, spec) {
      check()
      checkSpec(name, spec)
      const id = `${service}/${name}`
      const shelf = shelves.get(id) ?? { version: spec.version, entries: new Map() }
      shelves.set(id, shelf)
      refuseNewer(name, shelf.version, spec.version)
      if (shelf.version < spec.version) shelf.entries.clear()
      shelf.version = spec.version
      return storeOf(name, spec, shelf.entries, check)
    },
  }
}

function storeOf(name: string, spec: StoreSpec, entries: Map<string, Uint8Array>, check: () => void): KeyValueStore {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return {
    get(key) {
      check()
      const value = entries.get(hex(key))
      return value === undefined ? undefined : Uint8Array.from(value)
    },
    put(key, value) {
      checkEntrySize(name, spec, key, value)
      check()
      entries.set(hex(key), Uint8Array.from(value))
      while (entries.size > spec.maxEntries) {
        let lowest: string | undefined
        for (const one of entries.keys()) if (lowest === undefined || one < lowest) lowest = one
        if (lowest !== undefined) entries.delete(lowest)
      }
    },
    delete(key) {
      check()
      return entries.delete(hex(key))
    },
    list({ from, to, limit, reverse = false }) {
      check()
      const [low, high] = [from && hex(from), to && hex(to)]
      const keys = [...entries.keys()]
        .filter((key) => (low === undefined || key >= low) && (high === undefined || key <= high))
        .sort()
      if (reverse) keys.reverse()
      return keys.slice(0, listLimit(limit)).map((key) => ({
        key: Uint8Array.from(Buffer.from(key, 'hex')),
        value: Uint8Array.from(entries.get(key) ?? []),
      }))
    },
    get size() {
      check()
      return entries.size
    },
  }
}
