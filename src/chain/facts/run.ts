import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM, EVMError, type EVMMockBlockchainInterface } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { Account, createAddressFromString, type Address as EvmAddress, bytesToHex as fromBytes } from '@ethereumjs/util'
import { LariatError } from '../../util/errors.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import type { Header } from './header.ts'
import type { ProvenState } from './state.ts'

/** How a call ended: with a result, or reverted with data. */
export type CallOutcome = { readonly result: Hex } | { readonly revert: Hex }

/** Gas of one call: what geth allows by default. */
const CALL_GAS = 50_000_000n

/**
 * Runs a message call here, over state that is proven piece by piece as the code asks for it: the result is as true as the
 * block's hash. Takes two requests for each account and one for each slot that is read.
 * @throws LariatError `chain.unprovable` when the code needs what no proof gives (old block hashes) or ends in another
 * way than it would on chain; `chain.unavailable` when no provider proves a piece of state
 */
export async function runProven(
  chainId: number,
  header: Header,
  state: ProvenState,
  { to, data }: { readonly to: Address; readonly data: Hex },
): Promise<CallOutcome> {
  // What the state throws comes out of the EVM as an error of its own kind: it is kept, to be thrown as it was.
  let fault: unknown
  const keep = async <T>(value: Promise<T>): Promise<T> => {
    try {
      return await value
    } catch (error) {
      fault ??= error
      throw error
    }
  }
  const unprovable = (why: string) =>
    new LariatError('chain.unprovable', `the result of a call to ${to} cannot be proven: ${why}`, { to })
  const common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Osaka })
  const blockchain: EVMMockBlockchainInterface = {
    getBlock: () => keep(Promise.reject(unprovable('it reads hashes of earlier blocks'))),
    putBlock: async () => {},
    shallowCopy: () => blockchain,
  }
  const evm = await createEVM({ common, stateManager: new ProvenStateManager(state, keep), blockchain })
  const { environment, number, timestamp } = header
  const { execResult } = await evm.runCall({
    to: createAddressFromString(to),
    data: hexToBytes(data),
    gasLimit: CALL_GAS,
    skipBalance: true,
    isStatic: true,
    block: {
      header: {
        number,
        timestamp,
        coinbase: createAddressFromString(environment.coinbase),
        difficulty: 0n,
        prevRandao: hexToBytes(environment.prevRandao),
        gasLimit: environment.gasLimit,
        ...(environment.baseFee === undefined ? {} : { baseFeePerGas: environment.baseFee }),
        getBlobGasPrice: () => undefined,
      },
    },
  })
  if (fault !== undefined) throw fault
  const { exceptionError, returnValue } = execResult
  if (exceptionError === undefined) return { result: bytesToHex(returnValue) }
  if (exceptionError.error === EVMError.errorMessages.REVERT) return { revert: bytesToHex(returnValue) }
  throw unprovable(`it ends with ${exceptionError.error}`)
}

/** State that is fetched with its proof when it is first read; what the call writes stays in memory. */
class ProvenStateManager extends SimpleStateManager {
  readonly #state: ProvenState
  readonly #keep: <T>(value: Promise<T>) => Promise<T>

  constructor(state: ProvenState, keep: <T>(value: Promise<T>) => Promise<T>) {
    super()
    this.#state = state
    this.#keep = keep
  }

  override async getAccount(address: EvmAddress): Promise<Account | undefined> {
    const key = address.toString()
    const accounts = this.topAccountStack()
    if (accounts.has(key as never)) return super.getAccount(address)
    const found = await this.#keep(this.#state.account(key as Hex))
    if (found === undefined) return undefined
    const { nonce, balance, storageHash, codeHash } = found
    return new Account(nonce, balance, hexToBytes(storageHash), hexToBytes(codeHash))
  }

  override async getCode(address: EvmAddress): Promise<Uint8Array> {
    return hexToBytes(await this.#keep(this.#state.code(address.toString() as Hex)))
  }

  override async getStorage(address: EvmAddress, key: Uint8Array): Promise<Uint8Array> {
    const written = await super.getStorage(address, key)
    if (written.length > 0) return written
    return hexToBytes(await this.#keep(this.#state.storage(address.toString() as Hex, fromBytes(key))))
  }
}
