import {
  type Abi,
  createPublicClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  http,
  type LocalAccount,
  type PublicClient,
  parseGwei,
} from 'viem'
import { revertData } from '../chain/errors.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import { type Artifacts, link } from './artifacts.ts'

/** Far above anvil's base fee, which starts at 1 gwei. */
const MAX_FEE = parseGwei('100')
const PRIORITY_FEE = parseGwei('1')
/** Gas of a creation for each byte of its code: 16 of calldata and 200 of storage, and what the EVM adds for hashing. */
const GAS_PER_CODE_BYTE = 230n
/** Gas of a creation besides its code: base, constructor. */
const CREATION_GAS = 1_500_000n
/** Gas limit of a call: enough for all of the set-up; anvil fits a block's transactions by their limits. */
export const CALL_GAS = 1_500_000n
/** Gas limit of a payment to an account or to a contract that does nothing with it. */
const PAYMENT_GAS = 50_000n
/** ms between looks for receipts, and until they must be there. */
const POLL_MS = 100
const TIMEOUT_MS = 60_000

interface Queued {
  readonly what: string
  readonly to: Address | undefined
  readonly data: Hex
  readonly gas: bigint
  /** wei */
  readonly value: bigint
}

export interface Call {
  readonly what: string
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly gas?: bigint
  /** wei */
  readonly value?: bigint
}

/** A transaction that succeeded. */
export interface LandedTransaction {
  readonly what: string
  readonly hash: Hex
  readonly blockNumber: bigint
  readonly gasUsed: bigint
}

/** Viem's client for an RPC of the testnet's own. */
export function localClient(rpcUrl: string): PublicClient {
  return createPublicClient({ transport: http(rpcUrl, { retryCount: 2 }), pollingInterval: POLL_MS, cacheTime: 0 })
}

/**
 * Transactions of one account that are sent all at once, without waiting for each other: their nonces order them, so that
 * a whole stage of the set-up lands in a block or two. Gas is limited by rule, not estimated, as what a later one calls
 * may not exist yet.
 */
export class Batch {
  readonly #client: PublicClient
  readonly #account: LocalAccount
  readonly #chainId: number
  readonly #queue: Queued[] = []
  readonly #libraries: Map<string, Address>
  #nonce: number

  private constructor(
    client: PublicClient,
    account: LocalAccount,
    chainId: number,
    nonce: number,
    libraries: ReadonlyMap<string, Address>,
  ) {
    this.#client = client
    this.#account = account
    this.#chainId = chainId
    this.#nonce = nonce
    this.#libraries = new Map(libraries)
  }

  /** @param libraries addresses of those that are on the chain already */
  static async open(
    client: PublicClient,
    account: LocalAccount,
    libraries: ReadonlyMap<string, Address> = new Map(),
  ): Promise<Batch> {
    const [chainId, nonce] = await Promise.all([
      client.getChainId(),
      client.getTransactionCount({ address: account.address, blockTag: 'pending' }),
    ])
    return new Batch(client, account, chainId, nonce, libraries)
  }

  /** Queues the creation of a contract, and before it of the libraries it is linked with. @returns the address that it will have */
  deploy(artifacts: Artifacts, name: string, args: readonly unknown[]): Address {
    const artifact = artifacts.get(name)
    this.deployLibraries(artifacts, [name])
    const bytecode = link(artifact, this.#libraries)
    const data = encodeDeployData({ abi: artifact.abi, bytecode, args })
    const nonce = BigInt(this.#nonce + this.#queue.length)
    const gas = CREATION_GAS + (BigInt(bytecode.length) / 2n) * GAS_PER_CODE_BYTE
    this.#queue.push({ what: `creation of ${name}`, to: undefined, data, gas, value: 0n })
    return getContractAddress({ from: this.#account.address, nonce })
  }

  /** Queues the creation of the libraries that contracts are linked with. @returns the addresses of all so far */
  deployLibraries(artifacts: Artifacts, names: readonly string[]): ReadonlyMap<string, Address> {
    for (const library of names.flatMap((name) => [...artifacts.get(name).libraries.keys()])) {
      if (!this.#libraries.has(library)) this.#libraries.set(library, this.deploy(artifacts, library, []))
    }
    return this.#libraries
  }

  call({ what, address, abi, functionName, args, gas = CALL_GAS, value = 0n }: Call): void {
    this.#queue.push({ what, to: address, data: encodeFunctionData({ abi, functionName, args }), gas, value })
  }

  /** Queues a payment of `value` wei. */
  pay(what: string, to: Address, value: bigint): void {
    this.#queue.push({ what, to, data: '0x', gas: PAYMENT_GAS, value })
  }

  /**
   * Sends all that is queued and waits until it is in blocks.
   * @returns what landed, in the order in which it was queued
   * @throws LariatError `testnet.transaction` naming the one that failed
   */
  async land(signal: AbortSignal): Promise<LandedTransaction[]> {
    const queue = this.#queue.splice(0)
    const sent: { queued: Queued; hash: Hex }[] = []
    for (const queued of queue) {
      const serialized = await this.#account.signTransaction({
        type: 'eip1559',
        chainId: this.#chainId,
        nonce: this.#nonce++,
        to: queued.to,
        data: queued.data,
        gas: queued.gas,
        value: queued.value,
        maxFeePerGas: MAX_FEE,
        maxPriorityFeePerGas: PRIORITY_FEE,
      })
      signal.throwIfAborted()
      sent.push({ queued, hash: await this.#client.sendRawTransaction({ serializedTransaction: serialized }) })
    }
    return Promise.all(sent.map(({ queued, hash }) => this.#settle(queued, hash, signal)))
  }

  async #settle(queued: Queued, hash: Hex, signal: AbortSignal): Promise<LandedTransaction> {
    const receipt = await this.#client.waitForTransactionReceipt({
      hash,
      pollingInterval: POLL_MS,
      timeout: TIMEOUT_MS,
    })
    signal.throwIfAborted()
    const { blockNumber, gasUsed } = receipt
    if (receipt.status === 'success') return { what: queued.what, hash, blockNumber, gasUsed }
    const why = await this.#client
      .call({
        account: this.#account.address,
        to: queued.to ?? null,
        data: queued.data,
        gas: queued.gas,
        value: queued.value,
      })
      .then(
        () => `it used ${gasUsed} of ${queued.gas} gas, and would succeed now`,
        (error: unknown) => revertData(error) ?? describe(error),
      )
    throw new LariatError('testnet.transaction', `${queued.what} failed: ${why}`, { what: queued.what, hash })
  }
}
