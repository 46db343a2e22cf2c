import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { keccak256, numberToHex, toHex, toRlp } from 'viem'
import { bloomOf } from '../../src/chain/facts/bloom.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'
import { forged, type RawLog } from './blocks.ts'
import type { Raw, RecordedBlock, RecordedChain } from './recordedChain.ts'

/** What a forger does to the receipts of a block. */
export type Forge = (receipts: readonly Raw[], hook: Hex) => readonly Raw[]

const logsOf = (receipt: Raw) => receipt.logs as readonly (RawLog & Raw)[]
const isLeaf = (hook: Hex, { address, data }: RawLog) =>
  address.toLowerCase() === hook.toLowerCase() && data.length === 130

/** Changes every leaf among the logs. */
function leaves(change: (log: RawLog & Raw, n: number) => readonly (RawLog & Raw)[]): Forge {
  return (receipts, hook) => {
    let n = 0
    return receipts.map((receipt) => ({
      ...receipt,
      logs: logsOf(receipt).flatMap((log) => (isLeaf(hook, log) ? change(log, n++) : [log])),
    }))
  }
}

const anotherId = (n: number): Hex => keccak256(toHex(n))

/** What can be done to logs, by name. */
export const FORGERIES: Readonly<Record<string, Forge>> = {
  'leaves logs out': (receipts) => receipts.map((receipt) => ({ ...receipt, logs: [] })),
  'leaves the leaves out': leaves(() => []),
  'changes ids': leaves((log, n) => [{ ...log, data: `${anotherId(n)}${log.data.slice(66)}` as Hex }]),
  'changes indices': leaves((log) => [{ ...log, data: `${log.data.slice(0, -2)}7f` as Hex }]),
  'has leaves twice': leaves((log) => [log, log]),
  'swaps receipts': (receipts) => [...receipts].reverse(),
  'drops a receipt': (receipts) => receipts.slice(1),
}

/** The chain from block `from` on with other receipts, and all that hashes made to fit them; its state is that of the real one. */
export async function forgeChain(
  { hook }: RecordedChain,
  blocks: readonly RecordedBlock[],
  from: number,
  forge: Forge,
): Promise<RecordedBlock[]> {
  const made = blocks.slice(0, from)
  for (const block of blocks.slice(from)) {
    const receipts = forge(block.receipts, hook)
    const logs = receipts.flatMap(logsOf)
    const raw = forged(block.raw, {
      parentHash: made.at(-1)?.hash ?? block.raw.parentHash,
      receiptsRoot: await receiptsRoot(receipts),
      logsBloom: bloom(logs),
    })
    made.push({ ...block, raw, hash: raw.hash, receipts, tip: undefined })
  }
  return made
}

const bloom = (logs: readonly RawLog[]): Hex =>
  bytesToHex(bloomOf(logs.flatMap(({ address, topics }) => [address, ...topics])))
const integer = (value: bigint): Hex =>
  value === 0n ? '0x' : numberToHex(value, { size: (value.toString(16).length + 1) >> 1 })

async function receiptsRoot(receipts: readonly Raw[]): Promise<Hex> {
  const trie = new MerklePatriciaTrie()
  for (const [index, receipt] of receipts.entries()) {
    const list = logsOf(receipt).map(({ address, topics, data }) => [address, [...topics], data])
    const gas = integer(BigInt(receipt.cumulativeGasUsed as Hex))
    const body = toRlp([integer(BigInt(receipt.status as Hex)), gas, bloom(logsOf(receipt)), list])
    const encoded = `0x${(receipt.type as Hex).slice(2).padStart(2, '0')}${body.slice(2)}` as Hex
    await trie.put(hexToBytes(toRlp(integer(BigInt(index)))), hexToBytes(encoded))
  }
  return bytesToHex(trie.root())
}
