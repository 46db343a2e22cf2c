import type { ForeignStream } from '../../store/sqlite/guardArchive.ts'
import { statementDigest } from '../../types/digest.ts'
import { Kind } from '../../types/statement.ts'
import { LariatError } from '../../util/errors.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import { progressLine } from '../../util/progress.ts'
import { dataHash, FORMAT, FORMAT_VERSION, MAX_ENTRIES, MAX_FILE_BYTES, MAX_STREAMS } from './format.ts'
import { at, boolean, bytes, integer, keysOf, list, type Place, record, refuse, text } from './read.ts'

/** A file that was read and found to be in order. */
export interface Interchange {
  /** ISO 8601, as the file says. */
  readonly exportedAt: string
  readonly recordId: Hex
  readonly retired: boolean
  /** ms since the epoch. */
  readonly notBeforeMs: number
  readonly streams: readonly ForeignStream[]
}

/** Entries between two words on how far it is: a few milliseconds of work. */
const TOLD_EVERY = 1_024
const MAX_STORED = (1n << 63n) - 1n
/** Largest time that a Date can hold, ms. */
const MAX_TIME = 8_640_000_000_000_000n
const KINDS: readonly number[] = Object.values(Kind)

const TOP = ['metadata', 'data']
const METADATA = [
  'interchange_format',
  'interchange_format_version',
  'exported_at',
  'record_id',
  'retired',
  'not_before_ms',
]
const STREAM = ['chain_id', 'genesis_hash', 'service_manager', 'operator', 'service', 'kind', 'low_watermark', 'signed']
const ENTRY = ['slot', 'attempt', 'epoch', 'payload']

/**
 * Reads an interchange file. What is not exactly as the format says is refused, and so is a file that contradicts itself.
 * @param file for messages
 * @throws LariatError `interchange.invalid`, `interchange.version`, `interchange.contradiction`, `interchange.too-large`
 */
export function parseInterchange(content: Uint8Array, file: string): Interchange {
  if (content.length > MAX_FILE_BYTES) {
    throw new LariatError(
      'interchange.too-large',
      `${file} has ${content.length} bytes, and an interchange file at most ${MAX_FILE_BYTES}: export again with --newest`,
      { file },
    )
  }
  const place: Place = { file, path: '' }
  const json = decode(content, place)
  const top = record(parse(json, place), TOP, [], place)
  const metadata = readMetadata(top.metadata, at(place, 'metadata'))
  const items = list(top.data, MAX_STREAMS, at(place, 'data'))
  let keys = TOP.length + metadata.keys
  const streams: ForeignStream[] = []
  const geneses = new Map<number, Hex>()
  const known = new Set<string>()
  let left = MAX_ENTRIES
  for (const [i, item] of items.entries()) {
    const where = at(place, `data[${i}]`)
    const stream = readStream(item, left, where)
    left -= stream.entries.length
    keys += STREAM.length + ENTRY.length * stream.entries.length
    const { chainId, genesisHash, serviceManager, operator, service, kind } = stream.key
    if ((geneses.get(chainId) ?? genesisHash) !== genesisHash) {
      throw contradiction(where, `chain ${chainId} has two genesis hashes`)
    }
    geneses.set(chainId, genesisHash)
    const id = [chainId, serviceManager, operator, service, kind].join('/')
    if (known.has(id)) throw refuse(where, 'is the second one of its chain, service and kind', 'put both in one')
    known.add(id)
    streams.push(stream)
  }
  // JSON takes the last of two equal keys: what is counted here shows that nothing was said twice and taken once
  if (keysOf(json) !== keys) throw refuse(place, 'names a key twice', 'export it again')
  const { hash } = metadata
  if (hash !== undefined && dataHash(items) !== hash) {
    throw refuse(
      at(place, 'metadata.data_sha256'),
      'is not the hash of data',
      'export it again; if the file was changed on purpose, remove this key',
    )
  }
  return { ...metadata.facts, streams }
}

function decode(content: Uint8Array, place: Place): string {
  let json: string
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw refuse(place, 'is not UTF-8 text', 'name a file that lariat guard export has written')
  }
  if (json.includes('\\')) throw refuse(place, 'has an escaped character', 'the format has none: export it again')
  return json
}

function parse(json: string, place: Place): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw refuse(place, 'is not JSON, or is cut short', 'name a file that lariat guard export has written')
  }
}

