import { statSync } from 'node:fs'
import type { Interchange } from '../../signer/interchange/parse.ts'
import { checkCurrent, type GuardReader, readGuard, type StreamFacts } from '../../store/sqlite/guardArchive.ts'
import { statementDigest } from '../../types/digest.ts'
import type { Kind } from '../../types/statement.ts'
import { LariatError } from '../../util/errors.ts'
import { bytesToHex } from '../../util/hex.ts'
import { progressLine } from '../../util/progress.ts'
import { readInterchange } from './import.ts'
import { type GuardPlace, guardPath } from './place.ts'

/** Size of a record that takes a second or so to look through. */
const LARGE_BYTES = 32 * 1_048_576
/** Problems that are named; a broken disk has more. */
const MAX_PROBLEMS = 20

export interface Verified {
  readonly path: string
  readonly entries: number
  /** What is wrong, at most 20; empty when the record is whole. */
  readonly problems: readonly string[]
}

/**
 * Looks at every entry of the record: that the file is whole, that each digest is the one of its statement, that it is the
 * record that was here last, and, given an interchange file, that it is at least as strict as that. A node may be running.
 */
export async function verifyGuard(place: GuardPlace, file?: string): Promise<Verified> {
  const path = await guardPath(place)
  const interchange = file === undefined ? undefined : await readInterchange(file)
  const problems: string[] = []
  let entries = 0
  const reader = readGuard(path)
  try {
    // SQLite looks at all of the file in one go, in which nothing else gets its turn
    if (statSync(path).size > LARGE_BYTES) progressLine.drawNow('the file as a whole')
    problems.push(...reader.faults().map((fault) => `${path} is damaged: ${fault}`))
    if ((statSync(path).mode & 0o077) !== 0) problems.push(`others may read ${path}: chmod 600 it`)
    for (const facts of reader.streams()) {
      entries += facts.entries
      problems.push(...wrongDigests(reader, facts))
    }
    if (interchange !== undefined) problems.push(...weaker(reader, interchange))
  } finally {
    reader.close()
  }
  try {
    checkCurrent(path)
  } catch (error) {
    if (!(error instanceof LariatError)) throw error
    problems.push(error.message)
  }
  return { path, entries, problems: problems.slice(0, MAX_PROBLEMS) }
}

function* wrongDigests(reader: GuardReader, { key }: StreamFacts): Generator<string> {
  for (const { slot, attempt, epoch, payload, digest } of reader.entries(key)) {
    if (payload === null) continue
    const statement = { service: key.service, kind: key.kind as Kind, epoch, slot, attempt, payload }
    if (bytesToHex(statementDigest(key, statement)) !== digest) {
      yield `slot ${slot} attempt ${attempt} of service ${key.service} has a digest that is not its statement's`
    }
  }
}

/** Where the record would sign what the file forbids. */
function* weaker(reader: GuardReader, { streams, notBeforeMs }: Interchange): Generator<string> {
  const mend = 'lariat guard import it'
  if (reader.record().floorMs < notBeforeMs) {
    yield `the file forbids what was triggered before ${new Date(notBeforeMs).toISOString()}, the record does not: ${mend}`
  }
  const known = reader.streams()
  for (const { key, watermark, entries } of streams) {
    const name = `service ${key.service}, kind ${key.kind}`
    const own = known.find(({ key: { chainId, serviceManager, operator, service, kind } }) =>
      [chainId, serviceManager, operator, service, kind].every(
        (part, i) => part === [key.chainId, key.serviceManager, key.operator, key.service, key.kind][i],
      ),
    )
    const low = own?.watermark ?? 0n
    if (low < watermark)
      yield `${name}: the file forbids slots below ${watermark}, the record those below ${low}: ${mend}`
    const payloads = new Map(
      own === undefined
        ? []
        : [...reader.entries(own.key)].map((entry) => [`${entry.slot}/${entry.attempt}`, entry.payload]),
    )
    for (const { slot, attempt, payload } of entries) {
      if (slot < low) continue
      const recorded = payloads.get(`${slot}/${attempt}`)
      const theirs = payload === undefined ? null : bytesToHex(payload)
      if (recorded === undefined)
        yield `${name}: slot ${slot} attempt ${attempt} is in the file and not in the record: ${mend}`
      else if (recorded !== null && recorded !== theirs) {
        yield `${name}: slot ${slot} attempt ${attempt} has another payload in the file: this operator has signed twice, or the file is wrong; ${mend} to bar the slot`
      }
    }
  }
}
