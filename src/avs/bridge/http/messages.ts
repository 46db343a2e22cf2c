import { type Hex, hexToBytes, type RouteReply } from 'lariat/avs'
import { decodeMessage } from '../message.ts'
import type { Dispatched, Source } from '../ports.ts'
import type { Delivery } from '../relay/relayer.ts'
import { type BridgeView, deliveryOf } from './view.ts'

/** Messages in one answer: 100 kB of JSON. */
const MAX_MESSAGES = 500
const DEFAULT_MESSAGES = 50
/** Leaves of one origin that are looked through for one answer. */
const MAX_SCANNED = 5_000
const STATES = ['waiting', 'landed', 'delivered', 'unknown'] as const

interface Wanted {
  readonly origin: number | undefined
  readonly destination: number | undefined
  readonly state: (typeof STATES)[number] | undefined
  readonly limit: number
}

/** One message of the list. Times are ms since the epoch. */
interface Listed {
  readonly id: Hex
  readonly origin: number
  readonly destination: number
  readonly leaf: number
  readonly nonce: number
  readonly time: number
  readonly state: (typeof STATES)[number]
  readonly reason: string | undefined
}

/** How far this node sees each origin. */
export function originsOf({ sources }: BridgeView) {
  return [...sources.values()].map((source) => {
    const tip = source.tip()
    return {
      domain: source.domain,
      chain: source.chain.name,
      messages: source.count,
      block: tip?.block ?? null,
      time: tip?.time ?? null,
      halted: source.halted() ?? null,
    }
  })
}

/** `/v1/bridge/messages?origin=&destination=&state=&limit=`: the newest messages of final blocks, newest first. */
export function messagesPage(view: BridgeView, query: URLSearchParams): RouteReply {
  const wanted = wantedOf(query)
  if (typeof wanted === 'string') return { status: 400, body: { error: wanted } }
  const { origin, limit } = wanted
  const messages = [...view.sources.values()]
    .filter(({ domain }) => origin === undefined || domain === origin)
    .flatMap((source) => newestOf(view, source, wanted))
    .sort((a, b) => b.time - a.time || b.leaf - a.leaf)
    .slice(0, limit)
  return { status: 200, body: { origins: originsOf(view), messages } }
}

function newestOf(view: BridgeView, source: Source, { destination, state, limit }: Wanted): Listed[] {
  const found: Listed[] = []
  const last = Math.max(0, source.count - MAX_SCANNED)
  for (let index = source.count - 1; index >= last && found.length < limit; index--) {
    const message = source.messageAt(index)
    if (message === undefined) continue
    const listed = listedOf(view, source, message)
    if (destination !== undefined && listed.destination !== destination) continue
    if (state === undefined || listed.state === state) found.push(listed)
  }
  return found
}

function listedOf(
  view: BridgeView,
  { domain: origin }: Source,
  { id, index: leaf, encoded, time }: Dispatched,
): Listed {
  const { destination, nonce } = decodeMessage(hexToBytes(encoded))
  const delivery: Delivery | undefined = deliveryOf(view, destination, origin, leaf)
  const reason = delivery?.state === 'waiting' ? delivery.reason : undefined
  return { id, origin, destination, leaf, nonce, time, state: delivery?.state ?? 'unknown', reason }
}

/** What is asked for, or what is wrong with it. */
function wantedOf(query: URLSearchParams): Wanted | string {
  const domain = (name: string) => {
    const text = query.get(name)
    return text === null ? undefined : /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  }
  const [origin, destination] = [domain('origin'), domain('destination')]
  for (const [name, value] of Object.entries({ origin, destination })) {
    if (Number.isNaN(value)) return `${name}: expected the number of a domain, such as ${name}=8453`
  }
  const state = query.get('state') ?? undefined
  if (state !== undefined && !STATES.some((one) => one === state)) return `state: expected one of ${STATES.join(', ')}`
  const limit = Number(query.get('limit') ?? DEFAULT_MESSAGES)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_MESSAGES) return `limit: expected 1 to ${MAX_MESSAGES}`
  return { origin, destination, state: state as Wanted['state'], limit }
}
