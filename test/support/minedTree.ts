import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData, type PublicClient, padHex, toHex } from 'viem'
import type { Correction, Tip } from '../../src/avs/bridge/ports.ts'
import { sourceMetrics } from '../../src/avs/bridge/source/metrics.ts'
import { BridgeSource, type SourceOptions } from '../../src/avs/bridge/source/source.ts'
import { openSourceStores, sourceStoreSpecs } from '../../src/avs/bridge/source/stores.ts'
import { Level } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { type Following, followChain } from '../../src/node/chains/follow.ts'
import { declareFollowMetrics } from '../../src/node/chains/metrics.ts'
import { openFurtherChain } from '../../src/node/chains/open.ts'
import type { KeyValueStores } from '../../src/store/keyValue.ts'
import { memoryDataStore } from '../../src/store/memory.ts'
import { loadArtifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { type QueueMailbox, queueMailbox } from '../../src/testnet/mailbox.ts'
import { type Clock, systemClock } from '../../src/util/clock.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'
import { type AnvilTest, anvilAccount, anvilTest } from './anvil.ts'
import { mailboxAbi, treeAbi } from './bridgeChain.ts'
import { eventually } from './eventually.ts'
import { type MemoryLog, memoryLog } from './memoryLog.ts'

const ARTIFACTS = join(import.meta.dirname, '../../build/artifacts')
const CHAIN_ID = 31_338
/** ms between looks at heads: a test waits for each. */
const POLL_MS = 100
/** The longest that a loaded machine may take, ms. */
const PATIENCE_MS = 60_000
/** Waits between attempts pass quickly. */
const clock: Clock = { now: systemClock.now, after: (ms, fn) => systemClock.after(Math.min(ms, 100), fn) }
const GAS = '0x7a120'

/** A tree of messages on a chain of its own, with the real contracts. */
export interface MinedTree {
  readonly test: AnvilTest
  readonly client: PublicClient
  readonly mailbox: Address
  readonly hook: Address
  /** A transaction that dispatches a message, as anvil takes it. */
  dispatching(): { from: Hex; to: Address; data: Hex; gas: Hex }
  /** So many messages in one block. @returns its number */
  mine(messages: number): Promise<bigint>
  /** Empty blocks. */
  mineEmpty(blocks: number): Promise<void>
  /** The tips that the chain has up to its final block: of each block with leaves. */
  truth(): Promise<Tip[]>
  /** Follows it by these providers. */
  follow(options?: FollowOptions): Promise<FollowedMinedTree>
  close(): Promise<void>
}

export interface FollowOptions extends Partial<Pick<SourceOptions, 'fast' | 'acknowledge'>> {
  /** URLs of its providers: anvil itself unless given. */
  readonly rpc?: readonly string[]
  /** What is left of an earlier one. */
  readonly disk?: KeyValueStores
}

export interface FollowedMinedTree {
  readonly source: BridgeSource
  readonly tips: Tip[]
  readonly fastTips: Tip[]
  readonly corrections: Correction[]
  readonly log: MemoryLog
  readonly following: Following
  readonly disk: KeyValueStores
  /** Resolves when the newest leaf that is final by now is handed over, or the tree halted. */
  caughtUp(): Promise<void>
  /** Resolves when the node knows the newest block. */
  atHead(): Promise<void>
  metric(name: string): Promise<number>
  stop(): Promise<void>
}

/** @param queue what creates the mailbox and its tree */
export async function minedTree(queue: QueueMailbox = queueMailbox): Promise<MinedTree> {
  const test = await anvilTest({ chainId: CHAIN_ID })
  const client = localClient(test.anvil.rpcUrl)
  const artifacts = await loadArtifacts(ARTIFACTS)
  const owner = anvilAccount(0)
  const batch = await Batch.open(client, owner)
  // Nothing arrives here: any contract will do to judge it.
  const ism = batch.deploy(artifacts, 'NoHook', [])
  const { mailbox, hook } = queue(batch, { artifacts, domain: CHAIN_ID, owner: owner.address, ism })
  await batch.land(new AbortController().signal)
  await test.rpc('anvil_mine', ['0x3'])

  const folders: string[] = []
  const closing: (() => Promise<void>)[] = []
  let serial = 0
  const head = () => client.getBlockNumber({ cacheTime: 0 })

  const dispatching = () => ({
    from: anvilAccount(1).address,
    to: mailbox,
    gas: GAS as Hex,
    data: encodeFunctionData({
      abi: mailboxAbi,
      functionName: 'dispatch',
      args: [2_000, padHex('0xee', { size: 32 }), toHex(serial++, { size: 32 })],
    }),
  })

  async function truth(): Promise<Tip[]> {
    const { number: last } = await client.getBlock({ blockTag: 'finalized' })
    const logs = await client.getContractEvents({
      ...{ address: hook, abi: treeAbi, eventName: 'InsertedIntoTree', strict: true },
      ...{ fromBlock: 0n, toBlock: last ?? 0n },
    })
    const tree = new MessageTree()
    const tips = new Map<bigint, Tip>()
    for (const { args, blockNumber, blockHash } of logs) {
      if (args.index !== tree.count) throw new Error(`leaf ${args.index} is not the next one`)
      tree.append(hexToBytes(args.messageId))
      const { timestamp } = await client.getBlock({ blockNumber })
      const checkpoint = { root: bytesToHex(tree.root()), index: args.index, messageId: args.messageId }
      tips.set(blockNumber, { ...checkpoint, block: blockNumber, blockHash, time: Number(timestamp) * 1_000 })
    }
    return [...tips.values()]
  }

  async function follow(options: FollowOptions = {}): Promise<FollowedMinedTree> {
    const { rpc = [test.anvil.rpcUrl], disk = memoryDataStore().keyValues, ...more } = options
    const dataDir = await mkdtemp(join(tmpdir(), 'lariat-tree-'))
    folders.push(dataDir)
    const metrics = createMetrics()
    const log = memoryLog()
    const config = {
      id: CHAIN_ID,
      rpc: rpc.map((url) => ({ url })),
      singleProvider: rpc.length === 1,
      pollInterval: POLL_MS,
    }
    const common = { name: 'base', clock, log, dataDir, metrics }
    const { cursors } = memoryDataStore()
    const following = followChain({
      ...{ ...common, chainId: CHAIN_ID, metrics: declareFollowMetrics(metrics) },
      open: (signal) => openFurtherChain({ ...common, config, account: anvilAccount(2), cursors }, signal),
    })
    const specs = sourceStoreSpecs([CHAIN_ID])
    const source = new BridgeSource({
      ...{ chain: following.port, domain: CHAIN_ID, mailbox, hook, from: 1n, clock, log },
      metrics: sourceMetrics(metrics),
      stores: openSourceStores((name) => {
        const spec = specs[name]
        if (spec === undefined) throw new RangeError(`no store ${name}`)
        return disk.open('bridge', name, spec)
      }, CHAIN_ID),
      ...more,
    })
    const [tips, fastTips, corrections]: [Tip[], Tip[], Correction[]] = [[], [], []]
    source.onTip(Level.finalized, (tip) => void tips.push(tip))
    source.onTip(Level.fast, (tip) => void fastTips.push(tip))
    source.onCorrected((correction) => void corrections.push(correction))
    await source.start()
    let stopped = false
    async function stop(): Promise<void> {
      if (stopped) return
      stopped = true
      await source.stop()
      await following.close()
    }
    closing.push(stop)
    return {
      ...{ source, tips, fastTips, corrections, log, following, disk, stop },
      async caughtUp() {
        const newest = (await truth()).at(-1)
        const isThere = () => source.halted() !== undefined || source.tip()?.root === newest?.root
        await eventually(isThere, 'what is final is not handed over', PATIENCE_MS)
      },
      async atHead() {
        const number = await head()
        const { hash } = await client.getBlock({ blockNumber: number })
        const isThere = () => following.opened()?.chain.heads.current('latest').hash === hash
        await eventually(isThere, 'the newest block is not seen', PATIENCE_MS)
      },
      async metric(name) {
        const { body } = await metrics.expose()
        const line = body.split('\n').find((one) => one.startsWith(`${name}{`))
        return line === undefined ? 0 : Number(line.split(' ').at(-1))
      },
    }
  }

  return {
    ...{ test, client, mailbox, hook, dispatching, truth, follow },
    async mine(messages) {
      await test.rpc('evm_setAutomine', [false])
      for (let i = 0; i < messages; i++) await test.rpc('eth_sendTransaction', [dispatching()])
      await test.rpc('evm_mine')
      await test.rpc('evm_setAutomine', [true])
      return head()
    },
    mineEmpty: async (blocks) => void (await test.rpc('anvil_mine', [toHex(blocks)])),
    async close() {
      for (const stop of closing) await stop()
      await test.close()
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    },
  }
}
