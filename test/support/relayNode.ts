import { join } from 'node:path'
import type { LocalAccount } from 'viem'
import { type RelayConfig, relaySchema } from '../../src/avs/bridge/relay/config.ts'
import { relayMetrics } from '../../src/avs/bridge/relay/metrics.ts'
import type { Destination, RelayPorts } from '../../src/avs/bridge/relay/ports.ts'
import { RELAY_STORE_SPEC } from '../../src/avs/bridge/relay/records.ts'
import { Relayer } from '../../src/avs/bridge/relay/relayer.ts'
import { sourceMetrics } from '../../src/avs/bridge/source/metrics.ts'
import { BridgeSource } from '../../src/avs/bridge/source/source.ts'
import { openSourceStores, sourceStoreSpecs } from '../../src/avs/bridge/source/stores.ts'
import type { FollowedChain } from '../../src/avs/ports.ts'
import { openChain } from '../../src/chain/clients.ts'
import { createSender } from '../../src/chain/sender.ts'
import { createServiceChain } from '../../src/chain/serviceChain.ts'
import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import { stakePort } from '../../src/node/chains/stake.ts'
import { memoryDataStore } from '../../src/store/memory.ts'
import { openIntentStore } from '../../src/store/sqlite/transactions.ts'
import type { DataStore } from '../../src/store/store.ts'
import { systemClock } from '../../src/util/clock.ts'
import { silentLog } from '../../src/util/log.ts'
import type { WorldChain } from './bridgeChain.ts'
import { type MemoryLog, memoryLog } from './memoryLog.ts'

/** Polls fast, so that tests do not wait. */
const POLL_MS = 100

export interface RelayNodeOptions {
  readonly origin: WorldChain
  readonly destination: WorldChain
  /** Where the destination’s RPC is reached. */
  readonly url: string
  readonly account: LocalAccount
  readonly ports: Omit<RelayPorts, 'sources'>
  /** Where the transactions’ journal is. */
  readonly folder: string
  /** What an earlier one kept. */
  readonly data?: DataStore
  readonly config?: Partial<RelayConfig>
  /** Blocks that lie upon one whose checkpoint is fast. */
  readonly fast?: number
}

/** The part of a daemon that delivers: a followed origin, and a relayer to the other chain with an account of its own. */
export interface RelayNode {
  readonly relayer: Relayer
  readonly destination: Destination
  readonly source: BridgeSource
  readonly metrics: Metrics
  readonly log: MemoryLog
  readonly data: DataStore
  stop(): Promise<void>
}

export async function startRelayNode(options: RelayNodeOptions): Promise<RelayNode> {
  const { origin, destination, account, ports, folder, config, fast, data = memoryDataStore() } = options
  const metrics = createMetrics()
  const log = memoryLog()
  const clock = systemClock
  const stops: (() => void | Promise<void>)[] = []

  async function follow(world: WorldChain, url: string): Promise<FollowedChain> {
    const { chainId } = world.end
    const rpc = [{ url }]
    const common = { log: silentLog, metrics: createMetrics() }
    const chain = await openChain({ id: chainId, rpc, singleProvider: true, pollMs: POLL_MS, ...common })
    const journal = openIntentStore(join(folder, `${account.address}-${chainId}.sqlite`), {
      ...{ genesisHash: chain.genesisHash, account: account.address },
    })
    const sender = createSender({ chain, account, log: silentLog, journal, receiptPollMs: POLL_MS })
    stops.unshift(async () => {
      await sender.close()
      chain.close()
      journal.close()
    })
    const { cursors } = data
    const service = createServiceChain({ chain, sender, log: silentLog, cursors })
    return stakePort(chain, service)
  }

  const domains = [origin.end.domain]
  const specs = sourceStoreSpecs(domains)
  const source = new BridgeSource({
    ...{ domain: origin.end.domain, mailbox: origin.end.mailbox, hook: origin.end.hook, from: origin.end.from },
    chain: await follow(origin, origin.test.anvil.rpcUrl),
    stores: openSourceStores(
      (name) => data.keyValues.open('bridge', name, specs[name] ?? RELAY_STORE_SPEC),
      origin.end.domain,
    ),
    ...{ clock, metrics: sourceMetrics(metrics), log: silentLog },
    ...(fast === undefined ? {} : { fast }),
  })
  const { domain, mailbox, ism, from } = destination.end
  const there: Destination = { domain, mailbox, ism, from, chain: await follow(destination, options.url) }
  const relayer = new Relayer({
    destination: there,
    config: { ...relaySchema.parse({}), stagger: 1_500, ...config },
    ports: { ...ports, sources: new Map([[source.domain, source]]) },
    operator: account.address,
    store: data.keyValues.open('bridge', 'relay', RELAY_STORE_SPEC),
    ...{ clock, log, metrics: relayMetrics(metrics) },
  })
  await source.start()
  await relayer.start()
  return {
    ...{ relayer, destination: there, source, metrics, log, data },
    async stop() {
      await relayer.stop()
      await source.stop()
      for (const stop of stops) await stop()
    },
  }
}
