import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createFile, syncFolder } from '../../util/create.ts'
import { writeFileAtomic } from '../../util/files.ts'
import type { Secret } from '../../util/secret.ts'
import type { KdfStrength } from '../keystore/files.ts'
import { MAX_RECORD_BYTES } from './limits.ts'
import { refusal } from './refusal.ts'
import { type KdfJson, kdfSchema, keyFrom, newKdf, type SealedJson, seal, sealedSchema, unseal } from './seal.ts'
import type { VaultScope } from './vault.ts'

/** `format` and `version` of a vault's head; a change that an older reader would misread bumps the version. docs/shares.md */
const FORMAT = 'lariat-share-vault'
const VERSION = 1
const HEAD = 'vault.json'
const SUFFIX = '.sealed'
/** Files that are no records yet, or no more. */
const TEMPORARY = '.tmp'
const NAME = /^[a-z]+(-[0-9a-z]{1,32})?$/

export const scopeSchema = z.strictObject({
  chain_id: z.int(),
  genesis_hash: z.string(),
  key_generation: z.string(),
  operator: z.string(),
})
const headSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  scope: scopeSchema,
  kdf: kdfSchema,
  /** Nothing, sealed: tells a wrong password from a damaged record. */
  check: sealedSchema,
})
const recordSchema = z.strictObject({ version: z.literal(VERSION), ...sealedSchema.shape })

export type ScopeJson = z.infer<typeof scopeSchema>

/** Encrypted records in a folder. Each is bound to its name and to the vault's scope: none opens as another. */
export interface SealedFolder {
  names(): Promise<string[]>
  /** @throws LariatError `shares.invalid` */
  read(name: string): Promise<Uint8Array>
  /** On disk when this resolves; the old content or the new is there after a kill, never a part. */
  write(name: string, plaintext: Uint8Array): Promise<void>
  /** Overwrites the file before it is removed. What a disk or its snapshots keep of old blocks is encrypted. */
  destroy(name: string): Promise<void>
  /** Forgets the key. */
  close(): void
}

/**
 * Opens the folder, or makes one when there is none.
 * @throws LariatError `shares.wrong-password`, `shares.other-scope`, `shares.invalid`
 */
export async function openSealedFolder(options: {
  readonly folder: string
  readonly scope: VaultScope
  readonly password: Secret<string>
  readonly strength: KdfStrength
}): Promise<SealedFolder> {
  const { folder, password } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await removeTemporary(folder)
  const scope = scopeJson(options.scope)
  const file = join(folder, HEAD)
  const head = (await readJson(file, headSchema)) ?? (await create(folder, scope, options.strength, password))
  if (JSON.stringify(head.scope) !== JSON.stringify(scope)) {
    throw refusal('other-scope', `${file}: it holds shares of another chain, contract or operator`, {
      file,
      ...head.scope,
    })
  }
  const key = await keyFrom(file, head.kdf, password)
  if (unseal(key, labelOf(scope, HEAD), head.check) === undefined) {
    throw refusal('wrong-password', `${file}: the password does not open it`, { file })
  }
  return sealedFolder(folder, scope, key)
}

export function scopeJson({ chainId, genesisHash, keyGeneration, operator }: VaultScope): ScopeJson {
  return {
    chain_id: chainId,
    genesis_hash: genesisHash.toLowerCase(),
    key_generation: keyGeneration.toLowerCase(),
    operator: operator.toLowerCase(),
  }
}

function sealedFolder(folder: string, scope: ScopeJson, key: Uint8Array): SealedFolder {
  let closed = false
  const path = (name: string) => {
    if (closed) throw refusal('closed', 'the share vault is closed')
    if (!NAME.test(name)) throw new RangeError(`${name} is no name of a record`)
    return join(folder, `${name}${SUFFIX}`)
  }
  return {
    async names() {
      const files = await readdir(folder)
      return files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length))
    },
    async read(name) {
      const file = path(name)
      const record = await readJson(file, recordSchema)
      const plaintext = record === undefined ? undefined : unseal(key, labelOf(scope, name), record)
      if (plaintext === undefined) {
        throw refusal('invalid', `${file}: it is damaged, or of another vault; restore it`, { file })
      }
      return plaintext
    },
    async write(name, plaintext) {
      const record = { version: VERSION, ...seal(key, labelOf(scope, name), plaintext) }
      await writeFileAtomic(path(name), `${JSON.stringify(record)}\n`, 0o600)
    },
    async destroy(name) {
      // out of the records first: a kill half way must not leave one that does not open
      const doomed = `${path(name)}${TEMPORARY}`
      try {
        await rename(path(name), doomed)
      } catch (error) {
        if (isMissing(error)) return
        throw error
      }
      await syncFolder(folder)
      await erase(doomed)
      await syncFolder(folder)
    },
    close() {
      closed = true
      key.fill(0)
    },
  }
}

async function create(
  folder: string,
  scope: ScopeJson,
  strength: KdfStrength,
  password: Secret<string>,
): Promise<z.infer<typeof headSchema>> {
  const file = join(folder, HEAD)
  if ((await readdir(folder)).some((name) => name.endsWith(SUFFIX))) {
    throw refusal('invalid', `${file}: it is missing, and the records beside it do not open without it; restore it`, {
      file,
    })
  }
  const kdf: KdfJson = newKdf(strength)
  const key = await keyFrom(file, kdf, password)
  const check: SealedJson = seal(key, labelOf(scope, HEAD), new Uint8Array())
  const head = { format: FORMAT, version: VERSION, scope, kdf, check } as const
  await createFile(file, `${JSON.stringify(head, undefined, 2)}\n`)
  return head
}

function labelOf(scope: ScopeJson, name: string): string {
  return `${FORMAT}/${VERSION}\n${JSON.stringify(scope)}\n${name}`
}

/** Undefined when there is no such file. @throws LariatError `shares.invalid` */
async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string
  try {
    if ((await stat(file)).size > MAX_RECORD_BYTES) throw refusal('invalid', `${file}: it is too large`, { file })
    const handle = await open(file, 'r')
    try {
      text = await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw refusal('invalid', `${file}: it is no file of a share vault; restore it`, { file })
  }
}

/** Overwrites a file with noise, and removes it. One that goes by another name as well, as a head that was just made, loses this name only. */
async function erase(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    const { size, nlink } = await handle.stat()
    if (nlink === 1) {
      await handle.write(randomBytes(size), 0, size, 0)
      await handle.sync()
    }
  } finally {
    await handle.close()
  }
  await rm(file, { force: true })
}

/** What a kill left: of a write that was not finished, or of something that was being destroyed. */
async function removeTemporary(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((file) => file.endsWith(TEMPORARY))
  for (const file of left) await erase(join(folder, file))
  if (left.length > 0) await syncFolder(folder)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
