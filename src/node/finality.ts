import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import type { FinalBlock, FinalStore, UndoneBlock } from '../chain/heads.ts'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { toJson } from '../util/json.ts'

/** Version of the file's format. 2 brought `undone`; a file of version 1 is read as one without. */
const VERSION = 2

const hash = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))
const block = {
  number: z
    .string()
    .regex(/^\d{1,20}$/)
    .transform(BigInt),
  hash,
}
const common = { genesisHash: hash, ...block }
const schema = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal(1), ...common }),
  z.strictObject({
    version: z.literal(VERSION),
    ...common,
    undone: z.strictObject({ ...block, instead: hash, at: z.number().min(0) }).optional(),
  }),
])

/** The file, and what an operator may change in it. */
export interface Finality extends FinalStore {
  /** Takes `block` as the last final one, whatever was undone: the chain must go on from it. */
  settle(block: FinalBlock): void
}

/**
 * The last final block that the providers agreed on, in a file: after a restart the chain must still have it. When it had not,
 * the file says so until an operator has acknowledged it. What is kept of another chain is passed over.
 * @throws LariatError `chain.finality-file` when the file is damaged
 */
export function openFinality(file: string, genesisHash: Hex): Finality {
  const known = () => {
    const kept = read(file)
    return kept?.genesisHash === genesisHash ? kept : undefined
  }
  const undone = () => {
    const kept = known()
    return kept?.version === VERSION ? kept.undone : undefined
  }
  const put = (content: FinalBlock, lost?: UndoneBlock) => {
    const { number, hash } = content
    write(file, { version: VERSION, genesisHash, number, hash, ...(lost === undefined ? {} : { undone: lost }) })
  }
  return {
    get() {
      const kept = known()
      return kept === undefined ? undefined : { number: kept.number, hash: kept.hash }
    },
    undone,
    set: (next) => put(next, undone()),
    halt: (lost) => put(lost, undone() ?? lost),
    settle: (next) => put(next),
  }
}

/** Hash of block 0 of the chain that the file is of; undefined when there is none. @throws LariatError `chain.finality-file` */
export function recordedGenesis(file: string): Hex | undefined {
  return read(file)?.genesisHash
}

/** In one step: the file is as it was, or whole and on disk. */
function write(file: string, content: unknown): void {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.tmp`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeSync(descriptor, `${toJson(content, 2)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  const directory = openSync(folder, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
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
