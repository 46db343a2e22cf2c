import { getAddress, type RpcTransactionReceipt } from 'viem'
import type { Hex } from '../util/hex.ts'
import { unavailable } from './errors.ts'
import type { Providers } from './providers.ts'
import type { TransactionReceipt } from './sender.ts'

/**
 * The receipt of whichever of `hashes` is in a block; undefined when none is, or the provider does not know yet.
 * @throws LariatError `chain.unavailable`
 */
export async function findReceipt(
  providers: Providers,
  hashes: readonly Hex[],
): Promise<TransactionReceipt | undefined> {
  // Newest first: it has the highest fees.
  for (const hash of [...hashes].reverse()) {
    const receipt = await providers.ask('a receipt', async (client, provider) => {
      const raw = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
      // Between sending and mining there is none, and some nodes show the block before its receipts.
      if (raw === null || raw.blockNumber === null) return undefined
      if (raw.transactionHash !== hash) throw unavailable('malformed', provider, 'a receipt', 'of another transaction')
      return fromRpc(raw)
    })
    if (receipt !== undefined) return receipt
  }
  return undefined
}

function fromRpc(raw: RpcTransactionReceipt): TransactionReceipt {
  return {
    hash: raw.transactionHash,
    blockNumber: BigInt(raw.blockNumber),
    gasUsed: BigInt(raw.gasUsed),
    status: raw.status === '0x1' ? 'success' : 'reverted',
    contractAddress: raw.contractAddress ? getAddress(raw.contractAddress) : null,
  }
}
