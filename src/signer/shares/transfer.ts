import { z } from 'zod'
import { encryptionPublicKey } from '../../bls/secret/encryption.ts'
import { shareLiesOn } from '../../bls/secret/opening.ts'
import { scalarOf } from '../../bls/secret/scalars.ts'
import { openPolynomial } from '../../bls/threshold/polynomial.ts'
import { breathe } from '../../bls/threshold/start.ts'
import { equalBytes } from '../../util/hex.ts'
import type { Secret } from '../../util/secret.ts'
import type { KdfStrength } from '../keystore/files.ts'
import {
  type contentSchema,
  type EncryptionRecord,
  keyNameOf,
  type Ledger,
  readContent,
  type SeedRecord,
  type SharingRecord,
  writeEncryption,
  writeLedger,
  writeSeed,
  writeSharing,
} from './content.ts'
import { scopeJson, scopeSchema } from './folder.ts'
import { MAX_DESTROYED, MAX_EXPORT_BYTES } from './limits.ts'
import { refusal } from './refusal.ts'
import { kdfSchema, keyFrom, newKdf, seal, sealedSchema, unseal } from './seal.ts'
import type { VaultState } from './state.ts'
import type { ImportReport, VaultScope } from './vault.ts'

/** `format` and `version` of an exported file; docs/shares.md. */
const FORMAT = 'lariat-shares'
const VERSION = 1
/** Names the file in errors. */
const FILE = 'the file of shares'

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  exported_at: z.string().max(64),
  scope: scopeSchema,
  kdf: kdfSchema,
  sealed: sealedSchema,
})
type FileJson = z.infer<typeof fileSchema>

type Content = ReturnType<typeof readContent>

