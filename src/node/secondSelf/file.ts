import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { reasonOf, type Sighting, type Sightings } from '../../avs/secondSelf/sighting.ts'
import { describe, LariatError } from '../../util/errors.ts'
import { toJson } from '../../util/json.ts'
import type { Log } from '../../util/log.ts'

/** Version of the file's format. */
const VERSION = 1

/** Of what was seen, as much as is read again: the rest is for people. */
const fileSchema = z.looseObject({ version: z.literal(VERSION), at: z.number(), reason: z.string().max(4_096) })

/** What a file says of the first sighting that is not settled. */
export interface Recorded {
  /** ms since the epoch. */
  readonly at: number
  readonly reason: string
}

/**
 * The sighting on file; undefined when there is no file.
 * @throws LariatError `second-self.damaged` when it cannot be read: something was seen, and nobody knows what
 */
export function readSighting(file: string): Recorded | undefined {
  try {
    const { at, reason } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { at, reason }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new LariatError(
      'second-self.damaged',
      `${file} is there and cannot be read: another instance of this operator was seen, and what is known of it is in the log of that time`,
      { file },
      error,
    )
  }
}

/**
 * Sightings of another instance, kept in `file` from the first one on, over restarts: on disk before `report` returns.
 * While there is one, nothing is signed; the file is moved away by an operator's command only.
 */
export function openSightings(file: string, log: Log): Sightings {
  let current = found(file)
  if (current !== undefined)
    log.error(`nothing is signed: ${current.reason}`, { mend: 'find and stop it, then run lariat resume' })

  const handlers = new Set<() => void>()
  return {
    current: () => current,
    onReport(handler) {
      handlers.add(handler)
      return () => {
        handlers.delete(handler)
      }
    },
    report(sighting: Sighting) {
      const reason = reasonOf(sighting)
      if (current !== undefined) {
        log.debug('the other instance was seen again', { reason })
        return
      }
      // first of all: from here on nothing is signed
      current = { at: sighting.at, reason }
      log.error(`signing has stopped: ${reason}`, {
        ...{ peer: sighting.peer, peerOperator: sighting.peerOperator, form: sighting.form },
        statement: sighting.statement,
        mend: 'find and stop it, then run lariat resume',
      })
      try {
        writeDurably(file, `${toJson({ version: VERSION, reason, ...sighting }, 2)}\n`)
      } catch (error) {
        // this process signs nothing more in any case, and one that is started looks again
        log.error('what was seen of another instance could not be written', { file, error: describe(error) })
      }
      for (const handler of handlers) handler()
    },
  }
}

function found(file: string): Recorded | undefined {
  try {
    return readSighting(file)
  } catch (error) {
    return { at: 0, reason: describe(error) }
  }
}

/** In one step: there is no file, or a whole one. Not asynchronous, as nothing else may happen before it. */
function writeDurably(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
