import { existsSync } from 'node:fs'
import { getAddress } from 'viem'
import { publicKeyFromBytes } from '../bls/keys.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { Secret } from '../util/secret.ts'
import { accountAddress, createEcdsaKeystore, openEcdsaSecret } from './ecdsa.ts'
import { createBlsKeystore, openBlsKeystore } from './keystore/bls.ts'
import { bn254Label, createBn254Keystore, isBn254Label, openBn254Keystore } from './keystore/bn254.ts'
import { parseEip2335 } from './keystore/eip2335.ts'
import { keystoreError } from './keystore/errors.ts'
import { type KdfStrength, type KeystoreLocation, parseJson, readKeyFile } from './keystore/files.ts'
import { parseV3 } from './keystore/v3.ts'
import { bn254KeyData } from './registrarKey.ts'
import { blsPublicKey } from './secrets.ts'

/** Kinds of key files: for statements, for accounts, for AVSs that demand a BN254 key. */
export const KEY_KINDS = ['bls', 'ecdsa', 'bn254'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

/** What a key file tells without its password. */
export interface KeyFile {
  readonly file: string
  readonly kind: KeyKind
  /** As the file states it: 48 bytes of a BLS key, or the label of a BN254 key. */
  readonly publicKey?: Hex
  /** Of an account, as the file states it. */
  readonly address?: Address
  /** EIP-2334 path that a BLS key was derived along; undefined for one that comes from no seed. */
  readonly path?: string
  /** Rights of the file. */
  readonly mode: number
  /** The file beside it that should have its password, when it is there: `bls.password` beside `bls.json`. */
  readonly passwordFile?: string
}

/** What a key file is. @throws LariatError `keystore.missing-file`, `keystore.unreadable`, `keystore.invalid` */
export async function inspectKeyFile(file: string): Promise<KeyFile> {
  const { text, mode } = await readKeyFile(file, 'keystore.missing-file', 'name a keystore')
  const json = parseJson(file, text)
  const beside = file.replace(/(\.json)?$/, '.password')
  const common = { file, mode, ...(existsSync(beside) ? { passwordFile: beside } : {}) }
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (version === 4) {
    const { pubkey, path } = parseEip2335(file, json, 'key')
    const publicKey = pubkey === undefined ? {} : { publicKey: `0x${pubkey.toLowerCase()}` as Hex }
    const bn254 = pubkey !== undefined && isBn254Label(Buffer.from(pubkey, 'hex'))
    return { ...common, kind: bn254 ? 'bn254' : 'bls', ...publicKey, ...(path === '' ? {} : { path }) }
  }
  if (version === 3) {
    const { address } = parseV3(file, json)
    return {
      ...common,
      kind: 'ecdsa',
      ...(address === undefined ? {} : { address: getAddress(`0x${address.replace(/^0x/, '')}`) }),
    }
  }
  throw keystoreError('keystore.invalid', file, 'it is neither an EIP-2335 keystore nor one of Web3 Secret Storage v3')
}

/** The secret key in a key file, 32 bytes. @throws LariatError `keystore.…` */
export async function openKeyFile(kind: KeyKind, location: KeystoreLocation, log: Log): Promise<Secret<Uint8Array>> {
  switch (kind) {
    case 'bls':
      return openBlsKeystore(location, log)
    case 'bn254':
      return openBn254Keystore(location, log)
    case 'ecdsa':
      return openEcdsaSecret(location, log)
  }
}

/** Encrypts `secret` into a new key file (mode 0600). @returns its public half. @throws LariatError `file.exists`, `keystore.invalid`, `bls.invalid-secret` … */
export async function createKeyFile(options: {
  readonly kind: KeyKind
  readonly file: string
  readonly password: Secret<string>
  /** 32 bytes. */
  readonly secret: Secret<Uint8Array>
  readonly strength: KdfStrength
  /** EIP-2334 path of a BLS key that comes from a mnemonic. */
  readonly path?: string | undefined
}): Promise<void> {
  const { kind, path, ...rest } = options
  if (kind === 'bls') await createBlsKeystore({ ...rest, path })
  else if (kind === 'bn254') await createBn254Keystore(rest)
  else await createEcdsaKeystore(rest)
}

/** A BLS key's G1 point (uncompressed, 96 bytes), a BN254 key's data (192 bytes), an account's address. @throws LariatError for what is no such key */
export function publicHalf(kind: KeyKind, secret: Secret<Uint8Array>): Hex {
  if (kind === 'bls') return bytesToHex(blsPublicKey(secret))
  if (kind === 'bn254') return bytesToHex(bn254KeyData(secret))
  return accountAddress(secret)
}

/** The public half as a key file states it: a BLS key compressed (48 bytes), the label of a BN254 key, an account's address. */
export function statedIdentity(kind: KeyKind, secret: Secret<Uint8Array>): Hex {
  if (kind === 'bls') return bytesToHex(publicKeyFromBytes(blsPublicKey(secret)).toBytes(true))
  if (kind === 'bn254') return bytesToHex(bn254Label(secret))
  return accountAddress(secret)
}

/**
 * A secret key written as hexadecimal, with or without 0x.
 * @param place names where it comes from in errors
 * @throws LariatError `keystore.invalid`
 */
export function parseSecretKey(text: Secret<string>, place: string): Secret<Uint8Array> {
  const digits = text.reveal().trim().replace(/^0x/, '')
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    throw keystoreError('keystore.invalid', place, 'a secret key is 32 bytes in hexadecimal; it holds something else')
  }
  return new Secret(hexToBytes(`0x${digits}`))
}