/** All that `state` holds, as an encrypted file. @param now ms since the epoch */
export async function exportShares(
  state: VaultState,
  scope: VaultScope,
  password: Secret<string>,
  options: { readonly now: number; readonly strength: KdfStrength },
): Promise<string> {
  const content: z.input<typeof contentSchema> = {
    ledger: { ...writeLedger(state.ledger), destroyedKeys: [...state.ledger.destroyedKeys] },
    encryption: state.encryption.map(writeEncryption),
    seeds: state.seeds.map(writeSeed),
    sharings: state.sharings.map(writeSharing),
  }
  const kdf = newKdf(options.strength)
  const key = await keyFrom(FILE, kdf, password)
  const plaintext = Buffer.from(JSON.stringify(content))
  const head = {
    format: FORMAT,
    version: VERSION,
    exported_at: new Date(options.now).toISOString(),
    scope: scopeJson(scope),
    kdf,
  } as const
  const file: FileJson = { ...head, sealed: seal(key, labelOf(head), plaintext) }
  plaintext.fill(0)
  key.fill(0)
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** Adds what `text` has. See `ShareVault.import`. */
export async function importShares(
  state: VaultState,
  scope: VaultScope,
  text: string,
  password: Secret<string>,
): Promise<ImportReport> {
  const content = await openFile(text, scope, password)
  const { ledger } = state
  const destroyed = new Set([...ledger.destroyedKeys, ...content.ledger.destroyedKeys])
  const encryption = content.encryption.filter((record) => !destroyed.has(keyNameOf(record.publicKey)))
  const retiredSharing = larger(ledger.retiredSharing, content.ledger.retiredSharing)
  const retiredSession = larger(ledger.retiredSession, content.ledger.retiredSession)
  const sharings = content.sharings.filter(({ sharing }) => sharing >= retiredSharing)
  const newest = newestSession(state.ledger, state.seeds)
  const theirs = newestSession(content.ledger, content.seeds)
  contradict(state, content, newest, theirs)
  await verify(encryption, sharings)

  // the ledger first: it only ever forbids, so that a kill from here on loosens nothing
  const seeds = content.seeds.filter(
    ({ session }) => session > retiredSession && session >= newest.session && state.seed(session) === undefined,
  )
  const latest = theirs.session > newest.session ? theirs : newest
  await state.putLedger({
    session: latest.session,
    sessionId: latest.id,
    retiredSharing,
    retiredSession,
    destroyedKeys: [...destroyed].slice(-MAX_DESTROYED),
  })
  return {
    encryptionKeys: await addEncryption(state, encryption),
    dealings: await addEach(seeds, (seed) => state.putSeed(seed)),
    sharings: await addEach(
      sharings.filter(({ sharing }) => state.sharing(sharing) === undefined),
      (sharing) => state.putSharing(sharing),
    ),
  }
}

async function openFile(text: string, scope: VaultScope, password: Secret<string>): Promise<Content> {
  if (text.length > MAX_EXPORT_BYTES) throw invalid(`it has more than ${MAX_EXPORT_BYTES} bytes`)
  let file: FileJson
  try {
    file = fileSchema.parse(JSON.parse(text))
  } catch {
    throw invalid(`it is no file of ${FORMAT}, version ${VERSION}`)
  }
  if (JSON.stringify(file.scope) !== JSON.stringify(scopeJson(scope))) {
    throw refusal('other-scope', `${FILE} is of another chain, contract or operator`, { ...file.scope })
  }
  const key = await keyFrom(FILE, file.kdf, password)
  const plaintext = unseal(key, labelOf(file), file.sealed)
  key.fill(0)
  if (plaintext === undefined) throw refusal('wrong-password', `the password does not open ${FILE}, or it is damaged`)
  try {
    return readContent(JSON.parse(Buffer.from(plaintext).toString('utf8')))
  } catch {
    throw invalid('its content cannot be read by this version')
  } finally {
    plaintext.fill(0)
  }
}

/** Everything outside the ciphertext but the ciphertext itself. */
function labelOf({ format, version, exported_at, scope, kdf }: Omit<FileJson, 'sealed'>): string {
  return JSON.stringify([format, version, exported_at, scope, kdf])
}

interface Newest {
  readonly session: bigint
  readonly id: Ledger['sessionId']
}

function newestSession({ session, sessionId }: Ledger, seeds: readonly SeedRecord[]): Newest {
  return seeds.reduce<Newest>((max, seed) => (seed.session > max.session ? seed : max), { session, id: sessionId })
}

/** @throws LariatError `shares.contradiction` when what is here and what the file has cannot both be */
function contradict(state: VaultState, content: Content, newest: Newest, theirs: Newest): void {
  if (newest.session === theirs.session && newest.id !== undefined && theirs.id !== undefined) {
    if (newest.id !== theirs.id) throw contradiction(`session ${newest.session} has another id there`)
  }
  for (const { session, id, seed } of content.seeds) {
    const here = state.seed(session)
    if (here !== undefined && (here.id !== id || !equalBytes(here.seed.reveal(), seed.reveal()))) {
      throw contradiction(`the dealing in session ${session} is another one there`)
    }
  }
  for (const sharing of content.sharings) {
    const here = state.sharing(sharing.sharing)
    if (here !== undefined && JSON.stringify(writeSharing(here)) !== JSON.stringify(writeSharing(sharing))) {
      throw contradiction(`the shares of sharing ${sharing.sharing} are others there`)
    }
  }
}

/** That secrets are those of their public keys, and shares lie on their polynomials. @throws LariatError `shares.invalid` */
async function verify(encryption: readonly EncryptionRecord[], sharings: readonly SharingRecord[]): Promise<void> {
  for (const { publicKey, secret } of encryption) {
    if (!belongs(secret.reveal(), publicKey)) throw invalid('a secret in it is not that of its public key')
  }
  for (const { sharing, polynomial, shares } of sharings) {
    const { coefficients } = attempt(() => openPolynomial(polynomial))
    for (const [index, share] of shares) {
      const value = scalarOf(share.reveal())
      if (value === undefined || !shareLiesOn(value, coefficients, index)) {
        throw invalid(`share ${index} of sharing ${sharing} in it is wrong`)
      }
      await breathe()
    }
  }
}

function belongs(secret: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return equalBytes(encryptionPublicKey(secret), publicKey)
  } catch {
    return false
  }
}

function attempt<T>(read: () => T): T {
  try {
    return read()
  } catch {
    throw invalid('a polynomial in it is none')
  }
}

/** A key that is spent on either side is spent. */
async function addEncryption(state: VaultState, records: readonly EncryptionRecord[]): Promise<number> {
  let added = 0
  for (const record of records) {
    const here = state.encryptionOf(record.publicKey)
    if (here !== undefined && (here.spentIn !== undefined || record.spentIn === undefined)) continue
    await state.putEncryption(record)
    if (here === undefined) added++
  }
  return added
}

async function addEach<T>(records: readonly T[], add: (record: T) => Promise<void>): Promise<number> {
  for (const record of records) await add(record)
  return records.length
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function invalid(why: string) {
  return refusal('invalid', `${FILE} refused: ${why}`)
}

function contradiction(why: string) {
  return refusal('contradiction', `${FILE} says otherwise than this vault: ${why}; nothing was changed`)
}
