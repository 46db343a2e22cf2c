import type { EpochTable } from './epoch.ts'
import type { Statement } from './statement.ts'

/** One operator's BLS signature of a statement. */
export interface PartialSignature {
  readonly statement: Statement
  /** Row of the signer in the statement's epoch. */
  readonly author: number
  /** G2, compressed, 96 bytes. */
  readonly signature: Uint8Array
}

/** The sum of the partials that hold a quorum of weight, with the bitmap of who is absent. */
export interface Certificate {
  readonly statement: Statement
  /** Row i is bit (i % 8) of byte i / 8; no trailing zero bytes. */
  readonly absent: Uint8Array
  /** G2, compressed, 96 bytes. */
  readonly signature: Uint8Array
}

/** Bitmap of the rows of `table` that are not in `signers`, trailing zero bytes left out. */
export function absentBitmap(table: EpochTable, signers: ReadonlySet<number>): Uint8Array {
  const bits = new Uint8Array(Math.ceil(table.members.length / 8))
  for (const { index } of table.members) {
    if (!signers.has(index)) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
  }
  let end = bits.length
  while (end > 0 && bits[end - 1] === 0) end--
  return bits.slice(0, end)
}

/** Rows that signed; undefined when the bitmap names rows beyond the table or has trailing zero bytes. */
export function signersOf(table: EpochTable, absent: Uint8Array): number[] | undefined {
  const size = table.members.length
  if (absent.length > Math.ceil(size / 8) || (absent.length > 0 && absent[absent.length - 1] === 0)) return undefined
  const signers: number[] = []
  for (let row = 0; row < absent.length * 8 || row < size; row++) {
    const isAbsent = ((absent[row >> 3] ?? 0) >> (row & 7)) & 1
    if (row >= size) {
      if (isAbsent) return undefined
    } else if (!isAbsent) signers.push(row)
  }
  return signers
}
