import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { equalBytes } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Secret } from '../util/secret.ts'
import { openBlsKeystore } from './keystore/bls.ts'
import { keystoreError } from './keystore/errors.ts'
import type { KeystoreLocation } from './keystore/files.ts'
import { blsPublicKey } from './secrets.ts'

/** Keystores that may follow the configured one: one rotation under way, one just ended, and room. */
export const MAX_SUCCESSORS = 8

/** A BLS key that is open. */
export interface RingKey {
  readonly keystore: string
  /** 32 bytes. */
  readonly secret: Secret<Uint8Array>
  /** G1, uncompressed, 96 bytes. */
  readonly publicKey: Uint8Array
}

/**
 * The BLS keys of one operator: the configured one, and those that follow it by name. Which of them signs is said by the
 * epoch's table, so that a rotation misses no slot; the guard before them is one and the same.
 */
export interface KeyRing {
  /** The configured one first; never empty. Grows by `reload` only. */
  keys(): readonly RingKey[]
  /**
   * Opens keystores that were made since.
   * @returns how many
   * @throws LariatError `keystore.…`; those that are open stay
   */
  reload(): Promise<number>
}

/** Opens the keystore at `first` and those that follow it. @throws LariatError `keystore.…` */
export async function openKeyRing(first: KeystoreLocation, log: Log): Promise<KeyRing> {
  const keys: RingKey[] = [await open(first, log)]
  let reloading: Promise<number> | undefined

  async function readSuccessors(): Promise<number> {
    const before = keys.length
    for (;;) {
      const last = keys.at(-1)
      if (last === undefined) throw new RangeError('a key ring is never empty')
      const next = successorOf(last.keystore)
      if (!existsSync(next.keystore)) return keys.length - before
      if (keys.length > MAX_SUCCESSORS) {
        throw keystoreError(
          'keystore.invalid',
          next.keystore,
          `it is one of more than ${MAX_SUCCESSORS} that follow ${first.keystore}: name a later one as keys.bls.keystore`,
        )
      }
      const key = await open(next, log)
      if (keys.some(({ publicKey }) => equalBytes(publicKey, key.publicKey))) {
        throw keystoreError('keystore.mismatch', key.keystore, 'it holds a key that one before it holds: move it away')
      }
      keys.push(key)
    }
  }

  await readSuccessors()
  return {
    keys: () => [...keys],
    reload() {
      reloading ??= readSuccessors().finally(() => {
        reloading = undefined
      })
      return reloading
    },
  }
}

/** A ring of one key that nothing follows. @throws LariatError `bls.invalid-secret` */
export function ringOf(secret: Secret<Uint8Array>): KeyRing {
  const key: RingKey = { keystore: '', secret, publicKey: blsPublicKey(secret) }
  return { keys: () => [key], reload: async () => 0 }
}

/**
 * Where the keystore that follows `keystore` lies, with its password in a file of its own: after `bls.json` comes
 * `bls-2.json` with `bls-2.password`, after that `bls-3.json`.
 */
export function successorOf(keystore: string): { readonly keystore: string; readonly passwordFile: string } {
  const [, stem = '', number] = /^(.*?)(?:-(\d{1,9}))?(?:\.json)?$/.exec(basename(keystore)) ?? []
  const name = join(dirname(keystore), `${stem}-${number === undefined ? 2 : Number(number) + 1}`)
  return { keystore: `${name}.json`, passwordFile: `${name}.password` }
}

async function open(location: KeystoreLocation, log: Log): Promise<RingKey> {
  const secret = await openBlsKeystore(location, log)
  return { keystore: location.keystore, secret, publicKey: blsPublicKey(secret) }
}
