import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType } from 'viem'
import type { EpochTable } from '../types/epoch.ts'
import type { Hex } from '../util/hex.ts'

/** A block as far as triggers need it. */
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

export interface LogQuery {
  readonly address: Address
  readonly abi: Abi
  /** One or more; the logs of all come in one order. */
  readonly eventName: string | readonly string[]
  /** `finalized`: only logs of finalized blocks (what may be signed). `latest`: as they come, may be undone. */
  readonly finality: 'finalized' | 'latest'
  /** Name of the durable cursor; the watcher goes on from there after a restart. Without: from `from`, or else the head at subscription. */
  readonly cursor?: string
  /** The first block, where there is no durable position. */
  readonly from?: bigint
}

/** Logs of final blocks, those of `from` to `to`; of these no more than are final. */
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

/** The chain as a plug-in may use it. */
export interface ServiceChain {
  readonly chainId: number
  /**
   * A view call. Under `finalized`, which is what hooks of a plug-in get by default: what all the operator's providers agree
   * on in a final block, or what is proven; what you sign rests on nothing else. Under `latest`: one provider's word on the
   * newest block, for what you send.
   * @throws LariatError `chain.unavailable`, or `chain.reverted` with the decoded error name in details.error; under
   * `finalized` also `chain.no-quorum` and `chain.contradiction`
   */
  read<
    const abi extends Abi,
    name extends ContractFunctionName<abi, 'view' | 'pure'>,
    const args extends ContractFunctionArgs<abi, 'view' | 'pure', name>,
  >(call: {
    readonly address: Address
    readonly abi: abi
    readonly functionName: name
    readonly args: args
    readonly block?: 'latest' | 'finalized'
  }): Promise<ContractFunctionReturnType<abi, 'view' | 'pure', name, args>>
  /**
   * Simulates, sends from the operator's account, and waits until it is in a block. One transaction of the account at a time.
   * @throws LariatError `chain.reverted` (simulation or receipt; details.error has the decoded name), `chain.unavailable`, `chain.no-funds`,
   * `chain.too-much-gas`
   */
  write<
    const abi extends Abi,
    name extends ContractFunctionName<abi, 'payable' | 'nonpayable'>,
    const args extends ContractFunctionArgs<abi, 'payable' | 'nonpayable', name>,
  >(call: {
    readonly address: Address
    readonly abi: abi
    readonly functionName: name
    readonly args: args
    readonly signal?: AbortSignal
    /**
     * What it is for. The same call for the same `id` is made once, ever, also across restarts; after `until` (ms since the
     * epoch) it is of no use. In `submit` both are those of the slot unless given.
     */
    readonly intent?: { readonly id: string; readonly until?: number }
    /** Gas that it may take; what needs more is not sent. */
    readonly maxGas?: bigint
  }): Promise<Receipt>
  /** Wei per gas that a transaction from the operator's account costs now: base fee and tip. @throws LariatError `chain.unavailable` */
  gasPrice(): Promise<bigint>
  /**
   * All logs of final blocks in a range, in order, none left out or invented. At most 10,000 blocks; what goes on is for `watch`.
   * @throws LariatError `chain.range`, `chain.unavailable`, `chain.no-quorum`, `chain.contradiction`
   */
  logs(range: LogRange): Promise<readonly ChainLog[]>
  /** Calls `handler` for every matching log in order, one at a time; returns the function that ends it. */
  watch(query: LogQuery, handler: (log: ChainLog) => Promise<void>): () => void
  /** Calls `handler` for every new head of the given finality; late ones are skipped, never queued. */
  heads(finality: 'finalized' | 'latest', handler: (head: BlockHead) => void): () => void
}

/** Why nothing may be signed over a chain now. */
export interface ChainDistrust {
  /** `chain.not-ready`, `chain.no-quorum`, `chain.contradiction` or `chain.reorged` */
  readonly code: string
  /** What is wrong and how to mend it. */
  readonly reason: string
}

/**
 * A chain that the node follows, by the name under which its configuration has it; `stake` is the one of the operator's stake.
 * What the providers of a further chain do stops no service by itself: whatever is signed over it must ask `distrust` first.
 */
export interface FollowedChain extends ServiceChain {
  readonly name: string
  /**
   * Resolves when the chain is open, at once if it is. Before that reads and writes throw `chain.not-ready`, and `watch` and
   * `heads` wait. @throws the signal's reason when it aborts; LariatError `chain.closed` when the node stops
   */
  ready(signal?: AbortSignal): Promise<void>
  /** Why nothing may be signed over this chain now; undefined while it may. Costs nothing: ask right before each signature. */
  distrust(): ChainDistrust | undefined
  /**
   * Up to 128 slots of a contract's storage, 32 bytes each, all in the newest final block that is agreed on, and proven against
   * its stateRoot. @throws LariatError `chain.range`, `chain.unavailable`
   */
  storageAt(
    address: Address,
    slots: readonly Hex[],
  ): Promise<{ readonly block: BlockHead; readonly values: readonly Hex[] }>
}

/** Epochs of one ServiceManager, kept up to date from chain. */
export interface EpochSource {
  /** The table active at Unix second `time`, undefined when none is or it has expired. */
  at(time: number): EpochTable | undefined
  byNumber(epoch: bigint): EpochTable | undefined
  /** Who was in an epoch, live or long over; undefined when there is no such one. @throws LariatError `chain.…` */
  membersOf?(epoch: bigint): Promise<EpochTable['members'] | undefined>
  /** Calls `handler` after any change. */
  onChange(handler: () => void): () => void
}

/** Who is reachable where: operators' peer ids as registered on chain. */
export interface Directory {
  peerOf(operator: Address): string | undefined
  operatorOf(peer: string): Address | undefined
  /** Who belongs here besides the service's operators and the members of its live epochs; replaces who was named before. */
  keep(operators: readonly Address[]): void
}

/** Bounded JSON over HTTP. */
export interface HttpClient {
  /** GET. @throws LariatError `http.status`, `http.timeout`, `http.too-large`, `http.not-json`, `http.unreachable` */
  getJson(url: string, options: { timeoutMs: number; maxBytes: number; signal?: AbortSignal }): Promise<unknown>
}
