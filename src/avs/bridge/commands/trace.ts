import { type CommandContext, LariatError, type ServiceCommand } from 'lariat/avs'
import * as z from 'zod'

/** ms for one answer of a node, which may ask a chain. */
const TIMEOUT_MS = 10_000
/** Bytes of one answer: the names of 600 operators and a hundred more. */
const MAX_BYTES = 1 << 18
const DEFAULT_URL = 'http://127.0.0.1:9520'

const count = z.coerce.string()
const addresses = z.array(z.string()).optional()
const arrivalSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('delivered'),
    final: z.boolean(),
    block: count.nullable(),
    time: z.number().nullable(),
    transaction: z.string().nullable(),
    own: z.boolean().nullable(),
  }),
  z.object({
    state: z.literal('waiting'),
    reason: z.string(),
    why: z.string(),
    detail: z.string().nullable(),
    attempts: z.number(),
    nextAt: z.number().nullable(),
  }),
  z.object({ state: z.literal('unknown'), why: z.string() }),
])
const traceSchema = z.object({
  id: z.string(),
  origin: z.number(),
  destination: z.number(),
  nonce: z.number(),
  sender: z.string(),
  recipient: z.string(),
  bytes: z.number(),
  dispatched: z.object({
    ...{
      final: z.boolean(),
      chain: z.string(),
      block: count,
      time: z.number(),
      transaction: z.string(),
      leaf: z.number(),
    },
  }),
  halted: z.string().nullable(),
  attested: z.array(
    z.object({
      ...{ level: z.string(), slashable: z.boolean(), index: z.number(), epoch: count, time: z.number() },
      ...{ signers: addresses, absent: addresses, agrees: z.boolean() },
    }),
  ),
  arrival: arrivalSchema,
})
type Traced = z.output<typeof traceSchema>
const originsSchema = z.object({
  origins: z.array(
    z.object({
      ...{ domain: z.number(), chain: z.string(), messages: z.number(), block: count.nullable() },
      ...{ time: z.number().nullable(), halted: z.string().nullable() },
    }),
  ),
})

/** `lariat bridge trace MESSAGE_ID`: what happened to a message, step by step. */
export const traceCommand: ServiceCommand = {
  name: 'trace',
  description: 'print what happened to a message: dispatched, attested, delivered, or why it waits',
  arguments: [{ name: 'message', description: 'its id, 64 hex digits' }],
  options: [{ flags: '--url <url>', description: 'HTTP address of a node', default: DEFAULT_URL }],
  examples: [`0x${'3f'.repeat(32)}`, `0x${'3f'.repeat(32)} --url http://127.0.0.1:9520 --json`],
  result: {
    json: `{ id, origin: number, destination: number, nonce: number, sender, recipient, bytes: number,
      dispatched: { final: boolean, chain, block, time: number, transaction, leaf: number }, halted,
      attested: [{ level: "finalized" | "fast", slashable: boolean, index: number, epoch, time: number, signers?: [text], absent?: [text], agrees: boolean }],
      arrival: { state: "delivered", final: boolean, block, time, transaction, own } | { state: "waiting", reason, why, detail, attempts: number, nextAt } | { state: "unknown", why } }
    of a message that is not known: { id, error, origins: [{ domain: number, chain, messages: number, block, time, halted }] }`,
  },
  async run(context) {
    const id = idOf(context.args[0] ?? '')
    const base = String(context.options.url ?? DEFAULT_URL).replace(/\/+$/, '')
    const answer = await get(context, `${base}/v1/bridge/trace/${id}`)
    if (answer === undefined) {
      await tellUnknown(context, base, id)
      return false
    }
    const parsed = traceSchema.safeParse(answer)
    if (!parsed.success) throw notBridge(base)
    context.write(context.options.json === true ? `${JSON.stringify(answer)}\n` : textOf(parsed.data))
    return true
  },
}

