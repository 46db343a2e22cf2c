import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { toRlp } from 'viem'
import { bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import { Lie } from '../errors.ts'
import { bloomOf } from './bloom.ts'
import { type Header, rlpInteger } from './header.ts'

/** A log of a block whose receipts hash to its receiptsRoot. */
export interface ProvenLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  /** Its place among the logs of the block. */
  readonly logIndex: number
  /** As the provider says: receipts do not commit to the hash of their transaction. */
  readonly transactionHash: Hex
}

/** What of a receipt its block commits to, in `eth_getBlockReceipts` form. */
interface Receipt {
  readonly type: number
  /** Status (0 or 1), or the state root of blocks before Byzantium. */
  readonly outcome: Hex
  readonly cumulativeGasUsed: bigint
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[]
  readonly transactionHash: Hex
}

/** Receipts of one block, at most: a block of 60 million gas has room for 2,900 transactions. */
const MAX_RECEIPTS = 20_000
/** Types whose receipts are encoded as EIP-2718 says; 0 is the encoding before it. */
const MAX_TYPE = 4

/**
 * The logs of a block, in order, if these receipts are the block's.
 * @param raw what `eth_getBlockReceipts` answered
 * @throws Lie `receipts` when they do not hash to the header's receiptsRoot; TypeError when they are no receipts
 */
export async function provenLogs(raw: unknown, header: Header): Promise<readonly ProvenLog[]> {
  if (!Array.isArray(raw) || raw.length > MAX_RECEIPTS) throw new TypeError('an answer that is no list of receipts')
  const receipts = raw.map(readReceipt)
  const root = await receiptsRoot(receipts)
  if (root !== header.receiptsRoot) {
    throw new Lie(
      'receipts',
      `the receipts of block ${header.number} hash to ${root}, and the block says ${header.receiptsRoot}`,
    )
  }
  let logIndex = 0
  return receipts.flatMap(({ logs, transactionHash }) =>
    logs.map((log) => ({ ...log, transactionHash, logIndex: logIndex++ })),
  )
}

/** Root of the trie from RLP(index) to each encoded receipt. */
async function receiptsRoot(receipts: readonly Receipt[]): Promise<Hex> {
  const trie = new MerklePatriciaTrie()
  for (const [index, receipt] of receipts.entries()) {
    await trie.put(hexToBytes(toRlp(rlpInteger(BigInt(index)))), encode(receipt))
  }
  return bytesToHex(trie.root())
}

/** EIP-2718: type ‖ RLP(outcome, cumulative gas, bloom, logs). The bloom is made from the logs: a false one shows. */
function encode({ type, outcome, cumulativeGasUsed, logs }: Receipt): Uint8Array {
  const bloom = bytesToHex(bloomOf(logs.flatMap(({ address, topics }) => [address, ...topics])))
  const list = logs.map(({ address, topics, data }) => [address, [...topics], data])
  const body = toRlp([outcome, rlpInteger(cumulativeGasUsed), bloom, list])
  return hexToBytes(type === 0 ? body : `0x${type.toString(16).padStart(2, '0')}${body.slice(2)}`)
}

function readReceipt(raw: unknown): Receipt {
  const receipt = object(raw)
  const type = receipt.type === undefined || receipt.type === null ? 0n : integer(receipt.type)
  if (type > BigInt(MAX_TYPE)) {
    throw new TypeError(
      `a receipt of type ${type}, which this lariat cannot prove: use a chain without them, or update`,
    )
  }
  const { logs } = receipt
  if (!Array.isArray(logs)) throw new TypeError('a receipt without logs')
  const status = receipt.status
  return {
    type: Number(type),
    outcome: status === undefined || status === null ? bytes(receipt.root, 32) : rlpInteger(integer(status)),
    cumulativeGasUsed: integer(receipt.cumulativeGasUsed),
    transactionHash: bytes(receipt.transactionHash, 32),
    logs: logs.map((entry) => {
      const { address, topics, data } = object(entry)
      if (!Array.isArray(topics) || topics.length > 4) throw new TypeError('a log without topics')
      return { address: bytes(address, 20), topics: topics.map((topic) => bytes(topic, 32)), data: bytes(data) }
    }),
  }
}

function object(raw: unknown): Readonly<Record<string, unknown>> {
  if (typeof raw !== 'object' || raw === null) throw new TypeError('an answer that is no object')
  return raw as Readonly<Record<string, unknown>>
}

function bytes(value: unknown, size?: number): Hex {
  const is = typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value)
  if (!is || (size !== undefined && value.length !== 2 + 2 * size)) throw new TypeError('a receipt with a wrong field')
  return value.toLowerCase() as Hex
}

function integer(value: unknown): bigint {
  if (typeof value !== 'string' || value.length > 66 || !/^0x[0-9a-f]+$/i.test(value)) {
    throw new TypeError('a receipt with a wrong number')
  }
  return BigInt(value)
}
