import { type AbiFunction, encodeFunctionData, toFunctionSignature } from 'viem'
import { LariatError } from '../../util/errors.ts'
import type { Address, Hex } from '../../util/hex.ts'
import type { Step } from './plan.ts'

/** The ABI's entry of a step's function: the one that takes as many arguments. */
export function functionOf({ abi, functionName, args }: Pick<Step, 'abi' | 'functionName' | 'args'>): AbiFunction {
  const found = abi.find(
    (item): item is AbiFunction =>
      item.type === 'function' && item.name === functionName && item.inputs.length === args.length,
  )
  if (found === undefined) {
    throw new LariatError('operator.abi', `the ABI has no ${functionName} with ${args.length} arguments`, {
      functionName,
    })
  }
  return found
}

export function dataOf(step: Step): Hex {
  const { abi, functionName, args } = step
  return encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0])
}

/** A step as a line for whoever sends it in our place, such as a multisig. */
export interface CalldataLine {
  readonly step: number
  readonly of: number
  readonly what: string
  readonly consequences: readonly string[]
  readonly chainId: number
  readonly from: Address
  readonly to: Address
  /** wei */
  readonly value: string
  readonly data: Hex
  /** What `data` says. */
  readonly function: string
  readonly args: readonly unknown[]
}

/** @param from who has to send it */
export function calldataLines(steps: readonly Step[], chainId: number, from: Address): CalldataLine[] {
  return steps.map((step, i) => ({
    step: i + 1,
    of: steps.length,
    what: step.what,
    consequences: step.consequences,
    chainId,
    from,
    to: step.to,
    value: (step.value ?? 0n).toString(),
    data: dataOf(step),
    function: toFunctionSignature(functionOf(step)),
    args: step.args,
  }))
}
