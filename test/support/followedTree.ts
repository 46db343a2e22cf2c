import { setImmediate } from 'node:timers/promises'
import type { Correction, Tip } from '../../src/avs/bridge/ports.ts'
import { sourceMetrics } from '../../src/avs/bridge/source/metrics.ts'
import { BridgeSource, type SourceOptions } from '../../src/avs/bridge/source/source.ts'
import { openSourceStores, sourceStoreSpecs } from '../../src/avs/bridge/source/stores.ts'
import { Level } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import type { KeyValueStores } from '../../src/store/keyValue.ts'
import { memoryDataStore } from '../../src/store/memory.ts'
import { type Clock, systemClock } from '../../src/util/clock.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'
import { eventually } from './eventually.ts'
import { type MemoryLog, memoryLog } from './memoryLog.ts'
import { DOMAIN, HOOK, MAILBOX, type TreeChain } from './treeChain.ts'

/** Waits between attempts pass quickly. */
const clock: Clock = { now: systemClock.now, after: (ms, fn) => systemClock.after(Math.min(ms, 5), fn) }

/** A tree that is followed, with what it handed over. */
export interface FollowedTree {
  readonly source: BridgeSource
  readonly tips: Tip[]
  readonly fastTips: Tip[]
  readonly corrections: Correction[]
  readonly log: MemoryLog
  /** Resolves when the newest final block was looked at, or the tree is halted. */
  seen(): Promise<void>
  /** Tells of the newest block, and resolves when what follows from that is done. */
  newest(): Promise<void>
  metric(name: string): Promise<number>
  stop(): Promise<void>
}

/** Stores that outlive what follows. */
export const sourceDisk = (): KeyValueStores => memoryDataStore().keyValues

export function storesOn(disk: KeyValueStores) {
  const specs = sourceStoreSpecs([DOMAIN])
  return openSourceStores((name) => {
    const spec = specs[name]
    if (spec === undefined) throw new RangeError(`no store ${name}`)
    return disk.open('bridge', name, spec)
  }, DOMAIN)
}

/** Follows the tree of a chain in memory; ends with `stop`. */
export async function followTree(
  chain: TreeChain,
  disk: KeyValueStores = sourceDisk(),
  options: Partial<SourceOptions> = {},
): Promise<FollowedTree> {
  const metrics = createMetrics()
  const log = memoryLog()
  const source = new BridgeSource({
    ...{ chain, domain: DOMAIN, mailbox: MAILBOX, hook: HOOK, from: 1n, clock, log },
    metrics: sourceMetrics(metrics),
    stores: storesOn(disk),
    ...options,
  })
  const [tips, fastTips, corrections]: [Tip[], Tip[], Correction[]] = [[], [], []]
  source.onTip(Level.finalized, (tip) => void tips.push(tip))
  source.onTip(Level.fast, (tip) => void fastTips.push(tip))
  source.onCorrected((correction) => void corrections.push(correction))
  await source.start()
  return {
    ...{ source, tips, fastTips, corrections, log },
    async seen() {
      const { looks } = chain
      await eventually(() => {
        chain.tell('finalized')
        // Looks follow each other, and one that reads all anew counts twice: with the third, one that began after this call is over.
        return chain.looks >= looks + 3 || source.halted() !== undefined
      }, 'nothing is looked at')
    },
    async newest() {
      chain.tell('latest')
      // All of it is promises that are kept already.
      for (let i = 0; i < 20; i++) await setImmediate()
    },
    async metric(name) {
      const { body } = await metrics.expose()
      const line = body.split('\n').find((one) => one.startsWith(`${name}{`))
      return Number(line?.split(' ').at(-1))
    },
    stop: () => source.stop(),
  }
}

/** Root of a tree of these leaves. */
export function rootOf(leaves: readonly Hex[]): Hex {
  const tree = new MessageTree()
  for (const leaf of leaves) tree.append(hexToBytes(leaf))
  return bytesToHex(tree.root())
}
