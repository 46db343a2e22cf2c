import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { STAKE_CHAIN } from '../chain/chainLabel.ts'
import { type Chain, type ChainOptions, openChain } from '../chain/clients.ts'
import { loadDeployment } from '../chain/deployment.ts'
import { MAX_WALK } from '../chain/facts/finalHead.ts'
import { fetchHeader } from '../chain/facts/headers.ts'
import type { FinalBlock, UndoneBlock } from '../chain/heads.ts'
import { rewind } from '../chain/watcher.ts'
import { createMetrics } from '../metrics/registry.ts'
import { lockDataDir } from '../store/lock.ts'
import { openDataStore } from '../store/sqlite/data.ts'
import { reopenIntents } from '../store/sqlite/transactions.ts'
import type { CursorStore } from '../store/store.ts'
import { systemClock } from '../util/clock.ts'
import { syncFolder } from '../util/create.ts'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { silentLog } from '../util/log.ts'
import { cursorsOf, stakeCursors } from './chains/cursors.ts'
import { type LoadedConfig, loadConfig } from './config/load.ts'
import { files } from './files.ts'
import { openFinality, recordedGenesis } from './finality.ts'
import { PLUGINS } from './plugins.ts'
import { SLASHED_CURSOR } from './selfcheck/slashes.ts'

/** A final block that was undone, and the chain that an operator is asked to go on with. */
export interface ShownReorg {
  readonly undone: UndoneBlock
  /** Hash that the providers have at that height now; undefined when they have no such block yet. */
  readonly present: string | undefined
  /** The newest block that they agree is final. */
  readonly final: FinalBlock
  /** Where what was known before is kept, when it is acknowledged now. */
  readonly kept: string | undefined
}

/**
 * Shows the final block that was undone, and with `yes` takes the chain that the providers agree on now as the right one: the
 * node's next start goes on from its newest final block and signs again. Positions in the chain's logs are set back, so that
 * the events in blocks which replaced others are worked through, and what became of transactions that landed not long before
 * is looked for anew. The guard's record stays as it is. With `yes` the node must not run.
 * @param chain a name of the section `chains`, or `stake`
 * @returns undefined when there is nothing to acknowledge
 * @throws LariatError `config.…`, `chain.…`, `store.locked` while the node runs and `yes` is given
 */
export async function acknowledgeReorg(
  configFile: string,
  yes: boolean,
  chain: string = STAKE_CHAIN,
): Promise<ShownReorg | undefined> {
  const config = await loadConfig(configFile, PLUGINS, { ecdsa: false })
  const kept = await keptOf(config, chain)
  const lock = yes ? lockDataDir(config.dataDir) : undefined
  try {
    return await look(config, kept, yes)
  } finally {
    lock?.release()
  }
}

/** What the node keeps of one chain, and how to reach that. */
interface Kept {
  readonly options: Pick<ChainOptions, 'name' | 'id' | 'rpc' | 'singleProvider'>
  readonly genesisHash: Hex
  /** File of the last final block. */
  readonly file: string
  readonly intents: string
  /** Its own among the node's cursors. */
  readonly cursors: (all: CursorStore) => CursorStore
}

/** @throws LariatError `config.mismatch` for a name that is none; undefined for a further chain that was never followed */
async function keptOf({ chain, chains, dataDir, file }: LoadedConfig, name: string): Promise<Kept | undefined> {
  if (name === STAKE_CHAIN) {
    const { genesisHash } = await loadDeployment(chain.deployment)
    const { finality, intents } = files(dataDir)
    return { options: { ...chain, name }, genesisHash, file: finality, intents, cursors: stakeCursors }
  }
  const further = Object.hasOwn(chains, name) ? chains[name] : undefined
  if (further === undefined) {
    const names = [STAKE_CHAIN, ...Object.keys(chains)].join(', ')
    throw new LariatError('config.mismatch', `${file} has no chain ${name}: name one of ${names}`)
  }
  const { finality, intents } = files(dataDir).chain(name)
  const genesisHash = recordedGenesis(finality)
  if (genesisHash === undefined) return undefined
  const { id, rpc, singleProvider } = further
  const cursors = (all: CursorStore) => cursorsOf(all, name)
  return { options: { name, id, rpc, singleProvider }, genesisHash, file: finality, intents, cursors }
}

async function look({ dataDir }: LoadedConfig, kept: Kept | undefined, yes: boolean): Promise<ShownReorg | undefined> {
  if (kept === undefined) return undefined
  const { options, genesisHash, file, intents, cursors } = kept
  const finality = openFinality(file, genesisHash)
  const undone = finality.undone()
  if (undone === undefined) return undefined
  const chain = await openChain({
    ...options,
    genesisHash,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
  })
  try {
    const { number, hash } = chain.heads.current('finalized')
    const final = { number, hash }
    const present = await hashAt(chain, undone.number)
    if (!yes) return { undone, present, final, kept: undefined }
    const store = openDataStore(files(dataDir).data)
    try {
      rewindAll(cursors(store.cursors), undone.number, number)
    } finally {
      store.close()
    }
    if (existsSync(intents)) reopenIntents(intents, genesisHash, undone.number - MAX_WALK)
    const copy = `${file}.${new Date().toISOString().replaceAll(':', '-')}`
    await copyFile(file, copy)
    await syncFolder(dirname(file))
    // last: until then the node stays halted
    finality.settle(final)
    return { undone, present, final, kept: copy }
  } finally {
    chain.close()
  }
}

/**
 * Watches read the newest blocks again that a reorg can have replaced: where it began is not on record. What was handed over
 * already and is on the new chain too comes a second time, which their handlers bear. Which slashes are acknowledged is an
 * operator's word, and stays, but for blocks that do not exist yet.
 */
export function rewindAll(cursors: CursorStore, undone: bigint, final: bigint): void {
  const slashed = cursors.get(SLASHED_CURSOR)
  const replaced = undone > MAX_WALK ? undone - MAX_WALK : 0n
  rewind(cursors, replaced < final ? replaced : final)
  if (slashed !== undefined) cursors.set(SLASHED_CURSOR, slashed < final ? slashed : final)
}

/** What is shown, not what is decided by: one provider's word. */
async function hashAt({ heads, providers }: Chain, number: bigint): Promise<string | undefined> {
  if (number > heads.current('latest').number) return undefined
  const header = await providers.ask(`block ${number}`, (client, provider) => fetchHeader(client, provider, number))
  return header.hash
}

/** For people, a line each. */
export function describeReorg({ undone, present, final, kept }: ShownReorg): readonly string[] {
  const { number, hash, instead, at } = undone
  const now =
    present === undefined
      ? 'they have no such block now'
      : present === hash
        ? 'they have the first again now'
        : present === instead
          ? 'they have that still'
          : `they have ${present} there now`
  return [
    `block ${number} was final as ${hash}; at ${new Date(at).toISOString()} the providers had ${instead} in its place, and ${now}`,
    `the newest block that they agree is final: ${final.number}, ${final.hash}`,
    ...(kept === undefined
      ? [
          'Look on sources that are not your providers, such as block explorers of other people, which of these blocks the chain has.',
          'If the providers are wrong, replace them first. To acknowledge takes the chain that they show as the right one: the next start goes on',
          'from that final block and signs again. The guard’s record stays: of a slot that was signed over the undone blocks nothing else is signed.',
          `Events of the ${MAX_WALK} blocks before are worked through again, as some may stand in blocks that were put in the place of others.`,
          'Then stop the node, run this again with --yes, and start it.',
        ]
      : [`acknowledged: start the node, and it signs again; what was known before is kept in ${kept}`]),
  ]
}
