import { keccak256, numberToHex, toRlp } from 'viem'
import { bloomOf } from '../../src/chain/facts/bloom.ts'
import { bytesToHex, type Hex } from '../../src/util/hex.ts'

export interface RawLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** Root of a trie with nothing in it, and the hash of no uncles. */
export const EMPTY_ROOT: Hex = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
const NO_UNCLES: Hex = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
const ZERO: Hex = `0x${'00'.repeat(32)}`

const integer = (value: bigint): Hex =>
  value === 0n ? '0x' : numberToHex(value, { size: (value.toString(16).length + 1) >> 1 })
const bloom = (logs: readonly RawLog[]): Hex =>
  bytesToHex(bloomOf(logs.flatMap(({ address, topics }) => [address, ...topics])))

/** Root of the trie of one receipt: a single leaf under RLP(0) = 0x80. */
function rootOfOne(logs: readonly RawLog[]): Hex {
  const list = logs.map(({ address, topics, data }) => [address, [...topics], data])
  const receipt = `0x02${toRlp(['0x01', integer(21_000n), bloom(logs), list]).slice(2)}` as Hex
  return keccak256(toRlp(['0x2080', receipt]))
}

export interface RawBlockFields {
  readonly number: bigint
  readonly parentHash: Hex
  readonly timestamp: bigint
  /** Tells forks apart. */
  readonly extraData: Hex
  readonly logs: readonly RawLog[]
}

/** A block as a node answers it: its fields hash to its hash. Its logs are those of one transaction. */
export function rawBlock({ number, parentHash, timestamp, extraData, logs }: RawBlockFields) {
  const fields = {
    parentHash,
    sha3Uncles: NO_UNCLES,
    miner: `0x${'00'.repeat(20)}` as Hex,
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: logs.length === 0 ? EMPTY_ROOT : rootOfOne(logs),
    logsBloom: bloom(logs),
    difficulty: '0x0' as Hex,
    number: numberToHex(number),
    gasLimit: numberToHex(30_000_000n),
    gasUsed: '0x0' as Hex,
    timestamp: numberToHex(timestamp),
    extraData,
    mixHash: ZERO,
    nonce: '0x0000000000000000' as Hex,
    baseFeePerGas: numberToHex(1_000_000_000n),
  }
  const numbers = new Set(['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas'])
  const rlp = Object.entries(fields).map(([name, value]) => (numbers.has(name) ? integer(BigInt(value)) : value))
  return { ...fields, hash: keccak256(toRlp(rlp)), transactions: [] as Hex[] }
}

export type RawBlock = ReturnType<typeof rawBlock>

/** The receipt of the one transaction with these logs, as `eth_getBlockReceipts` answers it. */
export function rawReceipts(logs: readonly RawLog[], transactionHash: Hex): unknown[] {
  if (logs.length === 0) return []
  return [{ type: '0x2', status: '0x1', cumulativeGasUsed: '0x5208', logsBloom: bloom(logs), logs, transactionHash }]
}

/** A block of an honest node with some fields changed, and its hash made to fit them: what a forger can do. */
export function forged(raw: Readonly<Record<string, unknown>>, changes: Readonly<Record<string, unknown>>) {
  const block: Record<string, unknown> = { ...raw, ...changes }
  const rlp: Hex[] = []
  for (const name of HEADER_FIELDS) {
    const value = block[name]
    if (value === undefined || value === null) break
    rlp.push(NUMBERS.has(name) ? integer(BigInt(value as Hex)) : (value as Hex))
  }
  return { ...block, hash: keccak256(toRlp(rlp)) }
}

const NUMBERS = new Set(
  'difficulty number gasLimit gasUsed timestamp baseFeePerGas blobGasUsed excessBlobGas'.split(' '),
)
const HEADER_FIELDS = [
  ...'parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom'.split(' '),
  ...'difficulty number gasLimit gasUsed timestamp extraData mixHash nonce'.split(' '),
  ...'baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot requestsHash'.split(' '),
]