function readMetadata(value: unknown, place: Place) {
  const fields = record(value, METADATA, ['data_sha256'], place)
  const format = text(fields.interchange_format, at(place, 'interchange_format'))
  if (format !== FORMAT) throw refuse(at(place, 'interchange_format'), `is ${format}`, `it must be ${FORMAT}`)
  const version = text(fields.interchange_format_version, at(place, 'interchange_format_version'))
  if (version !== FORMAT_VERSION) {
    throw new LariatError(
      'interchange.version',
      `${place.file} has version ${version} of the format, this lariat knows ${FORMAT_VERSION}: use the lariat that wrote it`,
      { file: place.file, version },
    )
  }
  const exportedAt = text(fields.exported_at, at(place, 'exported_at'))
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(exportedAt) || Number.isNaN(Date.parse(exportedAt))) {
    throw refuse(at(place, 'exported_at'), 'is no time', 'write it as 2026-01-31T12:00:00Z')
  }
  const hash = fields.data_sha256 === undefined ? undefined : bytes(fields.data_sha256, 32, at(place, 'data_sha256'))
  return {
    keys: METADATA.length + (hash === undefined ? 0 : 1),
    hash,
    facts: {
      exportedAt,
      recordId: bytes(fields.record_id, 16, at(place, 'record_id')),
      retired: boolean(fields.retired, at(place, 'retired')),
      notBeforeMs: Number(integer(fields.not_before_ms, MAX_TIME, at(place, 'not_before_ms'))),
    },
  }
}

function readStream(value: unknown, maxEntries: number, place: Place): ForeignStream {
  const fields = record(value, STREAM, [], place)
  const field = (name: string) => [fields[name], at(place, name)] as const
  const whole = (name: string, max: bigint) => integer(fields[name], max, at(place, name))
  const hex = (name: string, size: number) => bytes(fields[name], size, at(place, name))
  const key = {
    chainId: Number(whole('chain_id', BigInt(Number.MAX_SAFE_INTEGER))),
    genesisHash: hex('genesis_hash', 32),
    serviceManager: hex('service_manager', 20),
    operator: hex('operator', 20),
    service: hex('service', 32),
    kind: Number(whole('kind', 255n)),
  }
  const kind = KINDS.find((known) => known === key.kind) as Kind | undefined
  if (kind === undefined) throw refuse(at(place, 'kind'), `is ${key.kind}`, `it must be one of ${KINDS.join(', ')}`)
  const watermark = whole('low_watermark', MAX_STORED)
  const [signed, where] = field('signed')
  const entries = new Map<string, ForeignStream['entries'][number]>()
  for (const [i, item] of list(signed, maxEntries, where).entries()) {
    if (i % TOLD_EVERY === 0) progressLine.tick(`reading statement ${i} of a stream`)
    const spot: Place = { ...place, path: `${where.path}[${i}]` }
    const entry = readEntry(item, spot)
    const { slot, attempt, epoch, payload } = entry
    const id = `${slot}/${attempt}`
    const before = entries.get(id)
    if (before !== undefined) {
      throw same(before.payload, payload)
        ? refuse(spot, `is the second entry of slot ${slot} attempt ${attempt}`, 'remove one of them')
        : contradiction(spot, `slot ${slot} attempt ${attempt} has two payloads`)
    }
    const digest =
      payload === undefined
        ? undefined
        : statementDigest(
            { chainId: key.chainId, serviceManager: key.serviceManager },
            { service: key.service, kind, epoch, slot, attempt, payload: bytesToHex(payload) },
          )
    entries.set(id, { ...entry, digest })
  }
  return { key, watermark, entries: [...entries.values()] }
}

function readEntry(value: unknown, place: Place) {
  const fields = record(value, ENTRY, [], place)
  return {
    slot: integer(fields.slot, MAX_STORED, at(place, 'slot')),
    attempt: Number(integer(fields.attempt, 0xffffn, at(place, 'attempt'))),
    epoch: integer(fields.epoch, MAX_STORED, at(place, 'epoch')),
    payload: fields.payload === null ? undefined : hexToBytes(bytes(fields.payload, 32, at(place, 'payload'))),
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0
}

function contradiction({ file, path }: Place, what: string): LariatError {
  return new LariatError(
    'interchange.contradiction',
    `${file}: ${path} contradicts the rest, ${what}: nothing was imported. Find out which machine signed what before this operator signs again`,
    { file, path },
  )
}
