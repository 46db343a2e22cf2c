import { join } from 'node:path'
import { encodeFunctionData, padHex, parseAbi, toHex, zeroAddress } from 'viem'
import type { Tip } from '../../src/avs/bridge/ports.ts'
import { mailboxAbi, treeHookAbi } from '../../src/avs/bridge/source/abi.ts'
import { slotsOfTrees } from '../../src/avs/bridge/source/hookStorage.ts'
import { loadArtifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { queueMailbox } from '../../src/testnet/mailbox.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { seededRandom } from '../../src/util/random.ts'
import { type AnvilTest, anvilAccount, anvilTest } from './anvil.ts'
import { mailboxAbi as dispatchAbi } from './bridgeChain.ts'
import { eventually } from './eventually.ts'

const ARTIFACTS = join(import.meta.dirname, '../../build/artifacts')
export const CHAIN_ID = 31_338
/** Unix second of block 0. */
const GENESIS_TIME = 1_800_000_000
/** Seconds between blocks. */
export const BLOCK_S = 20
/** The newest block that is recorded, of each branch. */
export const LAST_BLOCK = 28
/** Blocks after which other branches go on than the first. */
const FORKS_AFTER = [3, 8, 13, 18]
/** Where the hook keeps its tree. */
export const TREE_SLOT = 0n
/** The block in which everything is created. */
const CREATED = 1
/** Transactions that create the mailbox and its tree. */
const CREATING = 7
const GAS = '0x7a120'
const SEED = 20_261_125

const rootAbi = parseAbi(['function root() view returns (bytes32)', 'function count() view returns (uint32)'])

export type Raw = Readonly<Record<string, unknown>>

/** What a node answers about one block. */
export interface RecordedBlock {
  readonly number: number
  readonly hash: Hex
  /** Unix second. */
  readonly time: number
  readonly raw: Raw
  readonly receipts: readonly Raw[]
  /** `eth_getProof` by address; of the hook with every slot of its tree. */
  readonly proofs: ReadonlyMap<string, Raw>
  /** The tree as the block left it, in the contract's own words, where the block added leaves. */
  readonly tip: Tip | undefined
}

/** A chain and others of the same genesis, as a node showed them: they are real, to the last receipt and proof. */
export interface RecordedChain {
  readonly mailbox: Address
  readonly hook: Address
  /** From block 0 on. */
  readonly main: readonly RecordedBlock[]
  /** From block 0 on; the same as `main` up to and with block `after`. */
  readonly forks: readonly { readonly after: number; readonly blocks: readonly RecordedBlock[] }[]
  /** By address. */
  readonly codes: ReadonlyMap<string, Hex>
  /** Number of the block that created all contracts. */
  readonly created: number
  /** By address and calldata: what the calls that a source makes give in every block from `created` on. */
  readonly calls: ReadonlyMap<string, Hex>
}

/** Records a chain with the mailbox and its tree, and the chains that it could have been. The same every time. */
export async function recordChain(): Promise<RecordedChain> {
  const test = await anvilTest({ chainId: CHAIN_ID, genesisTime: GENESIS_TIME, blocks: 'manual' })
  try {
    return await record(test)
  } finally {
    await test.close()
  }
}

async function record(test: AnvilTest): Promise<RecordedChain> {
  const { rpc } = test
  const random = seededRandom(SEED)
  const sender = anvilAccount(1).address
  const { mailbox, hook, landed } = await create(test)
  const read = encodeFunctionData
  const calls: readonly (readonly [Address, Hex])[] = [
    [hook, read({ abi: treeHookAbi, functionName: 'mailbox' })],
    [mailbox, read({ abi: mailboxAbi, functionName: 'localDomain' })],
  ]
  const slots = slotsOfTrees([TREE_SLOT])

  async function look(number: number, before: number): Promise<{ block: RecordedBlock; count: number }> {
    const at = toHex(number)
    const call = (functionName: 'root' | 'count') =>
      rpc('eth_call', [{ to: hook, data: read({ abi: rootAbi, functionName }) }, at]) as Promise<Hex>
    const [raw, receipts, hookProof, mailboxProof, nobodyProof, root, count] = await Promise.all([
      rpc('eth_getBlockByNumber', [at, false]) as Promise<Raw>,
      rpc('eth_getBlockReceipts', [at]) as Promise<Raw[]>,
      rpc('eth_getProof', [hook, slots, at]) as Promise<Raw>,
      rpc('eth_getProof', [mailbox, [], at]) as Promise<Raw>,
      // Who calls, and who is paid for the block, where a call is run upon proofs.
      rpc('eth_getProof', [zeroAddress, [], at]) as Promise<Raw>,
      call('root'),
      call('count').then((value) => Number(value === '0x' ? 0 : value)),
    ])
    const hash = raw.hash as Hex
    const time = Number(raw.timestamp)
    const block = {
      ...{ number, hash, time, raw, receipts },
      proofs: new Map([
        [hook.toLowerCase(), hookProof],
        [mailbox.toLowerCase(), mailboxProof],
        [zeroAddress, nobodyProof],
      ]),
      tip:
        count === before
          ? undefined
          : {
              ...{ root, index: count - 1, messageId: newestLeaf(receipts, hook) },
              ...{ block: BigInt(number), blockHash: hash, time: time * 1_000 },
            },
    }
    return { block, count }
  }

  /** Goes on from the newest block to the last one. */
  async function goOn(blocks: RecordedBlock[], onBlock: (number: number) => Promise<void>): Promise<void> {
    let count = blocks.findLast(({ tip }) => tip !== undefined)?.tip?.index ?? -1
    for (let number = blocks.length; number <= LAST_BLOCK; number++) {
      // The first of a branch tells it from all others.
      const first = number === blocks.length
      const messages = Math.max(first ? 1 : 0, Math.floor(random() * 5) - 1)
      for (let i = 0; i < messages; i++) {
        const body = toHex(Math.floor(random() * 2 ** 32), { size: 32 })
        const args = [2_000, padHex('0xee', { size: 32 }), body] as const
        const data = encodeFunctionData({ abi: dispatchAbi, functionName: 'dispatch', args })
        await rpc('eth_sendTransaction', [{ from: sender, to: mailbox, gas: GAS, data }])
      }
      await mineAt(test, number)
      const seen = await look(number, count + 1)
      blocks.push(seen.block)
      count = seen.count - 1
      await onBlock(number)
    }
  }

  const main: RecordedBlock[] = []
  const snapshots = new Map<number, unknown>()
  const newest = Number(await rpc('eth_blockNumber'))
  for (let number = 0; number <= newest; number++) main.push((await look(number, 0)).block)
  await goOn(main, async (number) => {
    if (FORKS_AFTER.includes(number)) snapshots.set(number, await rpc('evm_snapshot'))
  })
  await landed
  const forks: { after: number; blocks: RecordedBlock[] }[] = []
  for (const [after, snapshot] of [...snapshots].reverse()) {
    await rpc('evm_revert', [snapshot])
    const blocks = main.slice(0, after + 1)
    await goOn(blocks, async () => {})
    forks.unshift({ after, blocks })
  }
  const codeOf = async (address: Address) =>
    [address.toLowerCase(), (await rpc('eth_getCode', [address, 'latest'])) as Hex] as const
  const answerOf = async ([to, data]: readonly [Address, Hex]) =>
    [callKey(to, data), (await rpc('eth_call', [{ to, data }, 'latest'])) as Hex] as const
  return {
    ...{ mailbox, hook, main, forks, created: CREATED },
    codes: new Map([await codeOf(mailbox), await codeOf(hook)]),
    calls: new Map(await Promise.all(calls.map(answerOf))),
  }
}

export const callKey = (to: string, data: string): string => `${to}:${data}`.toLowerCase()

async function create(test: AnvilTest) {
  const client = localClient(test.anvil.rpcUrl)
  const artifacts = await loadArtifacts(ARTIFACTS)
  const owner = anvilAccount(0)
  const batch = await Batch.open(client, owner)
  // Nothing arrives here: any contract will do to judge it.
  const ism = batch.deploy(artifacts, 'NoHook', [])
  const created = queueMailbox(batch, { artifacts, domain: CHAIN_ID, owner: owner.address, ism })
  const landed = batch.land(new AbortController().signal)
  const waiting = async () => Number(((await test.rpc('txpool_status')) as { pending: Hex }).pending)
  // All in one block, so that the chain is the same every time.
  await Promise.race([landed, eventually(async () => (await waiting()) === CREATING, 'the pool does not fill')])
  await mineAt(test, CREATED)
  return { ...created, landed }
}

async function mineAt(test: AnvilTest, number: number): Promise<void> {
  await test.rpc('evm_setNextBlockTimestamp', [GENESIS_TIME + number * BLOCK_S])
  await test.rpc('evm_mine')
}

/** The id in the last `InsertedIntoTree` of a block: the first word of its data. */
function newestLeaf(receipts: readonly Raw[], hook: Address): Hex {
  const logs = receipts.flatMap(({ logs }) => logs as { address: Hex; data: Hex }[])
  const last = logs.findLast(({ address, data }) => address.toLowerCase() === hook.toLowerCase() && data.length === 130)
  if (last === undefined) throw new Error('a block that added leaves has no log of them')
  return last.data.slice(0, 66) as Hex
}
