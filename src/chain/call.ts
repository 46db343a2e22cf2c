import {
  type Abi,
  decodeFunctionResult,
  encodeFunctionData,
  numberToHex,
  type PublicClient,
  type RpcBlockIdentifier,
} from 'viem'
import { LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import { revertData, reverted } from './errors.ts'
import type { Providers } from './providers.ts'
import type { Finality } from './types.ts'

/** A message call that changes nothing. */
export interface Call {
  readonly to?: Address
  readonly from?: Address
  readonly data?: Hex
  readonly value?: bigint
  readonly gas?: bigint
}

/** The call as JSON-RPC has it. */
export function toRpcCall(call: Call): Record<string, string> {
  const { to, from, data, value, gas } = call
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(data === undefined ? {} : { data }),
    ...(value === undefined ? {} : { value: numberToHex(value) }),
    ...(gas === undefined ? {} : { gas: numberToHex(gas) }),
  }
}

/**
 * One JSON-RPC request that runs code: `eth_call` or `eth_estimateGas`.
 * @param what names the call in errors
 * @throws LariatError `chain.reverted`, decoded by `abi`; whatever else the client throws, unchanged
 */
export async function runCode(
  client: PublicClient,
  method: 'eth_call' | 'eth_estimateGas',
  params: readonly unknown[],
  abi: Abi,
  what: string,
): Promise<Hex> {
  try {
    return await (client.request as (args: { method: string; params: readonly unknown[] }) => Promise<Hex>)({
      method,
      params,
    })
  } catch (error) {
    const data = revertData(error)
    if (data === undefined) throw error
    throw reverted(what, data, abi)
  }
}

/** A view call to a contract. `block` is a finality or a block number. */
export interface ContractRead {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly block?: Finality | bigint | undefined
}

/**
 * What one provider answers: for what is not signed over.
 * @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract`, `chain.inconsistent` (an answer of another shape)
 */
export async function readContract(providers: Providers, call: ContractRead): Promise<unknown> {
  const { address, abi, block = 'latest' } = call
  const { what, data } = encodeRead(call)
  const at: RpcBlockIdentifier | Hex | Finality = typeof block === 'bigint' ? numberToHex(block) : block
  const result = await providers.ask(what, (client) =>
    runCode(client, 'eth_call', [toRpcCall({ to: address, data }), at], abi, what),
  )
  return decodeRead(call, result)
}

/** The name of a read in errors, and its calldata. */
export function encodeRead({ address, abi, functionName, args }: ContractRead): { what: string; data: Hex } {
  return { what: `${functionName} on ${address}`, data: encodeFunctionData({ abi, functionName, args }) }
}

/** @throws LariatError `chain.no-contract`, `chain.inconsistent` */
export function decodeRead({ address, abi, functionName }: ContractRead, result: Hex): unknown {
  const what = `${functionName} on ${address}`
  if (result === '0x') {
    throw new LariatError(
      'chain.no-contract',
      `${what} gave no answer: no such contract there, or the node is not synchronised; check the address in the deployment`,
      { address, functionName },
    )
  }
  try {
    return decodeFunctionResult({ abi, functionName, data: result })
  } catch (error) {
    throw new LariatError(
      'chain.inconsistent',
      `${what} answered something else than its ABI says: check the address in the deployment`,
      { address, functionName },
      error,
    )
  }
}
