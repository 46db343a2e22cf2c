import type { Context, Part, StoreSpec } from 'lariat/avs'
import { EPOCH_STORE, EPOCH_STORE_SPEC, EpochBook } from './attest/handover.ts'
import { Pausable } from './attest/pauses.ts'
import { Revocations } from './attest/revocations.ts'
import { type Route, SupplyWatch } from './attest/supply.ts'
import { chainOf } from './chainOf.ts'
import type { BridgeConfig, MailboxConfig } from './config.ts'
import type { Served } from './http/routes.ts'
import { ValidatorStorage } from './http/validator.ts'
import type { Source } from './ports.ts'
import { openRelaying, RELAY_STORE } from './relay/open.ts'
import { RELAY_STORE_SPEC } from './relay/records.ts'
import type { Relayer } from './relay/relayer.ts'
import { sourceMetrics } from './source/metrics.ts'
import { BridgeSource } from './source/source.ts'
import { openSourceStores, sourceStoreSpecs } from './source/stores.ts'

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
  /** The modules that this operator can help to pause. */
  readonly modules: readonly Pausable[]
  /** Whether more is minted than was locked. */
  readonly supply: SupplyWatch
  /** What is told over HTTP. */
  readonly served: Served
  /** Something was certified. */
  wake(): void
}

/** @throws LariatError `bridge.chain` for a chain that the node does not follow */
export function openState(context: Context<BridgeConfig>): BridgeState {
  const { config, chains, clock, log, metrics } = context
  const treeMetrics = sourceMetrics(metrics)
  const sources = config.mailboxes.map((mailbox) => {
    const { domain, hook, from, fast, treeSlot, acknowledge } = mailbox
    const source = new BridgeSource({
      ...{ domain, hook, clock, from: BigInt(from), metrics: treeMetrics },
      mailbox: mailbox.mailbox,
      chain: chainOf(chains, mailbox.chain),
      stores: openSourceStores((name) => context.store(name), domain),
      log: log.child({ chain: mailbox.chain }),
      ...(fast === undefined ? {} : { fast }),
      ...(treeSlot === undefined ? {} : { treeSlot: BigInt(treeSlot) }),
      ...(acknowledge === undefined ? {} : { acknowledge }),
    })
    return { source, config: mailbox }
  })
  const epochBook = new EpochBook(context.store(EPOCH_STORE))
  const revocations = new Revocations(context)
  const byDomain = new Map(sources.map(({ source }) => [source.domain, source]))
  const supply = new SupplyWatch(routesOf(context), clock, log)
  const modules = config.mailboxes.flatMap(({ chain: name, domain, ism, pause }) => {
    if (ism === undefined) return []
    const wanted = () => (pause ? 'its configuration says so' : supply.problem())
    return [new Pausable({ chain: chainOf(chains, name), domain, ism, wanted, clock, log: log.child({ chain: name }) })]
  })
  const { relayers, view } = openRelaying(context, { sources: byDomain, epochBook, revocations, modules })
  return {
    ...{ sources, epochBook, revocations, relayers, modules, supply },
    served: { view, validator: openValidator(context, () => supply.problem() ?? pausedBy(modules)) },
    parts: [...sources.map(({ source }) => source), supply, ...relayers],
    startedAt: clock.now(),
    wake() {
      for (const relayer of relayers) relayer.kick(true)
    },
  }
}

function routesOf({ config, chains }: Context<BridgeConfig>): Route[] {
  return config.routes.flatMap(({ chain, collateral, synthetics }) =>
    synthetics.map(({ chain: away, token }) => ({
      ...{ chain: chainOf(chains, chain), collateral, away: chainOf(chains, away), token },
      domain: config.mailboxes.find((mailbox) => mailbox.chain === away)?.domain ?? 0,
    })),
  )
}

/** What signs for relayers of Hyperlane; undefined where no mailbox has storage. @param held why it is to sign nothing now */
function openValidator(
  { config, certificates, checkpoints }: Context<BridgeConfig>,
  held: () => string | undefined,
): ValidatorStorage | undefined {
  const locations = new Map(
    config.mailboxes.flatMap(({ domain, storage }) => (storage === undefined ? [] : [[domain, storage] as const])),
  )
  return locations.size === 0 ? undefined : new ValidatorStorage({ checkpoints, certificates, locations, held })
}

function pausedBy(modules: readonly Pausable[]): string | undefined {
  return modules.map((module) => module.held()).find((why) => why !== undefined)
}

/** What the section keeps: the trees, tables of epochs, and where deliveries are. */
export function storesOf({ mailboxes }: BridgeConfig): Readonly<Record<string, StoreSpec>> {
  const trees = sourceStoreSpecs(mailboxes.map(({ domain }) => domain))
  return { ...trees, [EPOCH_STORE]: EPOCH_STORE_SPEC, [RELAY_STORE]: RELAY_STORE_SPEC }
}
