import { join } from 'node:path'
import type { RegistrarKeyKind } from '../../chain/keyRegistration.ts'
import { showMnemonic, writeMnemonic } from '../../signer/ceremony.ts'
import { generateEcdsaSecret } from '../../signer/ecdsa.ts'
import { successorOf } from '../../signer/keyRing.ts'
import { accountPath, blsPath, deriveAccountSecret, deriveBlsSecret, newMnemonic } from '../../signer/mnemonic.ts'
import { generateBn254Secret } from '../../signer/registrarKey.ts'
import { generateBlsSecret } from '../../signer/secrets.ts'
import { LariatError } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import { type KeysIo, type MadeKey, makeKeys, type NewPassword, refuseExisting } from './make.ts'

export interface CreateOptions extends NewPassword {
  readonly dir: string
  /** Keys that come from no mnemonic. */
  readonly random?: boolean | undefined
  /** Writes the mnemonic there (mode 0600) instead of showing it. */
  readonly mnemonicOut?: string | undefined
}

/** A new pair of keys, as `keys` of the configuration names them. */
export interface CreatedKeys {
  /** Address of the account. */
  readonly operator: Hex
  /** BLS12-381 G1, uncompressed, 96 bytes. */
  readonly blsPublicKey: Hex
  readonly keys: { readonly bls: KeyPlace; readonly ecdsa: KeyPlace }
  /** Where in the mnemonic's trees the keys lie; left out for keys of no mnemonic. */
  readonly paths?: { readonly bls: string; readonly ecdsa: string }
}

interface KeyPlace {
  readonly keystore: string
  readonly passwordFile?: string
}

/**
 * Makes a mnemonic, shows it once, and puts its first BLS key and its first account into new keystores.
 * @throws LariatError `file.exists`, `usage.keys`, `usage.cancelled`, `keystore.…`
 */
export async function createKeys(options: CreateOptions, io: KeysIo): Promise<CreatedKeys> {
  const { dir, random = false, mnemonicOut } = options
  const [bls, ecdsa] = [join(dir, 'bls.json'), join(dir, 'ecdsa.json')]
  refuseExisting([bls, ecdsa, ...(mnemonicOut === undefined ? [] : [mnemonicOut])])
  if (random) {
    if (mnemonicOut !== undefined) throw new LariatError('usage.keys', '--random makes no mnemonic for --mnemonic-out')
    const made = await makeKeys(
      [
        { kind: 'bls', secret: generateBlsSecret(), keystore: bls },
        { kind: 'ecdsa', secret: generateEcdsaSecret(), keystore: ecdsa },
      ],
      options,
      io,
    )
    return describePair(made)
  }
  const mnemonic = newMnemonic()
  if (mnemonicOut !== undefined) await writeMnemonic(mnemonicOut, mnemonic)
  else if (io.prompt.interactive) await showMnemonic(mnemonic, io.prompt)
  else {
    throw new LariatError(
      'usage.keys',
      'nobody is at a terminal to be shown the mnemonic: give --mnemonic-out FILE, or --random for keys that come from none',
    )
  }
  const made = await makeKeys(
    [
      { kind: 'bls', secret: deriveBlsSecret(mnemonic, 0), keystore: bls, path: blsPath(0) },
      { kind: 'ecdsa', secret: deriveAccountSecret(mnemonic, 0), keystore: ecdsa },
    ],
    options,
    io,
  )
  return { ...describePair(made), paths: { bls: blsPath(0), ecdsa: accountPath(0) } }
}

/** Makes the BLS key that follows the one at `keystore` by name, from no mnemonic. @throws LariatError as `createKeys` */
export async function createSuccessor(keystore: string, password: NewPassword, io: KeysIo): Promise<MadeKey> {
  const spec = { kind: 'bls', secret: generateBlsSecret(), keystore: successorOf(keystore).keystore } as const
  refuseOwnPassword(password)
  return one(await makeKeys([spec], {}, io))
}

/** A node opens a key that follows another by the password file beside it, without anybody at a terminal. */
export function refuseOwnPassword(password: NewPassword): void {
  if (password.newPasswordFile ?? password.newPasswordFd ?? password.newPasswordPrompt) {
    throw new LariatError(
      'usage.keys',
      'a key that follows another has its password in a file beside it, so that a running node can open it: leave --new-password-… out',
    )
  }
}

/**
 * Makes a key for `keys.registrar` in a new keystore in `dir`. It is a key of its own and not derived from another, so that
 * whoever gets hold of it in the AVS's software has no other.
 * @throws LariatError as `createKeys`
 */
export async function createRegistrarKey(
  kind: RegistrarKeyKind,
  dir: string,
  password: NewPassword,
  io: KeysIo,
): Promise<Omit<MadeKey, 'public'> & { readonly kind: RegistrarKeyKind; readonly keyData: Hex }> {
  const secret = kind === 'ecdsa' ? generateEcdsaSecret() : generateBn254Secret()
  const keystore = join(dir, `avs-${kind}.json`)
  const { public: keyData, kind: _, ...files } = one(await makeKeys([{ kind, secret, keystore }], password, io))
  return { kind, keyData: keyData.toLowerCase() as Hex, ...files }
}

/** A new key for checkpoints of Hyperlane's form, of no mnemonic: `checkpoints.json` in `dir`. @throws LariatError `file.exists`, `keystore.…` */
export async function createCheckpointKey(
  dir: string,
  password: NewPassword,
  io: KeysIo,
): Promise<KeyPlace & { readonly kind: 'checkpoints'; readonly address: Hex }> {
  const key = { kind: 'ecdsa', secret: generateEcdsaSecret(), keystore: join(dir, 'checkpoints.json') } as const
  const made = one(await makeKeys([key], password, io))
  return { kind: 'checkpoints', address: made.public, ...placeOf(made) }
}

function describePair(made: readonly MadeKey[]): CreatedKeys {
  const [bls, ecdsa] = [made.find(({ kind }) => kind === 'bls'), made.find(({ kind }) => kind === 'ecdsa')]
  if (bls === undefined || ecdsa === undefined) throw new RangeError('a pair has both keys')
  return { operator: ecdsa.public, blsPublicKey: bls.public, keys: { bls: placeOf(bls), ecdsa: placeOf(ecdsa) } }
}

function placeOf({ keystore, passwordFile }: MadeKey): KeyPlace {
  return { keystore, ...(passwordFile === undefined ? {} : { passwordFile }) }
}

function one(made: readonly MadeKey[]): MadeKey {
  const [key] = made
  if (key === undefined) throw new RangeError('one key was asked for')
  return key
}
