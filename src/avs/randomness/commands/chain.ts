import {
  type ChainInfo,
  type CommandContext,
  chainHash,
  type GroupKey,
  hexToBytes,
  LariatError,
  openGroupKey,
  SCHEME,
  type Schedule,
  startThreshold,
} from 'lariat/avs'
import * as z from 'zod'

/** ms for one answer of a node; it may hold a round's back until that is made, for three seconds. */
const TIMEOUT_MS = 10_000
/** Bytes of one answer: the largest is what a chain is. */
const MAX_BYTES = 16_384
/** Chains of one node that are looked at. */
const MAX_CHAINS = 16

export const hex = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `expected ${bytes} bytes`)

const infoSchema = z.object({
  public_key: hex(96),
  period: z.int().min(1).max(0xffff_ffff),
  genesis_time: z.int().min(0),
  hash: hex(32),
  groupHash: hex(32),
  schemeID: z.literal(SCHEME),
  metadata: z.object({ beaconID: z.string().max(64) }),
})

/** A chain that a node told of, whose hash is that of what it told. */
export interface KnownChain {
  readonly info: ChainInfo
  readonly schedule: Schedule
  readonly key: GroupKey
  /** A path below this chain's. */
  get(path: string): Promise<unknown>
}

export const NODE_OPTIONS = [
  { flags: '--url <url>', description: 'HTTP address of a node', default: 'http://127.0.0.1:9520' },
  { flags: '--chain <hash>', description: 'chain hash, 64 hex digits; the only one that the node has when left out' },
] as const

/** What a node says at `path`, as `schema` has it. @throws LariatError `randomness.answer`, `http.…` */
export async function ask<T>({ http, signal }: CommandContext, url: string, schema: z.ZodType<T>): Promise<T> {
  const answer = await http.getJson(url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal })
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new LariatError('randomness.answer', `${url} does not answer as drand does: is it a node of the beacon?`, {
    url,
  })
}

/**
 * The chain that the options name. Its hash is computed from what the node tells, so that with `--chain` nobody can tell of
 * another key.
 * @throws LariatError `randomness.answer`, `randomness.no-chain`, `http.…`
 */
export async function openChain(context: CommandContext): Promise<KnownChain> {
  await startThreshold()
  const base = String(context.options.url).replace(/\/+$/, '')
  const wanted = context.options.chain?.toString().toLowerCase().replace(/^0x/, '') ?? (await onlyChain(context, base))
  const info = await ask(context, `${base}/${wanted}/info`, infoSchema)
  const schedule = { genesis: BigInt(info.genesis_time), period: info.period }
  const publicKey = hexToBytes(`0x${info.public_key}`)
  const facts = { schedule, publicKey, groupHash: `0x${info.groupHash}` as const, beaconId: info.metadata.beaconID }
  if (chainHash(facts).slice(2) !== wanted) {
    throw new LariatError('randomness.answer', `${base} tells of another chain than ${wanted}: do not trust it`, {
      wanted,
    })
  }
  return {
    info,
    schedule,
    key: openGroupKey(publicKey),
    get: (path) => ask(context, `${base}/${wanted}/${path}`, z.unknown()),
  }
}

async function onlyChain(context: CommandContext, base: string): Promise<string> {
  const chains = await ask(context, `${base}/chains`, z.array(hex(32)).max(MAX_CHAINS))
  const [only, ...others] = chains
  if (only !== undefined && others.length === 0) return only
  throw new LariatError(
    'randomness.no-chain',
    only === undefined
      ? `${base} has no chain yet: its key is made once enough operators are there`
      : `${base} has several chains, name one with --chain: ${chains.join(', ')}`,
  )
}
