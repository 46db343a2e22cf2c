import { createHash } from 'node:crypto'
import type { Hex } from '../../util/hex.ts'

/** `metadata.interchange_format` of a file. */
export const FORMAT = 'lariat-guard'
/** Version of the format, docs/guard.md; a change that an older reader would misread bumps it. */
export const FORMAT_VERSION = '1'

/** Bytes of a file: a million statements, and what JavaScript can hold as one string. */
export const MAX_FILE_BYTES = 256 * 1_048_576
/** Streams of a file: four kinds of a thousand services. */
export const MAX_STREAMS = 4_096
/** Statements of a file; they are held in memory while they are merged, at some 400 bytes each. */
export const MAX_ENTRIES = 2_000_000

/** A statement that was signed, as JSON: integers are decimal strings. */
export interface EntryJson {
  readonly slot: string
  readonly attempt: string
  readonly epoch: string
  /** 32 bytes; null where two payloads met and nothing may be signed. */
  readonly payload: Hex | null
}

/** What was signed of one kind of statement of one service by one operator. */
export interface StreamJson {
  readonly chain_id: string
  readonly genesis_hash: Hex
  readonly service_manager: Hex
  readonly operator: Hex
  readonly service: Hex
  readonly kind: string
  /** Lowest slot that may be signed. */
  readonly low_watermark: string
  readonly signed: readonly EntryJson[]
}

export interface MetadataJson {
  readonly interchange_format: typeof FORMAT
  readonly interchange_format_version: typeof FORMAT_VERSION
  /** ISO 8601. */
  readonly exported_at: string
  /** The record that the file was made from, 16 bytes. */
  readonly record_id: Hex
  /** Whether that record was retired: it signs nothing any more, and whoever imports this file may. */
  readonly retired: boolean
  /** ms since the epoch: nothing that was triggered before may be signed. */
  readonly not_before_ms: string
  /** SHA-256 of `data` as compact JSON; a file that was edited by hand may leave it out. */
  readonly data_sha256?: Hex
}

export interface InterchangeJson {
  readonly metadata: MetadataJson
  readonly data: readonly StreamJson[]
}

/** SHA-256 of `data` as compact JSON. */
export function dataHash(data: readonly unknown[]): Hex {
  return `0x${createHash('sha256').update(JSON.stringify(data)).digest('hex')}`
}

/** The text of a file. A line for each statement, so that files can be compared by line. */
export function writeInterchange({ metadata, data }: InterchangeJson): string {
  const streams = data.map(({ signed, ...stream }) => {
    const head = JSON.stringify(stream).slice(0, -1)
    const rows = signed.map((entry) => `\n      ${JSON.stringify(entry)}`).join(',')
    return `\n    ${head},"signed":[${rows}${rows === '' ? '' : '\n    '}]}`
  })
  const complete: MetadataJson = { ...metadata, data_sha256: dataHash(data) }
  return `{\n  "metadata": ${JSON.stringify(complete)},\n  "data": [${streams.join(',')}${streams.length === 0 ? '' : '\n  '}]\n}\n`
}
