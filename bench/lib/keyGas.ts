import { decodeFunctionData } from 'viem'
import { keyGenerationAbi } from '../../src/avs/randomness/abi/keyGeneration.ts'
import type { CeremonyRun } from '../../test/support/ceremonies.ts'

/** Transactions of one kind to KeyGeneration. */
export interface GasOfKind {
  readonly name: string
  readonly transactions: number
  /** Of all of them, those that reverted, as somebody was quicker, included. */
  readonly gas: number
  /** Of the dearest. */
  readonly dearest: number
}

/** What the transactions to a run's KeyGeneration in the blocks `from` to `to` used, by function. */
export async function keyGas({ client, contracts }: CeremonyRun, from: bigint, to: bigint): Promise<GasOfKind[]> {
  const kinds = new Map<string, number[]>()
  for (let blockNumber = from; blockNumber <= to; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true })
    for (const { to: contract, input, hash } of transactions) {
      if (contract?.toLowerCase() !== contracts.keyGeneration.toLowerCase()) continue
      const { functionName } = decodeFunctionData({ abi: keyGenerationAbi, data: input })
      const { gasUsed } = await client.getTransactionReceipt({ hash })
      kinds.set(functionName, [...(kinds.get(functionName) ?? []), Number(gasUsed)])
    }
  }
  return [...kinds].map(([name, all]) => ({
    name,
    transactions: all.length,
    gas: all.reduce((sum, gas) => sum + gas, 0),
    dearest: Math.max(...all),
  }))
}
