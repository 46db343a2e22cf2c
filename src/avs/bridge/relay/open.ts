import type { Context, FollowedChain, Hex } from 'lariat/avs'
import type { EpochBook } from '../attest/handover.ts'
import type { Pausable } from '../attest/pauses.ts'
import type { Revocations } from '../attest/revocations.ts'
import { chainOf } from '../chainOf.ts'
import type { BridgeConfig, MailboxConfig } from '../config.ts'
import type { BridgeView, DestinationView } from '../http/view.ts'
import type { Source } from '../ports.ts'
import { Level, REVOCATIONS_SERVICE, revocationSlot, streamService } from '../statements.ts'
import { relayMetrics } from './metrics.ts'
import { Module } from './module.ts'
import type { Correction, Destination, Kept, RelayPorts, Revocation } from './ports.ts'
import { Relayer } from './relayer.ts'

/** Name of the store of deliveries. */
export const RELAY_STORE = 'relay'

/** What deliveries rest on. */
export interface RelayInputs {
  /** By domain. */
  readonly sources: ReadonlyMap<number, Source>
  readonly epochBook: EpochBook
  readonly revocations: Revocations
  readonly modules: readonly Pausable[]
}

export interface Relaying {
  /** One for each mailbox that this node delivers to. */
  readonly relayers: readonly Relayer[]
  readonly view: BridgeView
}

/** What delivers messages, and what is told of them. @throws LariatError `bridge.chain` for a chain that the node does not follow */
export function openRelaying(context: Context<BridgeConfig>, inputs: RelayInputs): Relaying {
  const { config, chains, operator, clock, log, certificates, epochs } = context
  const metrics = relayMetrics(context.metrics)
  const ports = portsOf(context, inputs)
  const destinations = new Map<number, DestinationView>()
  const relayers: Relayer[] = []
  for (const mailbox of config.mailboxes) {
    const { chain, domain, relay } = mailbox
    const destination = destinationOf(chains, mailbox)
    if (destination === undefined) continue
    const store = context.store(RELAY_STORE)
    const relayer =
      relay === undefined
        ? undefined
        : new Relayer({ destination, config: relay, ports, operator, store, clock, log, metrics })
    if (relayer !== undefined) relayers.push(relayer)
    destinations.set(domain, { domain, chain, module: new Module(destination, clock), relayer })
  }
  const mailboxes = new Map(config.mailboxes.map(({ domain, mailbox }) => [domain, mailbox]))
  return { relayers, view: { sources: inputs.sources, mailboxes, destinations, certificates, epochs } }
}

function destinationOf(
  chains: ReadonlyMap<string, FollowedChain>,
  { chain, domain, mailbox, from, ism }: MailboxConfig,
): Destination | undefined {
  return ism === undefined ? undefined : { domain, mailbox, ism, chain: chainOf(chains, chain), from: BigInt(from) }
}

function portsOf(
  context: Context<BridgeConfig>,
  { sources, epochBook, revocations, modules }: RelayInputs,
): RelayPorts {
  const { certificates, epochs } = context
  const certificateOf = (service: Hex, slot: bigint): Kept | undefined =>
    certificates.list({ service, fromSlot: slot, toSlot: slot, limit: 1 })[0]
  return {
    ...{ sources, certificates, epochs },
    handedEpoch: (number) => epochBook.get(number),
    revocations: () =>
      revocations.list().flatMap((revocation): Revocation[] => {
        const slot = revocationSlot(revocation.atBlock, revocation.epoch)
        const certificate = certificateOf(REVOCATIONS_SERVICE, slot)
        return certificate === undefined ? [] : [{ ...revocation, certificate }]
      }),
    votes: (domain, isPause, number) => {
      const services = modules.find((module) => module.domain === domain)?.services
      return services && certificateOf(isPause ? services.pauses : services.unpauses, number)
    },
    corrections: () =>
      [...sources.values()].flatMap((source) =>
        source.corrections().flatMap(({ right }): Correction[] => {
          const service = streamService(source, Level.finalized)
          const certificate = certificateOf(service, BigInt(right.index))
          return certificate === undefined ? [] : [{ origin: source.domain, finalized: right, certificate }]
        }),
      ),
  }
}
