import { setTimeout } from 'node:timers/promises'
import {
  type Abi,
  decodeErrorResult,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { revertData } from '../../src/chain/errors.ts'
import type { Address, Hex } from '../../src/util/hex.ts'

/** Osaka's cap on the gas of one transaction (EIP-7825). */
export const MAX_TRANSACTION_GAS = 16_777_216n
const MAX_FEE = 10n ** 11n
/** ms between looks for a receipt, and until it must be there. */
const RECEIPT_POLL_MS = 2
const RECEIPT_TIMEOUT_MS = 60_000

export interface Transaction {
  readonly client: PublicClient
  readonly from: LocalAccount
  readonly to: Address
  readonly data: Hex
  /** wei */
  readonly value?: bigint
  /** Names the errors that it may end with. */
  readonly abi: Abi
}

/**
 * Sends a transaction with the most gas that it may have, and waits for it.
 * @returns the gas that all of it used
 */
export async function transact({ client, from, to, data, value = 0n, abi }: Transaction): Promise<bigint> {
  const [chainId, nonce] = await Promise.all([
    client.getChainId(),
    client.getTransactionCount({ address: from.address, blockTag: 'pending' }),
  ])
  const fees = { maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: 1n }
  const gas = MAX_TRANSACTION_GAS
  const payload = { type: 'eip1559', chainId, nonce, to, data, value, gas, ...fees } as const
  const serializedTransaction = await from.signTransaction(payload)
  const hash = await client.sendRawTransaction({ serializedTransaction })
  const { status, gasUsed } = await receiptOf(client, hash)
  if (status === 'success') return gasUsed
  const why = await client.call({ account: from.address, to, data, value, gas }).then(
    () => 'it would succeed now',
    (error: unknown) => {
      const reason = revertData(error)
      return reason === undefined ? String(error) : decodeErrorResult({ abi, data: reason }).errorName
    },
  )
  throw new Error(`a transaction that used ${gasUsed} gas failed: ${why}`)
}

/** Viem's own waiting looks again with the next block only, which never comes where each transaction makes one. */
async function receiptOf(client: PublicClient, hash: Hex): Promise<TransactionReceipt> {
  for (const deadline = Date.now() + RECEIPT_TIMEOUT_MS; ; ) {
    try {
      return await client.getTransactionReceipt({ hash })
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError) || Date.now() > deadline) throw error
    }
    await setTimeout(RECEIPT_POLL_MS)
  }
}
