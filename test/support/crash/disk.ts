/** What a process did to its files, in order, as `powerLog.c` has logged it. */
export interface DiskEvent {
  /** create, write, truncate, sync (of a file or a folder), rename, unlink; told: written to standard output */
  readonly kind: 'c' | 'w' | 't' | 's' | 'r' | 'u' | 'o'
  readonly path: string
  readonly offset: number
  readonly data: Buffer
}

export function readPowerLog(log: Buffer): DiskEvent[] {
  const events: DiskEvent[] = []
  for (let at = 0; at < log.length; ) {
    const [path, data] = [log.readUInt32LE(at + 1), log.readUInt32LE(at + 13)]
    const from = at + 17 + path
    events.push({
      kind: String.fromCharCode(log[at] ?? 0) as DiskEvent['kind'],
      path: log.toString('utf8', at + 17, from),
      offset: Number(log.readBigUInt64LE(at + 5)),
      data: log.subarray(from, from + data),
    })
    at = from + data
  }
  return events
}

type Change = Pick<DiskEvent, 'kind' | 'offset' | 'data'>

/** A file apart from its name: what is on disk for sure, and what may be. */
interface File {
  durable: Buffer
  pending: Change[]
}

/** Bytes that a disk writes at once: a write that is cut off ends at a multiple. */
const SECTOR = 512

/**
 * A disk that keeps for sure only what was synced: of a file its fsync, of names the fsync of their folder. Everything else
 * may be there or not when the power goes: each write by itself, in any combination; names in the order of their changes,
 * as file systems with a journal have it.
 */
export class Disk {
  readonly #folder: string
  readonly #names = { durable: new Map<string, File>(), now: new Map<string, File>(), pending: [] as DiskEvent[] }

  constructor(folder: string) {
    this.#folder = folder
  }

  apply(event: DiskEvent): void {
    const { kind, path } = event
    if (path.endsWith('-shm') || path.endsWith('/lock.sqlite')) return // shared memory, made anew after a crash
    const { now, pending } = this.#names
    switch (kind) {
      case 'c':
      case 'r':
      case 'u':
        rename(now, event, { durable: Buffer.alloc(0), pending: [] })
        // of a new file the same object must stand under both views of the folder
        pending.push(event)
        if (kind === 'c') this.#files.set(event, now.get(path) as File)
        break
      case 's':
        if (path === this.#folder) this.#syncFolder()
        else {
          const file = now.get(path)
          if (file !== undefined) {
            file.durable = file.pending.reduce(changed, file.durable)
            file.pending = []
          }
        }
        break
      case 'w':
      case 't':
        now.get(path)?.pending.push(event)
        break
      case 'o':
        break
    }
  }

  readonly #files = new Map<DiskEvent, File>()

  #syncFolder(): void {
    const { now, pending } = this.#names
    this.#names.durable = new Map(now)
    for (const event of pending.splice(0)) this.#files.delete(event)
  }

  /** Files that a power cut leaves now, by path. @param random in [0, 1) */
  cut(random: () => number): Map<string, Buffer> {
    const { durable, pending } = this.#names
    const names = new Map(durable)
    for (const event of pending.slice(0, Math.floor(random() * (pending.length + 1)))) {
      rename(names, event, this.#files.get(event) ?? { durable: Buffer.alloc(0), pending: [] })
    }
    // all, none, or any of what was not synced
    const mood = random()
    const chance = mood < 0.2 ? 0 : mood < 0.4 ? 1 : random()
    const left = new Map<string, Buffer>()
    for (const [path, file] of names) {
      let content = file.durable
      for (const change of file.pending) {
        if (random() >= chance) continue
        content = changed(content, change.kind === 'w' && random() < 0.1 ? torn(change, random) : change)
      }
      left.set(path, content)
    }
    return left
  }
}

function rename(names: Map<string, File>, { kind, path, data }: DiskEvent, made: File): void {
  const file = names.get(path)
  if (kind === 'c') names.set(path, made)
  else names.delete(path)
  if (kind === 'r' && file !== undefined) names.set(data.toString(), file)
}

function changed(content: Buffer, change: Change): Buffer {
  return change.kind === 't' ? truncated(content, change.offset) : written(content, change)
}

function truncated(content: Buffer, size: number): Buffer {
  return size <= content.length
    ? content.subarray(0, size)
    : Buffer.concat([content, Buffer.alloc(size - content.length)])
}

function written(content: Buffer, { offset, data }: Change): Buffer {
  const next = Buffer.alloc(Math.max(content.length, offset + data.length))
  content.copy(next)
  data.copy(next, offset)
  return next
}

/** The first sectors of a write. */
function torn(change: Change, random: () => number): Change {
  const sectors = Math.ceil((change.offset + change.data.length) / SECTOR) - Math.floor(change.offset / SECTOR)
  const end = (Math.floor(change.offset / SECTOR) + Math.floor(random() * sectors)) * SECTOR
  return { ...change, data: change.data.subarray(0, Math.max(0, end - change.offset)) }
}