/** How far the node sees each origin: a message that is not final yet is beyond that. */
async function tellUnknown(context: CommandContext, base: string, id: string): Promise<void> {
  const parsed = originsSchema.safeParse(await get(context, `${base}/v1/bridge/messages?limit=1`))
  if (!parsed.success) throw notBridge(base)
  const { origins } = parsed.data
  if (context.options.json === true) {
    context.write(`${JSON.stringify({ id, error: 'unknown', origins })}\n`)
    return
  }
  const lines = origins.map(({ domain, chain, messages, block, time, halted }) => {
    const until = block === null ? 'none yet' : `the newest of block ${block}, ${timeOf(time)}`
    return `  domain ${domain} (${chain}): ${messages} messages, ${until}${halted === null ? '' : `; halted: ${halted}`}`
  })
  context.write([`no final block that this node knows has message ${id}. It follows:`, ...lines, ''].join('\n'))
}

function textOf(found: Traced): string {
  const { id, origin, destination, nonce, sender, recipient, bytes, dispatched, halted, attested } = found
  const { final, chain, block, time, transaction, leaf } = dispatched
  const rows: (readonly [string, string])[] = [
    ['message', `${id}, ${bytes} bytes`],
    ['from', `domain ${origin}, ${sender}, nonce ${nonce}`],
    ['to', `domain ${destination}, ${recipient}`],
    [
      'dispatched',
      `${timeOf(time)}  block ${block} of ${chain}, which is ${final ? '' : 'not '}final${final ? '' : ' yet'}, leaf ${leaf}, transaction ${transaction}`,
    ],
    ...(halted === null ? [] : [['halted', halted] as const]),
    ...attested.flatMap(attestedRows),
    ...(attested.length === 0 ? [['attested', 'not yet'] as const] : []),
    ...arrivalRows(found.arrival),
  ]
  return rows.map(([name, text]) => `${name.padEnd(12)}${text}\n`).join('')
}

function attestedRows({ level, slashable, index, epoch, time, signers, absent, agrees }: Traced['attested'][number]) {
  const all = (signers?.length ?? 0) + (absent?.length ?? 0)
  const by = signers === undefined ? 'operators of an epoch long over' : `${signers.length} of ${all} operators`
  const mark = `${slashable ? '' : ', which nobody is slashed for'}${agrees ? '' : ', which is NOT what this node sees'}`
  const rows: (readonly [string, string])[] = [
    ['attested', `${timeOf(time)}  ${level} checkpoint ${index}${mark}, epoch ${epoch}, by ${by}`],
  ]
  for (const operator of signers ?? []) rows.push(['  signed', operator])
  for (const operator of absent ?? []) rows.push(['  absent', operator])
  return rows
}

function arrivalRows(arrival: Traced['arrival']): (readonly [string, string])[] {
  if (arrival.state === 'unknown') return [['delivered', `not known: ${arrival.why}`]]
  if (arrival.state === 'delivered') {
    const { final, block, time, transaction, own } = arrival
    const where = block === null ? 'in a new block' : `block ${block}${final ? '' : ', which is not final yet'}`
    const by = own === null ? '' : own ? ', by this node' : ', by another'
    return [
      ['delivered', `${timeOf(time)}  ${where}${transaction === null ? '' : `, transaction ${transaction}`}${by}`],
    ]
  }
  const { reason, why, detail, attempts, nextAt } = arrival
  const tried = attempts === 0 ? '' : `; ${attempts} attempts failed`
  const next = nextAt === null ? '' : `, the next is at ${timeOf(nextAt)}`
  return [['waits', `${reason}: ${why}${tried}${next}`], ...(detail === null ? [] : [['  because', detail] as const])]
}

/** Times that nobody told have the width of others. */
function timeOf(time: number | null): string {
  return time === null ? '(time not known)        ' : new Date(time).toISOString()
}

/** @throws LariatError `usage.bridge` */
function idOf(text: string): string {
  const id = text.toLowerCase().replace(/^0x/, '')
  if (/^[0-9a-f]{64}$/.test(id)) return `0x${id}`
  throw new LariatError('usage.bridge', `"${text}" is no message id: expected 64 hex digits`)
}

/** Undefined for what the node does not know. @throws LariatError `http.…` */
async function get({ http, signal }: CommandContext, url: string): Promise<unknown> {
  try {
    return await http.getJson(url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal })
  } catch (error) {
    if (error instanceof LariatError && error.code === 'http.status' && error.details.status === 404) return undefined
    throw error
  }
}

function notBridge(base: string): LariatError<'bridge.answer'> {
  return new LariatError('bridge.answer', `${base} does not answer as a node of the bridge does: is it one?`, { base })
}
