import { bytesToHex, type Context, type KeptCertificates, type Part, type StoreSpec } from 'lariat/avs'
import { EPOCH_STORE, EPOCH_STORE_SPEC, EpochBook } from './attest/handover.ts'
import { Revocations } from './attest/revocations.ts'
import { chainOf } from './chainOf.ts'
import type { BridgeConfig, MailboxConfig } from './config.ts'
import type { Source } from './ports.ts'
import { relayMetrics } from './relay/metrics.ts'
import type { RelayPorts } from './relay/ports.ts'
import { RELAY_STORE_SPEC } from './relay/records.ts'
import { Relayer } from './relay/relayer.ts'
import { sourceMetrics } from './source/metrics.ts'
import { BridgeSource } from './source/source.ts'
import { openSourceStores, sourceStoreSpecs } from './source/stores.ts'
import { REVOCATIONS_SERVICE, revocationSlot } from './statements.ts'

/** Name of the store of deliveries. */
const RELAY_STORE = 'relay'

/** A tree that is followed, as it is configured. */
export interface Followed {
  readonly source: Source
  readonly config: MailboxConfig
}

/** What the hooks of the bridge share. */
export interface BridgeState {
  readonly sources: readonly Followed[]
  readonly epochBook: EpochBook
  readonly revocations: Revocations
  /** In the order in which they start. */
  readonly parts: readonly Part[]
  /** ms since the epoch. */
  readonly startedAt: number
  /** One for each mailbox that this node delivers to. */
  readonly relayers: readonly Relayer[]
  /** Something was certified. */
  wake(): void
}

/** @throws LariatError `bridge.chain` for a chain that the node does not follow */
export function openState(context: Context<BridgeConfig>): BridgeState {
  const { config, chains, clock, log, metrics } = context
  const treeMetrics = sourceMetrics(metrics)
  const sources = config.mailboxes.map((mailbox) => {
    const { domain, hook, from, treeSlot, acknowledge } = mailbox
    const source = new BridgeSource({
      ...{ domain, hook, clock, from: BigInt(from), metrics: treeMetrics },
      mailbox: mailbox.mailbox,
      chain: chainOf(chains, mailbox.chain),
      stores: openSourceStores((name) => context.store(name), domain),
      log: log.child({ chain: mailbox.chain }),
      ...(treeSlot === undefined ? {} : { treeSlot: BigInt(treeSlot) }),
      ...(acknowledge === undefined ? {} : { acknowledge }),
    })
    return { source, config: mailbox }
  })
  const epochBook = new EpochBook(context.store(EPOCH_STORE))
  const revocations = new Revocations(context)
  const relayers = relayersOf(context, {
    sources: new Map(sources.map(({ source }) => [source.domain, source])),
    certificates: context.certificates,
    epochs: context.epochs,
    handedEpoch: (number) => epochBook.get(number),
    revocations: () => certifiedRevocations(revocations, context.certificates),
    corrections: () => [],
  })
  return {
    ...{ sources, epochBook, revocations, relayers },
    parts: [...sources.map(({ source }) => source), ...relayers],
    startedAt: clock.now(),
    wake() {
      for (const relayer of relayers) relayer.kick(true)
    },
  }
}

function relayersOf(context: Context<BridgeConfig>, ports: RelayPorts): Relayer[] {
  const { config, chains, operator, clock, log } = context
  const metrics = relayMetrics(context.metrics)
  return config.mailboxes.flatMap(({ chain, domain, mailbox, from, ism, relay }) => {
    if (relay === undefined || ism === undefined) return []
    const destination = { domain, mailbox, ism, chain: chainOf(chains, chain), from: BigInt(from) }
    const store = context.store(RELAY_STORE)
    return new Relayer({ destination, config: relay, ports, operator, store, clock, log, metrics })
  })
}

function certifiedRevocations(revocations: Revocations, certificates: KeptCertificates) {
  return revocations.list().flatMap(({ epoch, atBlock, revoked }) => {
    const slot = revocationSlot(atBlock, epoch)
    const [certificate] = certificates.list({
      service: REVOCATIONS_SERVICE,
      fromSlot: slot,
      toSlot: slot,
      limit: 1,
    })
    return certificate === undefined ? [] : [{ epoch, atBlock, revoked: bytesToHex(revoked), certificate }]
  })
}

/** What the section keeps: the trees, tables of epochs, and where deliveries are. */
export function storesOf({ mailboxes }: BridgeConfig): Readonly<Record<string, StoreSpec>> {
  const trees = sourceStoreSpecs(mailboxes.map(({ domain }) => domain))
  return { ...trees, [EPOCH_STORE]: EPOCH_STORE_SPEC, [RELAY_STORE]: RELAY_STORE_SPEC }
}
