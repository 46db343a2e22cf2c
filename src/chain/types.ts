import type { Abi, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType } from 'viem'
import type { Address, Hex } from '../util/hex.ts'
import type { Intent } from './journal.ts'

/** `finalized`: will not be undone. `latest`: the newest there is, may be undone. */
export type Finality = 'finalized' | 'latest'

/** A block as far as followers need it. */
export interface BlockHead {
  readonly number: bigint
  readonly hash: Hex
  /** Unix seconds. */
  readonly timestamp: bigint
}

/** A decoded log. `args` are the event's named arguments. */
export interface ChainLog<Args = unknown> {
  readonly address: Address
  readonly eventName: string
  readonly args: Args
  readonly blockNumber: bigint
  readonly blockHash: Hex
  /** Unix seconds of the block. */
  readonly blockTimestamp: bigint
  readonly transactionHash: Hex
  readonly logIndex: number
}

/** Which logs to watch. */
export interface LogQuery {
  readonly address: Address
  readonly abi: Abi
  readonly eventName: string | readonly string[]
  readonly finality: Finality
  /** Name of the durable cursor, which goes on after a restart. Without: from `from`, or else the head at subscription. */
  readonly cursor?: string
  /** The first block, where there is no durable position. */
  readonly from?: bigint
}

/** Which logs of final blocks to read: those of the blocks `from` to `to`, of which no more than are final count. */
export interface LogRange {
  readonly address: Address
  readonly abi: Abi
  readonly eventName: string | readonly string[]
  readonly from: bigint
  readonly to: bigint
}

/** A transaction that is in a block. */
export interface Receipt {
  readonly hash: Hex
  readonly blockNumber: bigint
  readonly gasUsed: bigint
  readonly status: 'success' | 'reverted'
}

/** A view call. `block` is `latest` unless given. */
export interface ReadCall<
  abi extends Abi = Abi,
  name extends ContractFunctionName<abi, 'view' | 'pure'> = ContractFunctionName<abi, 'view' | 'pure'>,
  args extends ContractFunctionArgs<abi, 'view' | 'pure', name> = ContractFunctionArgs<abi, 'view' | 'pure', name>,
> {
  readonly address: Address
  readonly abi: abi
  readonly functionName: name
  readonly args: args
  readonly block?: Finality
}

/** A transaction that calls a contract. */
export interface WriteCall<
  abi extends Abi = Abi,
  name extends ContractFunctionName<abi, 'payable' | 'nonpayable'> = ContractFunctionName<
    abi,
    'payable' | 'nonpayable'
  >,
  args extends ContractFunctionArgs<abi, 'payable' | 'nonpayable', name> = ContractFunctionArgs<
    abi,
    'payable' | 'nonpayable',
    name
  >,
> {
  readonly address: Address
  readonly abi: abi
  readonly functionName: name
  readonly args: args
  readonly signal?: AbortSignal
  /** What it is for: the same call for the same intent is made once, ever. */
  readonly intent?: Intent
  /** Gas that it may take; what needs more is not sent. */
  readonly maxGas?: bigint
}

/** Words of a contract's storage in one final block. */
export interface StorageWords {
  readonly block: BlockHead
  /** 32 bytes each, in the order asked. */
  readonly values: readonly Hex[]
}

/** What reads the chain: contracts, logs, heads. The parts of this folder that need no more take this. */
export interface ChainReader {
  readonly chainId: number
  /** The newest known block of that finality. */
  head(finality: Finality): BlockHead
  /** @throws LariatError `chain.unavailable`, `chain.no-contract`, or `chain.reverted` with the decoded name in details.error */
  read<
    const abi extends Abi,
    name extends ContractFunctionName<abi, 'view' | 'pure'>,
    const args extends ContractFunctionArgs<abi, 'view' | 'pure', name>,
  >(call: ReadCall<abi, name, args>): Promise<ContractFunctionReturnType<abi, 'view' | 'pure', name, args>>
  /** All logs of final blocks in a range of at most 10,000, in order. @throws LariatError `chain.range`, `chain.unavailable`, `chain.no-quorum`, `chain.contradiction` */
  logs(range: LogRange): Promise<readonly ChainLog[]>
  /**
   * Up to 128 slots of a contract, as they are in the newest final block that is agreed on: proven against its stateRoot
   * (`eth_getProof`), whoever serves the proof. @throws LariatError `chain.range`, `chain.unavailable`
   */
  storageAt(address: Address, slots: readonly Hex[]): Promise<StorageWords>
  /** Calls `handler` for every matching log in order, one at a time; returns the function that ends it. */
  watch(query: LogQuery, handler: (log: ChainLog) => Promise<void>): () => void
  /** Calls `handler` for every new head of the given finality; late ones are skipped, never queued. */
  heads(finality: Finality, handler: (head: BlockHead) => void): () => void
}

/** The chain with an account of ours on it. */
export interface ServiceChain extends ChainReader {
  /** Who sends. */
  readonly account: Address
  /** Simulates, sends, and waits until the transaction is in a block. @throws LariatError, see `TransactionSender.send` */
  write<
    const abi extends Abi,
    name extends ContractFunctionName<abi, 'payable' | 'nonpayable'>,
    const args extends ContractFunctionArgs<abi, 'payable' | 'nonpayable', name>,
  >(call: WriteCall<abi, name, args>): Promise<Receipt>
  /** Wei per gas that a transaction of ours costs now: the newest base fee, and the tip that we would give. @throws LariatError `chain.unavailable` */
  gasPrice(): Promise<bigint>
}

/** Durable positions by name. */
export interface CursorStore {
  get(name: string): bigint | undefined
  set(name: string, value: bigint): void
}
