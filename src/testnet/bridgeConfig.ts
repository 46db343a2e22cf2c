import type { Address } from '../util/hex.ts'
import type { BridgeEnd } from './bridge.ts'
import type { BridgeNet } from './bridgeNet.ts'

/** Name of the bridge's other chain in configurations. */
export const AWAY = 'b'

/** A mailbox as a node's configuration has it. */
interface MailboxSection {
  readonly chain: string
  readonly domain: number
  readonly mailbox: Address
  readonly hook: Address
  readonly from: number
  readonly ism: Address
  readonly relay: true
}

/** What a node's configuration says of the bridge. */
export interface BridgeSections {
  readonly chains: Readonly<Record<string, object>>
  readonly service: {
    readonly use: 'bridge'
    readonly contract: Address
    readonly mailboxes: readonly MailboxSection[]
  }
}

/** Section `chains` and that of the service: both ends are attested to, and every node delivers what arrives. */
export function bridgeSections({ service, stake, away, awayUrl }: BridgeNet): BridgeSections {
  return {
    chains: { [AWAY]: { id: away.chainId, rpc: [{ url: awayUrl }], singleProvider: true } },
    service: { use: 'bridge', contract: service, mailboxes: [section('stake', stake), section(AWAY, away)] },
  }
}

function section(chain: string, { domain, mailbox, hook, from, ism }: BridgeEnd): MailboxSection {
  return { chain, domain, mailbox, hook, from: Number(from), ism, relay: true }
}
