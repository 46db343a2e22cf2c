import { join } from 'node:path'
import { inspectKeyFile, type KeyKind, openKeyFile, parseSecretKey } from '../../signer/keyFiles.ts'
import { successorOf } from '../../signer/keyRing.ts'
import type { PasswordSource } from '../../signer/keystore/files.ts'
import { readSecretText } from '../../signer/keystore/password.ts'
import { blsPath, deriveAccountSecret, deriveBlsSecret } from '../../signer/mnemonic.ts'
import { LariatError } from '../../util/errors.ts'
import { refuseOwnPassword } from './create.ts'
import { type KeySpec, type KeysIo, type MadeKey, makeKeys, type NewPassword } from './make.ts'
import { type MnemonicSource, oneOf, passwordOf, readMnemonic } from './source.ts'

export interface ImportOptions extends NewPassword, MnemonicSource, PasswordSource {
  /** Folder of the new keystores. */
  readonly dir?: string | undefined
  /** Instead: the BLS keystore that the imported one follows. */
  readonly after?: string | undefined
  /** Which key and account of the mnemonic. */
  readonly index: number
  /** Another tool's keystore, whose key is encrypted anew. */
  readonly keystore?: string | undefined
  /** A secret key in hexadecimal; `kind` says of what. */
  readonly secretFile?: string | undefined
  readonly secretFd?: number | undefined
  /** Of a mnemonic: only this key. */
  readonly kind?: KeyKind | undefined
}

/**
 * Puts existing keys into new keystores: those of a mnemonic, one of another tool's keystore, or a bare secret key.
 * @throws LariatError `usage.keys`, `file.exists`, `keystore.…`
 */
export async function importKeys(options: ImportOptions, io: KeysIo): Promise<MadeKey[]> {
  const { dir, after } = options
  if ((dir === undefined) === (after === undefined)) {
    throw new LariatError('usage.keys', 'give --dir FOLDER, or --after KEYSTORE for a BLS key that follows another')
  }
  if (after !== undefined) refuseOwnPassword(options)
  const found = await readKeys(options, io)
  const specs = found.map((key): KeySpec => {
    if (after === undefined) return { ...key, keystore: join(dir ?? '.', fileName(key.kind)) }
    if (key.kind !== 'bls') throw new LariatError('usage.keys', `--after takes BLS keys, and this is ${key.kind}`)
    return { ...key, keystore: successorOf(after).keystore }
  })
  return makeKeys(specs, options, io)
}

type FoundKey = Omit<KeySpec, 'keystore'>

async function readKeys(options: ImportOptions, io: KeysIo): Promise<FoundKey[]> {
  const { keystore, kind } = options
  const bare = oneOf(options.secretFile, options.secretFd, '--secret-file and --secret-fd')
  const fromMnemonic = options.mnemonicFile !== undefined || options.mnemonicFd !== undefined
  if ([keystore !== undefined, bare !== undefined, fromMnemonic].filter(Boolean).length > 1) {
    throw new LariatError('usage.keys', 'give one of --mnemonic-…, --keystore and --secret-…')
  }
  if (keystore !== undefined) {
    const file = await inspectKeyFile(keystore)
    if (kind !== undefined && kind !== file.kind) {
      throw new LariatError('usage.keys', `${keystore} holds a key of kind ${file.kind}, not ${kind}`)
    }
    const secret = await openKeyFile(file.kind, { keystore, ...passwordOf(options, file.passwordFile) }, io.log)
    return [{ kind: file.kind, secret, path: file.path }]
  }
  if (bare !== undefined) {
    if (kind === undefined) throw new LariatError('usage.keys', 'say with --kind what the secret key is of')
    const place = 'file' in bare ? bare.file : `file descriptor ${bare.fd}`
    return [{ kind, secret: parseSecretKey(await readSecretText(bare, 'secret key', io.log), place) }]
  }
  if (kind === 'bn254') throw new LariatError('usage.keys', 'BN254 keys come from no mnemonic: use --secret-file')
  const mnemonic = await readMnemonic(options, io)
  const { index } = options
  const keys: FoundKey[] = []
  const both = kind === undefined && options.after === undefined
  if (both || kind !== 'ecdsa') {
    keys.push({ kind: 'bls', secret: deriveBlsSecret(mnemonic, index), path: blsPath(index) })
  }
  if (both || kind === 'ecdsa') keys.push({ kind: 'ecdsa', secret: deriveAccountSecret(mnemonic, index) })
  return keys
}

/** As `keys create` names them. */
function fileName(kind: KeyKind): string {
  return kind === 'bn254' ? 'avs-bn254.json' : `${kind}.json`
}
