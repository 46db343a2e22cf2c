import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { LariatError } from '../../util/errors.ts'
import { writeFileAtomic } from '../../util/files.ts'
import type { Hex } from '../../util/hex.ts'
import { toJson } from '../../util/json.ts'

const VERSION = 1

const intentSchema = z.strictObject({
  version: z.literal(VERSION),
  genesisHash: z.string(),
  /** The command as it was given: what must be the same for a run to go on with it. */
  command: z.string(),
  /** Names of the last transaction, as in the record of transactions, and the first nonce that it can have. */
  last: z.string(),
  firstNonce: z.string().regex(/^\d{1,20}$/),
})

/** A command that somebody agreed to, and that may not have ended. */
export interface Intent {
  readonly command: string
  readonly last: string
  readonly firstNonce: bigint
}

/**
 * What was begun. To stake ten ether twice may be just what is wanted, so the chain cannot tell whether a command that was
 * cut short did its work; this file and the record of transactions together can.
 */
export interface Intents {
  read(): Promise<Intent | undefined>
  begin(intent: Intent): Promise<void>
  end(): Promise<void>
}

/** @throws LariatError (its methods) `stake.intent` when the file is damaged */
export function createIntents(file: string, genesisHash: Hex): Intents {
  return {
    async read() {
      let text: string
      try {
        text = await readFile(file, 'utf8')
      } catch {
        return undefined
      }
      try {
        const intent = intentSchema.parse(JSON.parse(text))
        if (intent.genesisHash !== genesisHash) return undefined
        return { command: intent.command, last: intent.last, firstNonce: BigInt(intent.firstNonce) }
      } catch (error) {
        throw new LariatError(
          'stake.intent',
          `${file}, which says what an earlier command began, cannot be read: see on a block explorer what it did, then remove the file`,
          { file },
          error,
        )
      }
    },
    async begin(intent) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFileAtomic(file, `${toJson({ version: VERSION, genesisHash, ...intent }, 2)}\n`, 0o600)
    },
    end: () => rm(file, { force: true }),
  }
}
