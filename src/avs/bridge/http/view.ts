import type { Address, EpochTable, Hex } from 'lariat/avs'
import type { Source } from '../ports.ts'
import type { Module } from '../relay/module.ts'
import type { Certificates } from '../relay/ports.ts'
import type { Delivery, Relayer } from '../relay/relayer.ts'

/** A mailbox that messages arrive at, as far as this node has to do with it. */
export interface DestinationView {
  readonly domain: number
  /** As the configuration names it. */
  readonly chain: string
  /** Where a module of ours judges messages. */
  readonly module: Module | undefined
  /** Where this node delivers. */
  readonly relayer: Pick<Relayer, 'delivery'> | undefined
}

/** What the routes of the bridge tell from. */
export interface BridgeView {
  /** By domain. */
  readonly sources: ReadonlyMap<number, Source>
  /** Where messages of each origin leave, by domain. */
  readonly mailboxes: ReadonlyMap<number, Address>
  /** By domain. */
  readonly destinations: ReadonlyMap<number, DestinationView>
  readonly certificates: Certificates
  readonly epochs: { byNumber(epoch: bigint): EpochTable | undefined }
}

/** How the delivery of a message stands as this node knows it, without asking the chain. */
export function deliveryOf(
  { destinations }: Pick<BridgeView, 'destinations'>,
  destination: number,
  origin: number,
  index: number,
): Delivery | undefined {
  return destinations.get(destination)?.relayer?.delivery(origin, index)
}

/** Whether text is a hash of 32 bytes; in lower case then. */
export function hashOf(text: string | undefined): Hex | undefined {
  const lower = text?.toLowerCase()
  return lower !== undefined && /^0x[0-9a-f]{64}$/.test(lower) ? (lower as Hex) : undefined
}
