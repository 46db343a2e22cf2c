import { inspectKeyFile, type KeyFile, openKeyFile, statedIdentity } from '../../signer/keyFiles.ts'
import type { PasswordSource } from '../../signer/keystore/files.ts'
import { blsPath, deriveAccountSecret, deriveBlsSecret } from '../../signer/mnemonic.ts'
import { LariatError } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import type { Secret } from '../../util/secret.ts'
import { listKeys } from './list.ts'
import type { KeysIo } from './make.ts'
import { type MnemonicSource, passwordOf, readMnemonic } from './source.ts'

/** Keys of a mnemonic that are tried for a file that does not say which one it has. */
const INDICES_TRIED = 16

export interface BackupCheckOptions extends MnemonicSource, PasswordSource {
  /** Folder of the keys that are in use. */
  readonly dir: string
  /** Folder with copies of them; the mnemonic is checked unless it is given. */
  readonly backup?: string | undefined
}

/** Whether a backup gives one key back. */
export interface BackedUp {
  readonly file: string
  readonly kind: KeyFile['kind']
  readonly identity: Hex | undefined
  readonly ok: boolean
  /** What gives it back, or why nothing does and what to do. */
  readonly how: string
}

/**
 * Sees, for every key in a folder, that the backup gives it back: that the mnemonic derives it, or that a copy opens.
 * @throws LariatError `usage.keys`, `keystore.mnemonic`, `keystore.…` of files that cannot be read
 */
export async function checkBackup(options: BackupCheckOptions, io: KeysIo): Promise<readonly BackedUp[]> {
  const keys = await listKeys(options.dir)
  if (keys.length === 0) throw new LariatError('usage.keys', `${options.dir} has no key files: name the keys' folder`)
  const restore = options.backup === undefined ? await fromMnemonic(options, io) : await fromCopies(options, io)
  const checked: BackedUp[] = []
  for (const key of keys) {
    const { file, kind, address, publicKey } = key
    const identity = address ?? publicKey
    const found =
      identity === undefined
        ? { ok: false, how: 'the file does not state its public half, so nothing can be compared: import it anew' }
        : await restore(key, identity)
    checked.push({ file, kind, identity, ...found })
  }
  return checked
}

/** One line a key, for people. */
export function renderBackup(checked: readonly BackedUp[]): string {
  return checked
    .map(({ ok, kind, file, how }) => `${ok ? 'ok  ' : 'FAIL'}  ${kind.padEnd(5)}  ${file}: ${how}`)
    .join('\n')
}

type Restore = (key: KeyFile, identity: Hex) => Promise<{ readonly ok: boolean; readonly how: string }>

async function fromMnemonic(options: BackupCheckOptions, io: KeysIo): Promise<Restore> {
  const mnemonic = await readMnemonic(options, io)
  return async ({ kind, path }, identity) => {
    if (kind === 'bn254') return { ok: false, how: 'a BN254 key comes from no mnemonic: keep a copy, see --backup' }
    const stated = indexOf(path)
    if (kind === 'bls' && path !== undefined && stated === undefined) {
      return { ok: false, how: `its path ${path} is none of Lariat's: keep a copy, see --backup` }
    }
    const tried = stated === undefined ? Array.from({ length: INDICES_TRIED }, (_, i) => i) : [stated]
    for (const index of tried) {
      const secret = kind === 'bls' ? deriveBlsSecret(mnemonic, index) : deriveAccountSecret(mnemonic, index)
      if (isKey(kind, secret, identity)) return { ok: true, how: `the mnemonic gives it back, --index ${index}` }
    }
    return { ok: false, how: 'the mnemonic does not give it back: it is of another one, or of none; keep a copy' }
  }
}

async function fromCopies(options: BackupCheckOptions, io: KeysIo): Promise<Restore> {
  const copies = await listKeys(options.backup ?? '')
  if (options.passwordFd !== undefined && copies.length > 1) {
    throw new LariatError('usage.keys', 'a descriptor is read once, for one copy: use --password-file for several')
  }
  return async (key, identity) => {
    const copy = copies.find((one) => one.kind === key.kind && (one.address ?? one.publicKey) === identity)
    if (copy === undefined)
      return { ok: false, how: `${options.backup} has no copy of it: lariat keys export makes one` }
    try {
      const { passwordFile } = await inspectKeyFile(copy.file)
      const location = { keystore: copy.file, ...passwordOf(options, passwordFile) }
      const secret = await openKeyFile(copy.kind, location, io.log)
      return isKey(copy.kind, secret, identity)
        ? { ok: true, how: `${copy.file} opens and holds it` }
        : { ok: false, how: `${copy.file} opens and holds another key` }
    } catch (error) {
      if (error instanceof LariatError) return { ok: false, how: error.message }
      throw error
    }
  }
}

function isKey(kind: KeyFile['kind'], secret: Secret<Uint8Array>, identity: Hex): boolean {
  return statedIdentity(kind, secret).toLowerCase() === identity.toLowerCase()
}

/** The number in one of our own paths. */
function indexOf(path: string | undefined): number | undefined {
  const index = Number(path?.split('/')[3])
  return Number.isSafeInteger(index) && blsPath(index) === path ? index : undefined
}
