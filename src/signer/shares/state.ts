import { equalBytes } from '../../util/hex.ts'
import {
  EMPTY_LEDGER,
  type EncryptionRecord,
  keyNameOf,
  type Ledger,
  readEncryption,
  readLedger,
  readSeed,
  readSharing,
  type SeedRecord,
  type SharingRecord,
  writeEncryption,
  writeLedger,
  writeSeed,
  writeSharing,
} from './content.ts'
import type { SealedFolder } from './folder.ts'
import { MAX_DESTROYED, MAX_ENCRYPTION_KEYS, MAX_SEEDS, MAX_SHARINGS } from './limits.ts'
import { refusal } from './refusal.ts'

const LEDGER = 'ledger'

/** The records of a vault, in memory and on disk; a change is on disk before it is in memory. Callers change one at a time. */
export class VaultState {
  readonly #folder: SealedFolder
  readonly #encryption: EncryptionRecord[] = []
  readonly #seeds = new Map<bigint, SeedRecord>()
  readonly #sharings = new Map<bigint, SharingRecord>()
  #ledger: Ledger = EMPTY_LEDGER

  private constructor(folder: SealedFolder) {
    this.#folder = folder
  }

  /** @throws LariatError `shares.invalid` when a record is damaged */
  static async load(folder: SealedFolder): Promise<VaultState> {
    const state = new VaultState(folder)
    for (const name of (await folder.names()).sort()) {
      const json = await readRecord(folder, name)
      try {
        if (name === LEDGER) state.#ledger = readLedger(json)
        else if (name.startsWith('encryption-')) state.#encryption.push(readEncryption(json))
        else if (name.startsWith('seed-')) state.#keepSeed(readSeed(json))
        else if (name.startsWith('sharing-')) state.#keepSharing(readSharing(json))
      } catch {
        throw refusal('invalid', `record ${name} of the share vault has a content that this version cannot read`)
      }
    }
    return state
  }

  get ledger(): Ledger {
    return this.#ledger
  }

  get encryption(): readonly EncryptionRecord[] {
    return this.#encryption
  }

  get seeds(): readonly SeedRecord[] {
    return [...this.#seeds.values()]
  }

  /** Ascending. */
  get sharings(): readonly SharingRecord[] {
    return [...this.#sharings.values()].sort((a, b) => (a.sharing < b.sharing ? -1 : 1))
  }

  seed(session: bigint): SeedRecord | undefined {
    return this.#seeds.get(session)
  }

  sharing(number: bigint): SharingRecord | undefined {
    return this.#sharings.get(number)
  }

  encryptionOf(publicKey: Uint8Array): EncryptionRecord | undefined {
    return this.#encryption.find((record) => equalBytes(record.publicKey, publicKey))
  }

  /** Adds a key, or replaces what is known of it. @throws LariatError `shares.limit` */
  async putEncryption(record: EncryptionRecord): Promise<void> {
    const at = this.#encryption.findIndex(({ publicKey }) => equalBytes(publicKey, record.publicKey))
    if (at < 0) bounded(this.#encryption.length, MAX_ENCRYPTION_KEYS, 'encryption secrets')
    await this.#write(`encryption-${keyNameOf(record.publicKey)}`, writeEncryption(record))
    if (at < 0) this.#encryption.push(record)
    else this.#encryption[at] = record
  }

  /** @throws LariatError `shares.limit` */
  async putSeed(record: SeedRecord): Promise<void> {
    bounded(this.#seeds.size, MAX_SEEDS, 'seeds')
    await this.#write(`seed-${record.session}`, writeSeed(record))
    this.#keepSeed(record)
  }

  /** @throws LariatError `shares.limit` */
  async putSharing(record: SharingRecord): Promise<void> {
    bounded(this.#sharings.size, MAX_SHARINGS, 'sharings')
    await this.#write(`sharing-${record.sharing}`, writeSharing(record))
    this.#keepSharing(record)
  }

  async putLedger(change: Partial<Ledger>): Promise<void> {
    const ledger = { ...this.#ledger, ...change }
    await this.#write(LEDGER, writeLedger(ledger))
    this.#ledger = ledger
  }

  async destroySeed(session: bigint): Promise<void> {
    await this.#folder.destroy(`seed-${session}`)
    this.#seeds.get(session)?.seed.reveal().fill(0)
    this.#seeds.delete(session)
  }

  async destroySharing(number: bigint): Promise<void> {
    await this.#folder.destroy(`sharing-${number}`)
    for (const share of this.#sharings.get(number)?.shares.values() ?? []) share.reveal().fill(0)
    this.#sharings.delete(number)
  }

  async destroyEncryption(publicKey: Uint8Array): Promise<void> {
    const name = keyNameOf(publicKey)
    await this.putLedger({ destroyedKeys: [...this.#ledger.destroyedKeys, name].slice(-MAX_DESTROYED) })
    await this.#folder.destroy(`encryption-${name}`)
    const at = this.#encryption.findIndex((record) => equalBytes(record.publicKey, publicKey))
    const [removed] = at < 0 ? [] : this.#encryption.splice(at, 1)
    removed?.secret.reveal().fill(0)
  }

  /** Forgets all secrets. */
  close(): void {
    for (const { secret } of this.#encryption) secret.reveal().fill(0)
    for (const { seed } of this.#seeds.values()) seed.reveal().fill(0)
    for (const { shares } of this.#sharings.values()) for (const share of shares.values()) share.reveal().fill(0)
    this.#encryption.length = 0
    this.#seeds.clear()
    this.#sharings.clear()
    this.#folder.close()
  }

  async #write(name: string, json: unknown): Promise<void> {
    await this.#folder.write(name, Buffer.from(JSON.stringify(json)))
  }

  #keepSeed(record: SeedRecord): void {
    this.#seeds.set(record.session, record)
  }

  #keepSharing(record: SharingRecord): void {
    this.#sharings.set(record.sharing, record)
  }
}

async function readRecord(folder: SealedFolder, name: string): Promise<unknown> {
  const plaintext = await folder.read(name)
  try {
    return JSON.parse(Buffer.from(plaintext).toString('utf8'))
  } catch {
    throw refusal('invalid', `record ${name} of the share vault is no JSON`)
  } finally {
    plaintext.fill(0)
  }
}

function bounded(count: number, limit: number, what: string): void {
  if (count >= limit) throw refusal('limit', `a share vault holds at most ${limit} ${what}: retire the old ones`)
}
