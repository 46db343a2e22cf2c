import type { LocalAccount, Transport } from 'viem'
import { type Chain, openChain, sectionOf } from '../../chain/clients.ts'
import { createSender } from '../../chain/sender.ts'
import { createServiceChain } from '../../chain/serviceChain.ts'
import type { ServiceChain } from '../../chain/types.ts'
import type { Metrics } from '../../metrics/registry.ts'
import { openIntentStore } from '../../store/sqlite/transactions.ts'
import type { CursorStore } from '../../store/store.ts'
import type { Clock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Log } from '../../util/log.ts'
import type { FurtherChainConfig } from '../config/chains.ts'
import { files } from '../files.ts'
import { openFinality, recordedGenesis } from '../finality.ts'
import { cursorsOf } from './cursors.ts'

export interface FurtherChainOptions {
  readonly name: string
  readonly config: FurtherChainConfig
  readonly dataDir: string
  /** Who sends. */
  readonly account: LocalAccount
  /** Cursors of the whole node; a chain's have names of their own. */
  readonly cursors: CursorStore
  readonly clock: Clock
  /** Names the chain in every line. */
  readonly log: Log
  readonly metrics: Metrics
  /** How to reach a provider; HTTP unless given. */
  readonly transport?: (url: string) => Transport
}

/** A further chain that is open: read, written, followed. */
export interface OpenedChain {
  readonly chain: Chain
  readonly service: ServiceChain
  close(): Promise<void>
}

/**
 * Connects to a further chain with files of its own in the data folder: the last final block, and with it the hash of block 0
 * that the chain has had from the first start on; the transactions; its cursors.
 * @throws LariatError `chain.other-genesis`; as `openChain` and `openIntentStore`; the signal's reason when it aborts meanwhile
 */
export async function openFurtherChain(options: FurtherChainOptions, signal?: AbortSignal): Promise<OpenedChain> {
  const { name, config, account, log, metrics, clock, transport } = options
  const { finality, intents } = files(options.dataDir).chain(name)
  const { id, rpc, singleProvider, pollInterval } = config
  const genesisHash = expectedGenesis(options, finality)
  const chain = await openChain({
    ...{ name, id, rpc, singleProvider, pollMs: pollInterval, clock, log, metrics },
    final: (genesis) => openFinality(finality, genesis),
    ...(genesisHash === undefined ? {} : { genesisHash }),
    ...(transport === undefined ? {} : { transport }),
  })
  try {
    signal?.throwIfAborted()
    const journal = openIntentStore(intents, { genesisHash: chain.genesisHash, account: account.address })
    const sender = createSender({ chain, account, log, journal })
    return {
      chain,
      service: createServiceChain({ chain, sender, log, cursors: cursorsOf(options.cursors, name) }),
      async close() {
        await sender.close()
        chain.close()
        journal.close()
      },
    }
  } catch (error) {
    chain.close()
    throw error
  }
}

/** The hash of block 0 on record, or as configured; undefined before the first start. @throws LariatError `chain.other-genesis` */
function expectedGenesis({ name, config }: FurtherChainOptions, file: string) {
  const recorded = recordedGenesis(file)
  const { genesisHash = recorded } = config
  if (recorded !== undefined && genesisHash !== recorded) {
    const section = sectionOf(name)
    throw new LariatError(
      'chain.other-genesis',
      `${section}.genesisHash is ${genesisHash}, and block 0 of ${name} was ${recorded} until now (${file}): correct it, or give the other chain another name`,
      { chain: name, genesisHash, recorded },
    )
  }
  return genesisHash
}
