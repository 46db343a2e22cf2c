import { z } from 'zod'
import { publicKeyFromBytes } from '../../bls/keys.ts'
import { type Domain, Kind, type Statement } from '../../types/statement.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import { toJson } from '../../util/json.ts'
import type { SignRequest } from '../signer.ts'

// The protocol between a node and a remote signer: JSON over HTTPS, paths after EIP-3030. Where that EIP sends the parts of
// a beacon chain's message, this sends the parts of a statement: never a digest, so that the signer judges what it signs.

/** Version of the bodies. A change that the other side would misread bumps it. */
export const PROTOCOL_VERSION = 1

/** Bytes of a request's body; real ones have under 1 kB. */
export const MAX_REQUEST_BYTES = 4_096
/** Bytes of an answer: a list of keys is the longest. */
export const MAX_ANSWER_BYTES = 65_536

export const PATHS = {
  upcheck: '/upcheck',
  keys: '/keys',
  guard: '/guard',
  metrics: '/metrics',
  sign: '/sign/',
  prove: '/prove/',
} as const

const MAX_UINT64 = 2n ** 64n - 1n
const bytes = (size: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${2 * size}}$`))
    .transform((text) => text as Hex)
const uint64 = z
  .string()
  .regex(/^(0|[1-9]\d{0,19})$/)
  .transform(BigInt)
  .refine((value) => value <= MAX_UINT64)
const version = z.literal(PROTOCOL_VERSION)
const chainId = z.int().positive()

const statementSchema = z.strictObject({
  service: bytes(32),
  kind: z.literal(Object.values(Kind)),
  epoch: uint64,
  slot: uint64,
  attempt: z.int().min(0).max(0xffff),
  payload: bytes(32),
})

const signBodySchema = z.strictObject({
  version,
  chainId,
  genesisHash: bytes(32),
  serviceManager: bytes(20),
  operator: bytes(20),
  statement: statementSchema,
  /** ms since the epoch. */
  triggeredAt: z.number().min(0),
  window: z.strictObject({ from: uint64, to: uint64 }),
})

const proveBodySchema = z.strictObject({ version, chainId, serviceManager: bytes(20), operator: bytes(20) })

const keysAnswerSchema = z.object({
  version,
  keys: z
    .array(z.string().regex(/^[0-9a-f]{96}$/))
    .min(1)
    .max(64),
  operator: bytes(20),
  chainId,
  genesisHash: bytes(32),
  contracts: z.array(bytes(20)),
})
/** Characters of what a signer says about its record: a path and a sentence. */
const MAX_SENTENCE = 8_192
const sentence = z.string().max(MAX_SENTENCE).nullable()
const guardAnswerSchema = z.object({
  version,
  now: z.number().min(0),
  floor: z.number().min(0),
  problem: sentence,
  warning: sentence,
})
const signAnswerSchema = z.object({ signature: bytes(96) })
const proveAnswerSchema = z.object({ publicKey: bytes(128), proofOfPossession: bytes(256) })
const errorAnswerSchema = z.object({ error: z.object({ code: z.string().max(64), message: z.string().max(2_000) }) })

/** What a node asks to have signed. */
export interface SignBody {
  readonly domain: Domain
  readonly operator: Address
  readonly request: SignRequest
}

/** What a node asks to have proven. */
export interface ProveBody {
  readonly domain: Pick<Domain, 'chainId' | 'serviceManager'>
  readonly operator: Address
}

/** What a signer says of itself. */
export interface KeysAnswer {
  /** Compressed public keys, 48 bytes in hexadecimal without 0x, as EIP-3030 names keys. */
  readonly keys: readonly string[]
  readonly operator: Address
  readonly chainId: number
  readonly genesisHash: Hex
  readonly contracts: readonly Address[]
}

/** What a signer says of its guard. Times are ms since the epoch, by its own clock. */
export interface GuardAnswer {
  readonly now: number
  /** What was triggered before is not signed. */
  readonly floor: number
  /** Why its record takes nothing, so that nothing is signed; null when it does. */
  readonly problem: string | null
  /** Why its record may not last; null when nothing says so. */
  readonly warning: string | null
}

export function encodeSign({ domain, operator, request }: SignBody): string {
  const { statement, triggeredAt, window } = request
  const { service, kind, epoch, slot, attempt, payload } = statement
  return toJson({
    version: PROTOCOL_VERSION,
    ...pick(domain),
    genesisHash: domain.genesisHash,
    operator,
    statement: { service, kind, epoch, slot, attempt, payload },
    triggeredAt,
    window: { from: window.from, to: window.to },
  })
}

/** Undefined when `json` is no such body. */
export function parseSign(json: unknown): SignBody | undefined {
  const parsed = signBodySchema.safeParse(json)
  if (!parsed.success) return undefined
  const { genesisHash, serviceManager, operator, statement, triggeredAt, window } = parsed.data
  return {
    domain: { chainId: parsed.data.chainId, genesisHash, serviceManager },
    operator,
    request: { statement: statement satisfies Statement, triggeredAt, window },
  }
}

export function encodeProve({ domain, operator }: ProveBody): string {
  return toJson({ version: PROTOCOL_VERSION, ...pick(domain), operator })
}

export function parseProve(json: unknown): ProveBody | undefined {
  const parsed = proveBodySchema.safeParse(json)
  if (!parsed.success) return undefined
  const { serviceManager, operator } = parsed.data
  return { domain: { chainId: parsed.data.chainId, serviceManager }, operator }
}

/** Schemas of the answers. */
export const answers = {
  upcheck: z.object({ status: z.literal('OK') }),
  keys: keysAnswerSchema,
  guard: guardAnswerSchema,
  sign: signAnswerSchema,
  prove: proveAnswerSchema,
  error: errorAnswerSchema,
} as const

/** A key's name in paths. @param publicKey G1, uncompressed, 96 bytes */
export function keyId(publicKey: Uint8Array): string {
  return bytesToHex(publicKeyFromBytes(publicKey).toBytes(true)).slice(2)
}

/** The public key of a name: G1, uncompressed, 96 bytes, in its subgroup. @throws LariatError `bls.…` */
export function publicKeyOf(id: string): Uint8Array {
  return publicKeyFromBytes(hexToBytes(`0x${id}`)).toBytes(false)
}

function pick({ chainId: id, serviceManager }: Pick<Domain, 'chainId' | 'serviceManager'>) {
  return { chainId: id, serviceManager }
}
