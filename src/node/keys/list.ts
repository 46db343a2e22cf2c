import { opendir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { inspectKeyFile, type KeyFile } from '../../signer/keyFiles.ts'
import { LariatError } from '../../util/errors.ts'

/** Files of a folder that are looked at: a folder of keys has a handful. */
const MAX_FILES = 1_000

/** A key file with what one should do about it. */
export interface ListedKey extends KeyFile {
  readonly warnings: readonly string[]
}

/**
 * The key files of a folder, by name, without opening any. Files that are no keystores are passed over.
 * @throws LariatError `usage.keys` when it cannot be read or holds too much
 */
export async function listKeys(dir: string): Promise<ListedKey[]> {
  const names: string[] = []
  try {
    for await (const entry of await opendir(dir)) {
      if (entry.isFile() && entry.name.endsWith('.json')) names.push(entry.name)
      if (names.length > MAX_FILES) {
        throw new LariatError('usage.keys', `${dir} has more than ${MAX_FILES} files: name the folder of the keys`)
      }
    }
  } catch (error) {
    if (error instanceof LariatError) throw error
    throw new LariatError('usage.keys', `${dir} cannot be read: name the folder of the keys`, {}, error)
  }
  const found: ListedKey[] = []
  for (const name of names.sort()) {
    try {
      found.push(await describe(await inspectKeyFile(resolve(join(dir, name)))))
    } catch (error) {
      if (!(error instanceof LariatError) || error.code !== 'keystore.invalid') throw error
    }
  }
  return found
}

/** One line a key, for people. */
export function renderKeys(keys: readonly ListedKey[]): string {
  if (keys.length === 0) return 'no key files'
  return keys
    .map((key) => {
      const id = key.address ?? key.publicKey ?? 'states no public key'
      const facts = [key.kind.padEnd(5), key.file, id, ...(key.path === undefined ? [] : [key.path])]
      return [facts.join('  '), ...key.warnings.map((warning) => `       ! ${warning}`)].join('\n')
    })
    .join('\n')
}

async function describe(key: KeyFile): Promise<ListedKey> {
  const files: [string, number][] = [[key.file, key.mode]]
  if (key.passwordFile !== undefined) files.push([key.passwordFile, (await stat(key.passwordFile)).mode & 0o777])
  const open = files.filter(([, mode]) => (mode & 0o077) !== 0)
  return {
    ...key,
    warnings: open.map(([file, mode]) => `mode ${mode.toString(8)}: open to other users; chmod 600 ${file}`),
  }
}
