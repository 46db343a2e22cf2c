import { type Address, type Hex, hexToBytes, signersOf } from 'lariat/avs'
import { decodeMessage } from '../message.ts'
import type { Dispatched, Source } from '../ports.ts'
import type { Kept } from '../relay/ports.ts'
import { REASONS } from '../relay/reasons.ts'
import { checkpointPayload, Level, streamService } from '../statements.ts'
import type { BridgeView } from './view.ts'

/** Certificates after a message that are looked through for the first that covers it. */
const LOOKED_AT = 256

/** Who attested to a message first, at one level. Times are ms since the epoch. */
export interface Attested {
  readonly level: keyof typeof Level
  /** Nobody is slashed for a fast checkpoint: its block may be undone. */
  readonly slashable: boolean
  /** Of the checkpoint: it covers every leaf up to it. */
  readonly index: number
  readonly epoch: bigint
  /** Undefined once the epoch’s table is not kept any more. */
  readonly signers: readonly Address[] | undefined
  readonly absent: readonly Address[] | undefined
  /** When this node had it. */
  readonly time: number
  /** Whether it is what this node sees in the final tree. */
  readonly agrees: boolean
}

/** Where a message is delivered, or why it waits. Times are ms since the epoch. */
export type Arrival =
  | {
      readonly state: 'delivered'
      /** Whether it is in a final block. */
      readonly final: boolean
      readonly block: bigint | null
      readonly time: number | null
      readonly transaction: string | null
      /** Whether this node sent it; null where it cannot know. */
      readonly own: boolean | null
    }
  | {
      readonly state: 'waiting'
      readonly reason: keyof typeof REASONS
      readonly why: string
      /** What the chain said. */
      readonly detail: string | null
      readonly attempts: number
      /** When it is tried again; null for as soon as it can be. */
      readonly nextAt: number | null
    }
  | { readonly state: 'unknown'; readonly why: string }

/** What happened to one message, in its order. */
export interface Trace {
  readonly id: Hex
  readonly origin: number
  readonly destination: number
  readonly nonce: number
  readonly sender: Hex
  readonly recipient: Hex
  /** Of the body. */
  readonly bytes: number
  readonly dispatched: {
    /** Whether its block is final; before that it may be undone. */
    readonly final: boolean
    readonly chain: string
    readonly block: bigint
    readonly time: number
    readonly transaction: Hex
    readonly leaf: number
  }
  /** Why the origin is not followed any more; null while it is. */
  readonly halted: string | null
  readonly attested: readonly Attested[]
  readonly arrival: Arrival
}

/** What happened to a message; undefined for one that is in no block that this node knows of an origin that it follows. @throws LariatError `chain.…` */
export async function trace(view: BridgeView, id: Hex): Promise<Trace | undefined> {
  for (const source of view.sources.values()) {
    const final = source.message(id)
    const message = final ?? source.ahead()?.message(id)
    if (message === undefined) continue
    const { origin, destination, nonce, sender, recipient, body } = decodeMessage(hexToBytes(message.encoded))
    const { block, time, transaction, index: leaf } = message
    return {
      ...{ id, origin, destination, nonce, sender, recipient, bytes: (body.length - 2) / 2 },
      dispatched: { final: final !== undefined, chain: source.chain.name, block, time, transaction, leaf },
      halted: source.halted() ?? null,
      attested: attestedOf(view, source, leaf),
      arrival: await arrivalOf(view, source, message, destination),
    }
  }
  return undefined
}

function attestedOf(view: BridgeView, source: Source, leaf: number): Attested[] {
  return (Object.keys(Level) as (keyof typeof Level)[]).flatMap((level) => {
    const service = streamService(source, Level[level])
    const fromSlot = BigInt(leaf)
    const near = { service, fromSlot, toSlot: fromSlot + BigInt(LOOKED_AT) - 1n, limit: LOOKED_AT }
    const first = view.certificates.list(near).at(-1) ?? view.certificates.list({ service, fromSlot, limit: 1 })[0]
    return first === undefined ? [] : [attestedBy(view, source, level, first)]
  })
}

function attestedBy(view: BridgeView, source: Source, level: keyof typeof Level, kept: Kept): Attested {
  const { statement, absent } = kept.certificate
  const table = view.epochs.byNumber(statement.epoch)
  const rows = table === undefined ? undefined : signersOf(table, absent)
  const signed = new Set(rows)
  const checkpoint = source.checkpoint(Number(statement.slot))
  const of = (isSigner: boolean) =>
    rows === undefined
      ? undefined
      : table?.members.filter(({ index }) => signed.has(index) === isSigner).map(({ operator }) => operator)
  return {
    ...{ level, slashable: level === 'finalized', index: Number(statement.slot), epoch: statement.epoch },
    ...{ signers: of(true), absent: of(false), time: kept.verifiedAt },
    agrees: checkpoint === undefined || checkpointPayload(checkpoint) === statement.payload,
  }
}

async function arrivalOf(
  { destinations }: BridgeView,
  source: Source,
  { id, index }: Dispatched,
  domain: number,
): Promise<Arrival> {
  const destination = destinations.get(domain)
  const known = destination?.relayer?.delivery(source.domain, index)
  if (known?.state === 'delivered') return { ...known, final: true }
  if (known?.state === 'landed') {
    const { block, transaction } = known
    return { state: 'delivered', final: false, block, time: null, transaction, own: transaction !== null }
  }
  if (known?.state === 'waiting') {
    const { reason, detail = null, attempts, nextAt } = known
    return { state: 'waiting', reason, why: REASONS[reason], detail, attempts, nextAt }
  }
  if (destination?.module === undefined) {
    return { state: 'unknown', why: `this node has no module at domain ${domain}` }
  }
  const block = await destination.module.processedAt(id)
  if (block !== undefined) {
    return { state: 'delivered', final: true, block, time: null, transaction: null, own: null }
  }
  return {
    state: 'unknown',
    why: `it is in no final block of domain ${domain}, and this node does not deliver it there`,
  }
}
