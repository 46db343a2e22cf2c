import { createHash } from 'node:crypto'
import { z } from 'zod'
import { G1_BYTES, G2_BYTES } from '../../bls/threshold/points.ts'
import { MAX_SHARES } from '../../bls/threshold/session.ts'
import type { Schedule } from '../../bls/threshold/types.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import { Secret } from '../../util/secret.ts'
import { MAX_DESTROYED, MAX_ENCRYPTION_KEYS, MAX_SEEDS, MAX_SHARINGS } from './limits.ts'

const hex = (bytes: number) => z.custom<Hex>((value) => new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`).test(String(value)))
const coefficients = z.custom<Hex>((value) => {
  const digits = String(value)
  return /^0x([0-9a-f]{2})+$/.test(digits) && (digits.length - 2) % (2 * G2_BYTES) === 0
})
const uint64 = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,19})$/)
  .transform(BigInt)
  .refine((value) => value < 1n << 64n)
const keyName = z.string().regex(/^[0-9a-f]{32}$/)

const encryptionSchema = z.strictObject({ publicKey: hex(G1_BYTES), secret: hex(32), spentIn: uint64.nullable() })
const seedSchema = z.strictObject({ session: uint64, id: hex(32), seed: hex(32) })
const sharingSchema = z.strictObject({
  sharing: uint64,
  session: uint64,
  sessionId: hex(32),
  switchRound: uint64,
  genesis: uint64,
  period: z.int().min(1),
  polynomial: coefficients,
  shares: z
    .array(z.strictObject({ index: z.int().min(0).max(MAX_SHARES), share: hex(32) }))
    .min(1)
    .max(MAX_SHARES),
})
const ledgerSchema = z.strictObject({
  session: uint64,
  sessionId: hex(32).nullable(),
  retiredSharing: uint64,
  retiredSession: uint64,
  destroyedKeys: z.array(keyName).max(MAX_DESTROYED),
})

/** All that a vault holds, as the records and exported files have it. */
export const contentSchema = z.strictObject({
  ledger: ledgerSchema,
  encryption: z.array(encryptionSchema).max(MAX_ENCRYPTION_KEYS),
  seeds: z.array(seedSchema).max(MAX_SEEDS),
  sharings: z.array(sharingSchema).max(MAX_SHARINGS),
})

export interface EncryptionRecord {
  readonly publicKey: Uint8Array
  readonly secret: Secret<Uint8Array>
  /** The session that it served and that succeeded; undefined while it may be registered. */
  readonly spentIn: bigint | undefined
}

/** What a dealing follows from. */
export interface SeedRecord {
  readonly session: bigint
  readonly id: Hex
  readonly seed: Secret<Uint8Array>
}

export interface SharingRecord {
  readonly sharing: bigint
  readonly session: bigint
  readonly sessionId: Hex
  readonly switchRound: bigint
  readonly schedule: Schedule
  readonly polynomial: Uint8Array
  /** By share index, ascending. */
  readonly shares: ReadonlyMap<number, Secret<Uint8Array>>
}

/** What must not be forgotten when secrets are destroyed. */
export interface Ledger {
  /** The newest session that this operator dealt in; 0 for none. */
  readonly session: bigint
  readonly sessionId: Hex | undefined
  /** Sharings below were destroyed. */
  readonly retiredSharing: bigint
  /** Seeds of sessions up to this one were destroyed. */
  readonly retiredSession: bigint
  /** `keyNameOf` encryption keys whose secret was destroyed, the oldest first. */
  readonly destroyedKeys: readonly string[]
}

export const EMPTY_LEDGER: Ledger = {
  session: 0n,
  sessionId: undefined,
  retiredSharing: 0n,
  retiredSession: 0n,
  destroyedKeys: [],
}

/** A short name of a public key: the first 16 bytes of its SHA-256, in hexadecimal. */
export function keyNameOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 32)
}

/** JSON of records; `read…` of the parsed JSON throws what zod throws. */
export function writeEncryption({ publicKey, secret, spentIn }: EncryptionRecord) {
  return {
    publicKey: bytesToHex(publicKey),
    secret: bytesToHex(secret.reveal()),
    spentIn: spentIn === undefined ? null : String(spentIn),
  }
}

export function readEncryption(json: unknown): EncryptionRecord {
  return encryptionOf(encryptionSchema.parse(json))
}

export function writeSeed({ session, id, seed }: SeedRecord) {
  return { session: String(session), id, seed: bytesToHex(seed.reveal()) }
}

export function readSeed(json: unknown): SeedRecord {
  return seedOf(seedSchema.parse(json))
}

export function writeSharing(record: SharingRecord) {
  return {
    sharing: String(record.sharing),
    session: String(record.session),
    sessionId: record.sessionId,
    switchRound: String(record.switchRound),
    genesis: String(record.schedule.genesis),
    period: record.schedule.period,
    polynomial: bytesToHex(record.polynomial),
    shares: [...record.shares].map(([index, share]) => ({ index, share: bytesToHex(share.reveal()) })),
  }
}

export function readSharing(json: unknown): SharingRecord {
  return sharingOf(sharingSchema.parse(json))
}

export function writeLedger(ledger: Ledger) {
  return {
    session: String(ledger.session),
    sessionId: ledger.sessionId ?? null,
    retiredSharing: String(ledger.retiredSharing),
    retiredSession: String(ledger.retiredSession),
    destroyedKeys: ledger.destroyedKeys,
  }
}

export function readLedger(json: unknown): Ledger {
  return ledgerOf(ledgerSchema.parse(json))
}

/** All of an exported file. Throws what zod throws. */
export function readContent(json: unknown): {
  ledger: Ledger
  encryption: EncryptionRecord[]
  seeds: SeedRecord[]
  sharings: SharingRecord[]
} {
  const { ledger, encryption, seeds, sharings } = contentSchema.parse(json)
  return {
    ledger: ledgerOf(ledger),
    encryption: encryption.map(encryptionOf),
    seeds: seeds.map(seedOf),
    sharings: sharings.map(sharingOf),
  }
}

function encryptionOf(json: z.infer<typeof encryptionSchema>): EncryptionRecord {
  return {
    publicKey: hexToBytes(json.publicKey),
    secret: new Secret(hexToBytes(json.secret)),
    spentIn: json.spentIn ?? undefined,
  }
}

function seedOf({ session, id, seed }: z.infer<typeof seedSchema>): SeedRecord {
  return { session, id, seed: new Secret(hexToBytes(seed)) }
}

function sharingOf({ genesis, period, polynomial, shares, ...rest }: z.infer<typeof sharingSchema>): SharingRecord {
  const sorted = [...shares].sort((a, b) => a.index - b.index)
  return {
    ...rest,
    schedule: { genesis, period },
    polynomial: hexToBytes(polynomial),
    shares: new Map(sorted.map(({ index, share }) => [index, new Secret(hexToBytes(share))])),
  }
}

function ledgerOf({ sessionId, ...rest }: z.infer<typeof ledgerSchema>): Ledger {
  return { ...rest, sessionId: sessionId ?? undefined }
}
