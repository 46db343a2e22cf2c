import { bytesToHex, type Hex } from '../util/hex.ts'
import { grouped } from './group.ts'
import { type CheckedEntry, type CheckedStream, checkEntry, checkStream } from './guardkey.ts'
import {
  checkBytes,
  checkInteger,
  checkValueSize,
  type DataLimits,
  DEFAULT_DATA_LIMITS,
  listLimit,
  refuseClosed,
} from './limits.ts'
import { memoryKeyValues } from './memoryKeyValue.ts'
import type { DataStore, GuardOutcome, GuardRecord, GuardStore, SlotRecord, StoredCertificate } from './store.ts'

interface Stream {
  watermark: bigint
  /** By "slot/attempt". */
  readonly signed: Map<string, GuardRecord & { readonly slot: bigint }>
}

/** The guard's record in memory: for tests and benches only, as it forgets with its process. */
export function memoryGuardStore(): GuardStore {
  const geneses = new Map<number, Hex>()
  const streams = new Map<string, Stream>()
  let closed = false

  /** As the SQLite form: undefined for another genesis, or when there is none and `make` is false. */
  function stream(checked: CheckedStream, make: boolean): Stream | undefined {
    if (closed) refuseClosed('the guard record in memory')
    const genesis = bytesToHex(checked.genesisHash)
    const known = geneses.get(checked.chainId)
    if (known !== undefined && known !== genesis) return undefined
    const parts = [checked.serviceManager, checked.operator, checked.service].map(bytesToHex)
    const id = [checked.chainId, ...parts, checked.kind].join('/')
    const found = streams.get(id)
    if (found !== undefined || !make) return found
    geneses.set(checked.chainId, genesis)
    const made: Stream = { watermark: 0n, signed: new Map() }
    streams.set(id, made)
    return made
  }

  function judge({ stream: key, slot, attempt, epoch, payload, digest }: CheckedEntry): GuardOutcome {
    const found = stream(key, true)
    if (found === undefined) return 'foreign-domain'
    if (slot < found.watermark) return 'below-watermark'
    const id = `${slot}/${attempt}`
    const record = { slot, epoch, payload: bytesToHex(payload), digest: bytesToHex(digest) }
    const before = found.signed.get(id)
    if (before !== undefined) return before.payload === record.payload ? 'same' : 'conflict'
    found.signed.set(id, record)
    return 'recorded'
  }
  const group = grouped((entries: readonly CheckedEntry[]) => entries.map(judge))

  return {
    async checkAndInsert(key, epoch, payload, digest) {
      return group.add(checkEntry(key, epoch, payload, digest))
    },
    find(key) {
      checkInteger('slot', key.slot)
      const record = stream(checkStream(key), false)?.signed.get(`${key.slot}/${key.attempt}`)
      return record && { epoch: record.epoch, payload: record.payload, digest: record.digest }
    },
    watermark: (key) => stream(checkStream(key), false)?.watermark ?? 0n,
    prune(key, slot) {
      checkInteger('watermark', slot)
      const found = stream(checkStream(key), true)
      if (found === undefined || slot <= found.watermark) return
      found.watermark = slot
      for (const [id, record] of found.signed) if (record.slot < slot) found.signed.delete(id)
    },
    floor: () => 0,
    probe() {
      if (closed) refuseClosed('the guard record in memory')
    },
    close() {
      closed = true
    },
  }
}

/** Cursors, journal and certificates in memory: for tests. */
export function memoryDataStore(limits: DataLimits = DEFAULT_DATA_LIMITS): DataStore {
  const cursors = new Map<string, bigint>()
  const journal = new Shelf<SlotRecord>(limits.journalPerService)
  const certificates = new Shelf<StoredCertificate>(limits.certificatesPerService)
  let closed = false
  const check = () => {
    if (closed) refuseClosed('the data store in memory')
  }
  return {
    cursors: {
      get(name) {
        check()
        return cursors.get(name)
      },
      set(name, value) {
        checkInteger(`cursor ${name}`, value)
        check()
        cursors.set(name, value)
      },
      names() {
        check()
        return [...cursors.keys()]
      },
    },
    journal: {
      record(entry) {
        checkInteger('slot', entry.slot)
        if (entry.transaction !== null) checkBytes('transaction', entry.transaction, 32)
        check()
        journal.put({ ...entry, transaction: entry.transaction && lower(entry.transaction) })
      },
      list(query) {
        check()
        return journal.list(query)
      },
    },
    certificates: {
      put(certificate) {
        checkCertificate(certificate)
        check()
        if (certificates.get(certificate.service, certificate.slot) !== undefined) return
        certificates.put({ ...certificate, payload: lower(certificate.payload) })
      },
      replace(certificate) {
        checkCertificate(certificate)
        check()
        if (certificates.get(certificate.service, certificate.slot) === undefined) return
        certificates.put({ ...certificate, payload: lower(certificate.payload) })
      },
      get(service, slot) {
        check()
        return certificates.get(service, slot)
      },
      list(query) {
        check()
        return certificates.list(query)
      },
    },
    keyValues: memoryKeyValues(check),
    close() {
      closed = true
    },
  }
}

function checkCertificate({ slot, epoch, payload, value }: StoredCertificate): void {
  checkInteger('slot', slot)
  checkInteger('epoch', epoch)
  checkBytes('payload', payload, 32)
  checkValueSize(value)
}

/** Rows by service and slot, the lowest slots of a full service dropped. Copies in and out, as a file would. */
class Shelf<T extends { readonly service: string; readonly slot: bigint }> {
  readonly #limit: number
  readonly #services = new Map<string, Map<bigint, T>>()

  constructor(limit: number) {
    this.#limit = limit
  }

  put(row: T): void {
    let rows = this.#services.get(row.service)
    if (rows === undefined) {
      rows = new Map()
      this.#services.set(row.service, rows)
    }
    rows.set(row.slot, structuredClone(row))
    if (rows.size <= this.#limit) return
    let lowest = row.slot
    for (const slot of rows.keys()) if (slot < lowest) lowest = slot
    rows.delete(lowest)
  }

  get(service: string, slot: bigint): T | undefined {
    return structuredClone(this.#services.get(service)?.get(slot))
  }

  list(query: { service: string; fromSlot?: bigint; toSlot?: bigint; limit: number }): T[] {
    const { fromSlot = 0n, toSlot } = query
    return [...(this.#services.get(query.service)?.values() ?? [])]
      .filter(({ slot }) => slot >= fromSlot && (toSlot === undefined || slot <= toSlot))
      .sort((a, b) => (a.slot < b.slot ? 1 : -1))
      .slice(0, listLimit(query.limit))
      .map((row) => structuredClone(row))
  }
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}
