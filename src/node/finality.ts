import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import type { FinalStore } from '../chain/heads.ts'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { toJson } from '../util/json.ts'

/** Version of the file's format. */
const VERSION = 1

const hash = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))
const schema = z.strictObject({
  version: z.literal(VERSION),
  genesisHash: hash,
  number: z
    .string()
    .regex(/^\d{1,20}$/)
    .transform(BigInt),
  hash,
})

/**
 * The last final block that the providers agreed on, in a file: after a restart the chain must still have it. What is kept
 * of another chain is passed over.
 * @throws LariatError `chain.finality-file` when the file is damaged
 */
export function openFinality(file: string, genesisHash: Hex): FinalStore {
  return {
    get() {
      const kept = read(file)
      return kept?.genesisHash === genesisHash ? { number: kept.number, hash: kept.hash } : undefined
    },
    set({ number, hash }) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      const temporary = `${file}.tmp`
      const descriptor = openSync(temporary, 'w', 0o600)
      try {
        writeSync(descriptor, `${toJson({ version: VERSION, genesisHash, number, hash }, 2)}\n`)
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      renameSync(temporary, file)
    },
  }
}

function read(file: string): z.output<typeof schema> | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new LariatError(
      'chain.finality-file',
      `${file}, the last final block that was seen, cannot be read: see on a block explorer that your providers serve the right chain, then remove the file`,
      { file },
      error,
    )
  }
}
