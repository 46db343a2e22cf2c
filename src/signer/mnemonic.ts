import { pbkdf2Sync } from 'node:crypto'
import { generateMnemonic, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english'
import { HDKey } from 'viem/accounts'
import { deriveFromSeed } from '../bls/secret/derive.ts'
import { LariatError } from '../util/errors.ts'
import { Secret } from '../util/secret.ts'

/** Entropy of a new mnemonic, bits: 24 words, as strong as any key made from it. */
const STRENGTH_BITS = 256

/** PBKDF2-HMAC-SHA512, after BIP-39. */
const SEED_ROUNDS = 2_048
const SEED_BYTES = 64

/** Keys of one mnemonic; an operator's rotations use up a handful. */
export const MAX_KEY_INDEX = 65_535

/** Purpose, coin type and use of our keys' EIP-2334 paths. */
const PURPOSE = 12_381
const COIN_TYPE = 60
const USE = 0

/**
 * EIP-2334 path of BLS key `index`. Coin type 60 keeps it apart from Ethereum validators (3600): a mnemonic that also has
 * validators never gives Lariat one of their keys.
 */
export function blsPath(index: number): string {
  return `m/${[PURPOSE, COIN_TYPE, index, USE].join('/')}`
}

/** BIP-44 path of account `index`, as wallets have it. */
export function accountPath(index: number): string {
  return `m/44'/60'/0'/0/${index}`
}

/** 24 English words, after BIP-39. */
export function newMnemonic(): Secret<string> {
  return new Secret(generateMnemonic(wordlist, STRENGTH_BITS))
}

/**
 * The words of `text`, in small letters and one space apart.
 * @throws LariatError `keystore.mnemonic` unless they are a mnemonic of BIP-39 in English, checksum included
 */
export function parseMnemonic(text: Secret<string>): Secret<string> {
  const words = text.reveal().trim().toLowerCase().split(/\s+/)
  const mnemonic = new Secret(words.join(' '))
  const unknown = words.findIndex((word) => !wordlist.includes(word))
  if (words.length % 3 !== 0 || words.length < 12 || words.length > 24) {
    throw refused(`it has ${words.length} words, not 12, 15, 18, 21 or 24`)
  }
  if (unknown >= 0) throw refused(`word ${unknown + 1} is not in BIP-39's English list`)
  if (!validateMnemonic(mnemonic.reveal(), wordlist)) {
    throw refused('its checksum is wrong: a word is wrong, or two are exchanged')
  }
  return mnemonic
}

/** BLS secret key `index`, 32 bytes: EIP-2333 along `blsPath`. @param mnemonic as `parseMnemonic` gives it */
export function deriveBlsSecret(mnemonic: Secret<string>, index: number): Secret<Uint8Array> {
  return new Secret(Uint8Array.from(deriveFromSeed(seedOf(mnemonic).reveal(), [PURPOSE, COIN_TYPE, index, USE])))
}

/** Secret key of account `index`, 32 bytes: BIP-32 along `accountPath`. @param mnemonic as `parseMnemonic` gives it */
export function deriveAccountSecret(mnemonic: Secret<string>, index: number): Secret<Uint8Array> {
  const { privateKey } = HDKey.fromMasterSeed(seedOf(mnemonic).reveal()).derive(accountPath(index))
  if (privateKey == null) throw new TypeError('a key derived from a seed has a private key')
  return new Secret(Uint8Array.from(privateKey))
}

/** BIP-39's seed, 64 bytes, of a mnemonic without a passphrase. */
function seedOf(mnemonic: Secret<string>): Secret<Uint8Array> {
  return new Secret(Uint8Array.from(pbkdf2Sync(mnemonic.reveal(), 'mnemonic', SEED_ROUNDS, SEED_BYTES, 'sha512')))
}

function refused(why: string): LariatError<'keystore.mnemonic'> {
  return new LariatError('keystore.mnemonic', `the mnemonic is refused: ${why}; check it against what was written down`)
}
