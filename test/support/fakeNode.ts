import {
  custom,
  keccak256,
  numberToHex,
  parseTransaction,
  RpcRequestError,
  type TransactionSerializableEIP1559,
  type Transport,
} from 'viem'
import type { Hex } from '../../src/util/hex.ts'
import { type RawBlock, type RawLog, rawBlock, rawReceipts } from './blocks.ts'

/** A JSON-RPC error as a node answers it. */
export function rpcError(code: number, message: string, data?: unknown): RpcRequestError {
  return new RpcRequestError({ body: {}, url: 'http://fake/secret-key', error: { code, message, data } })
}

interface FakeBlock {
  readonly number: bigint
  readonly hash: Hex
  readonly timestamp: bigint
  readonly raw: RawBlock
  readonly logs: readonly RawLog[]
}

export interface FakeLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data?: Hex
}

type Handler = (params: readonly unknown[]) => unknown

/** A scripted Ethereum node: blocks, logs and a pool of one account's transactions, and any method overridden at will. */
export class FakeNode {
  chainId = 31_337
  finalityLag = 2
  /** Transactions of the account that are in blocks. */
  mined = 0
  /** What waits, by nonce. */
  readonly pool = new Map<number, { hash: Hex; transaction: TransactionSerializableEIP1559 }>()
  readonly receipts = new Map<Hex, Record<string, unknown>>()
  readonly calls: { method: string; params: readonly unknown[] }[] = []
  /** Answers instead of the node; may throw. */
  readonly overrides: Record<string, Handler> = {}
  readonly blocks: FakeBlock[] = []
  /** Branches of one chain differ in it. */
  #fork = 0

  constructor(seconds = 1_700_000_000n) {
    this.blocks.push(this.#make(0n, `0x${'00'.repeat(32)}`, seconds, []))
  }

  get head(): FakeBlock {
    return this.blocks.at(-1) as FakeBlock
  }

  /** How often a method was called. */
  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length
  }

  /** Adds a block with these logs, and with the transactions of the pool that can go in. */
  mine(logs: readonly FakeLog[] = [], seconds = 1n): FakeBlock {
    const { head } = this
    const number = head.number + 1n
    const full = logs.map(({ address, topics, data = '0x' as Hex }) => ({ address, topics, data }))
    const block = this.#make(number, head.hash, head.timestamp + seconds, full)
    this.blocks.push(block)
    for (let next = this.pool.get(this.mined); next !== undefined; next = this.pool.get(this.mined)) {
      this.pool.delete(this.mined++)
      this.receipts.set(next.hash, {
        transactionHash: next.hash,
        blockNumber: numberToHex(number),
        gasUsed: '0x5208',
        status: '0x1',
        contractAddress: null,
      })
    }
    return block
  }

  /** Undoes the newest `depth` blocks; what is mined then has other hashes. */
  reorg(depth: number): void {
    this.blocks.splice(this.blocks.length - depth)
    this.#fork++
  }

  transport = (): Transport => custom({ request: (args) => this.request(args) }, { retryCount: 0 })

  async request({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    this.calls.push({ method, params })
    const handler = this.overrides[method] ?? this.#methods[method]
    if (handler === undefined) throw rpcError(-32_601, `the method ${method} does not exist`)
    return handler(params)
  }

  readonly #methods: Record<string, Handler> = {
    eth_chainId: () => numberToHex(this.chainId),
    eth_getBlockByNumber: ([tag]) => {
      const block =
        tag === 'latest'
          ? this.head
          : tag === 'finalized'
            ? this.blocks[Math.max(0, this.blocks.length - 1 - this.finalityLag)]
            : this.blocks[Number(tag)]
      return block === undefined ? null : block.raw
    },
    eth_getBlockByHash: ([hash]) => {
      const block = this.blocks.find((one) => one.hash === hash)
      return block === undefined ? null : block.raw
    },
    eth_getLogs: ([filter]) => {
      const { fromBlock, toBlock } = filter as { fromBlock: Hex; toBlock: Hex }
      return this.blocks
        .filter(({ number }) => number >= BigInt(fromBlock) && number <= BigInt(toBlock))
        .flatMap(({ number, hash, logs }) =>
          logs.map((log, index) => ({
            ...log,
            blockNumber: numberToHex(number),
            blockHash: hash,
            transactionHash: hashOf(number),
            transactionIndex: '0x0',
            logIndex: numberToHex(index),
            removed: false,
          })),
        )
    },
    eth_getBlockReceipts: ([hash]) => {
      const block = this.blocks.find((one) => one.hash === hash)
      return block === undefined ? null : rawReceipts(block.logs, hashOf(block.number))
    },
    eth_maxPriorityFeePerGas: () => numberToHex(1_000_000_000),
    eth_estimateGas: () => '0x5208',
    eth_call: () => '0x',
    eth_getTransactionCount: () => numberToHex(this.mined),
    eth_getTransactionReceipt: ([hash]) => this.receipts.get(hash as Hex) ?? null,
    eth_sendRawTransaction: ([raw]) => this.accept(raw as Hex),
  }

  /** The pool's rules, as geth's. */
  accept(raw: Hex): Hex {
    const transaction = parseTransaction(raw as `0x02${string}`) as TransactionSerializableEIP1559
    const { nonce = 0, maxFeePerGas = 0n } = transaction
    const hash = keccak256(raw)
    const before = this.pool.get(nonce)
    if (before?.hash === hash) throw rpcError(-32_000, 'already known')
    if (nonce < this.mined) throw rpcError(-32_000, `nonce too low: next nonce ${this.mined}, tx nonce ${nonce}`)
    if (before !== undefined && maxFeePerGas * 10n < (before.transaction.maxFeePerGas ?? 0n) * 11n) {
      throw rpcError(-32_000, 'replacement transaction underpriced')
    }
    this.pool.set(nonce, { hash, transaction })
    return hash
  }

  #make(number: bigint, parentHash: Hex, timestamp: bigint, logs: readonly RawLog[]): FakeBlock {
    const extraData = numberToHex(number === 0n ? 0 : this.#fork, { size: 4 })
    const raw = rawBlock({ number, parentHash, timestamp, extraData, logs })
    return { number, hash: raw.hash, timestamp, raw, logs }
  }
}

/** Of the transaction of a block. */
function hashOf(number: bigint): Hex {
  return keccak256(`0x${number.toString(16).padStart(64, '0')}`)
}
