import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { LariatError } from '../util/errors.ts'
import { equalBytes } from '../util/hex.ts'

/** The statement that a guard's record took last. */
export interface LastEntry {
  readonly chainId: number
  /** 20 bytes. */
  readonly serviceManager: Uint8Array
  /** 20 bytes. */
  readonly operator: Uint8Array
  /** 32 bytes. */
  readonly service: Uint8Array
  readonly kind: number
  readonly slot: bigint
  readonly attempt: number
  /** 32 bytes. */
  readonly payload: Uint8Array
}

/** How new a guard's record was when it was last written. */
export interface Seen {
  /** Of the record, random, 16 bytes. */
  readonly recordId: Uint8Array
  /** Changes of the record as a whole: imports, and what an operator accepted. */
  readonly generation: bigint
  readonly last: LastEntry | undefined
}

/**
 * Remembers outside of a guard's record how new that was, so that an older copy is noticed. Written after commits of the
 * record and never before, so that it is never ahead of it: whatever ends the process or the machine, a record that is the
 * right one passes.
 */
export interface SeenFile {
  /** Undefined when nothing readable was there. */
  readonly before: Seen | undefined
  /** At once, or at most `WRITE_EVERY_MS` after the last one; another generation at once. @throws LariatError `store.failed` */
  write(seen: Seen): void
  /** Writes what waits. @throws LariatError `store.failed` */
  close(): void
}

// Two places, written in turn, so that one that is cut off leaves the other: magic, counter, record id, generation,
// 1 if there is a last entry, its fields, and CRC-32 over all of that: it tells a whole place from a torn one, no more.
const MAGIC = Buffer.from('LRSEEN01')
const BODY_BYTES = 8 + 8 + 16 + 8 + 1 + 8 + 20 + 20 + 32 + 1 + 8 + 2 + 32
const PLACE_BYTES = BODY_BYTES + 4
/** Distance of the two places, bytes: each lies in a sector of its own. */
const STRIDE = 4_096
/**
 * Writes between two fsyncs. A process that is killed loses nothing that it wrote; what a power cut takes of this file
 * makes it older than the record, which is allowed.
 */
const SYNC_EVERY = 16
/**
 * Between two writes: one after each commit makes the next commit's fsync take half as long again. A copy of the record that
 * lacks only what came in this time before a kill is not noticed as older; all of that was triggered before the next
 * start, and what was is refused then (`Guard.floor`).
 */
const WRITE_EVERY_MS = 100

/** Where the memory of the record at `path` lies. */
export function seenPathOf(path: string): string {
  return path.replace(/(\.sqlite)?$/, '.seen')
}

/** What is remembered of a record, without touching anything; undefined when there is nothing readable. */
export function readSeen(path: string): Seen | undefined {
  if (!existsSync(path)) return undefined
  return newest(readFileSync(path))?.seen
}

/** Opens the memory at `path`, making it (mode 0600) if it is not there. @throws LariatError `store.failed` */
export function openSeen(path: string): SeenFile {
  return guarded(path, () => {
    const isNew = !existsSync(path)
    const descriptor = openSync(path, isNew ? 'wx+' : 'r+', 0o600)
    const known = newest(readFileSync(path))
    let counter = known?.counter ?? 0n
    const place = Buffer.alloc(PLACE_BYTES)
    let unsynced = 0
    let closed = false
    let generation = known?.seen.generation
    let waiting: Seen | undefined
    let timer: NodeJS.Timeout | undefined
    if (isNew) syncFolder(path)

    function writeNow(seen: Seen): void {
      counter++
      encode(place, counter, seen)
      writeSync(descriptor, place, 0, place.length, Number(counter % 2n) * STRIDE)
      if (counter === 1n || ++unsynced >= SYNC_EVERY) {
        fsyncSync(descriptor)
        unsynced = 0
      }
      waiting = undefined
      generation = seen.generation
    }

    function writeWaiting(): void {
      timer = undefined
      try {
        if (waiting !== undefined) writeNow(waiting)
      } catch {
        // older than the record, which is allowed; the next write fails aloud if this lasts
      }
    }

    return {
      before: known?.seen,
      write(seen) {
        waiting = seen
        if (timer !== undefined && seen.generation === generation) return
        guarded(path, () => writeNow(seen))
        timer ??= setTimeout(writeWaiting, WRITE_EVERY_MS).unref()
      },
      close() {
        if (closed) return
        closed = true
        clearTimeout(timer)
        guarded(path, () => {
          if (waiting !== undefined) writeNow(waiting)
          if (unsynced > 0) fsyncSync(descriptor)
          closeSync(descriptor)
        })
      },
    }
  })
}

function newest(file: Buffer): { counter: bigint; seen: Seen } | undefined {
  const [a, b] = [decode(file.subarray(0, PLACE_BYTES)), decode(file.subarray(STRIDE, STRIDE + PLACE_BYTES))]
  if (a === undefined || b === undefined) return a ?? b
  return a.counter > b.counter ? a : b
}

/** Fills `place`, which is used again and again: this comes with every signature. */
function encode(place: Buffer, counter: bigint, { recordId, generation, last }: Seen): void {
  let at = MAGIC.copy(place)
  at = place.writeBigUInt64BE(counter, at)
  place.set(recordId, at)
  at = place.writeBigUInt64BE(generation, at + 16)
  at = place.writeUInt8(last === undefined ? 0 : 1, at)
  if (last !== undefined) {
    at = place.writeBigUInt64BE(BigInt(last.chainId), at)
    place.set(last.serviceManager, at)
    place.set(last.operator, at + 20)
    place.set(last.service, at + 40)
    at = place.writeUInt8(last.kind, at + 72)
    at = place.writeBigUInt64BE(last.slot, at)
    at = place.writeUInt16BE(last.attempt, at)
    place.set(last.payload, at)
  }
  place.writeUInt32BE(checksum(place), BODY_BYTES)
}

function decode(place: Buffer): { counter: bigint; seen: Seen } | undefined {
  if (place.length < PLACE_BYTES || !equalBytes(place.subarray(0, 8), MAGIC)) return undefined
  if (place.readUInt32BE(BODY_BYTES) !== checksum(place)) return undefined
  const bytes = (from: number, size: number) => Uint8Array.from(place.subarray(from, from + size))
  const last: LastEntry = {
    chainId: Number(place.readBigUInt64BE(41)),
    serviceManager: bytes(49, 20),
    operator: bytes(69, 20),
    service: bytes(89, 32),
    kind: place.readUInt8(121),
    slot: place.readBigUInt64BE(122),
    attempt: place.readUInt16BE(130),
    payload: bytes(132, 32),
  }
  return {
    counter: place.readBigUInt64BE(8),
    seen: {
      recordId: bytes(16, 16),
      generation: place.readBigUInt64BE(32),
      last: place.readUInt8(40) === 1 ? last : undefined,
    },
  }
}

function checksum(place: Buffer): number {
  return crc32(place.subarray(0, BODY_BYTES))
}

function syncFolder(path: string): void {
  const descriptor = openSync(dirname(path), 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || error instanceof LariatError) throw error
    const code = String(error.code)
    throw new LariatError(
      'store.failed',
      `${path} could not be read or written (${code}): check free space, the disk, and that this user may write there`,
      { path, code },
      error,
    )
  }
}
