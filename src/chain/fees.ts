import { type PublicClient, parseGwei } from 'viem'
import { LariatError } from '../util/errors.ts'
import { toChainError, unavailability } from './errors.ts'
import type { Providers } from './providers.ts'

/** Fees of an EIP-1559 transaction, wei per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** What we pay at most, wei per gas. Mainnet's base fee rarely passes it, and then a price update can wait. */
export const DEFAULT_MAX_FEE_PER_GAS = parseGwei('200')
/** Tip that a provider may talk us into, wei per gas; bumps may go above it, up to the fee cap. */
const MAX_SUGGESTED_TIP = parseGwei('5')
/** Tip where a provider suggests none, wei per gas. */
const DEFAULT_TIP = parseGwei('1')
/** Per cent by which both fees must rise for a pool to take a replacement: 10 in every client, and one for rounding. */
const LEAST_RISE = 11n

/** What the chain charges now, wei per gas. */
export interface FeeMarket {
  readonly baseFee: bigint
  readonly tip: bigint
}

/** @throws LariatError `chain.unavailable` */
export async function readFeeMarket(providers: Providers): Promise<FeeMarket> {
  return providers.ask('the fees', async (client, provider) => {
    const [block, tip] = await Promise.all([client.getBlock({ blockTag: 'latest' }), suggestedTip(client, provider)])
    return { baseFee: block.baseFeePerGas ?? 0n, tip: lesser(tip, MAX_SUGGESTED_TIP) }
  })
}

async function suggestedTip(client: PublicClient, provider: string): Promise<bigint> {
  try {
    return BigInt(await client.request({ method: 'eth_maxPriorityFeePerGas' }))
  } catch (raw) {
    const error = toChainError(raw, provider, 'the suggested tip')
    if (unavailability(error) === 'refused') return DEFAULT_TIP
    throw error
  }
}

/**
 * Fees that last for a few full blocks in a row: twice the base fee and the tip, under the cap.
 * @throws LariatError `chain.fee-cap` when the base fee alone is above the cap
 */
export function initialFees({ baseFee, tip }: FeeMarket, cap: bigint): Fees {
  if (baseFee > cap) {
    throw new LariatError(
      'chain.fee-cap',
      `the base fee is ${baseFee} wei per gas, above our cap of ${cap}: wait, or raise the cap`,
      { baseFee, cap },
    )
  }
  const maxFeePerGas = lesser(2n * baseFee + tip, cap)
  return { maxFeePerGas, maxPriorityFeePerGas: lesser(tip, maxFeePerGas) }
}

/**
 * `fees` raised by `percent`, and to `market` where that is more.
 * @returns undefined when the cap leaves no room for a rise that pools accept as a replacement
 */
export function raiseFees(fees: Fees, percent: bigint, market: Fees, cap: bigint): Fees | undefined {
  const raise = (fee: bigint, by: bigint) => fee + (fee * by + 99n) / 100n
  const least = raise(fees.maxFeePerGas, LEAST_RISE)
  if (least > cap) return undefined
  const maxFeePerGas = lesser(larger(raise(fees.maxFeePerGas, percent), market.maxFeePerGas), cap)
  const tip = larger(raise(fees.maxPriorityFeePerGas, percent), market.maxPriorityFeePerGas)
  return { maxFeePerGas, maxPriorityFeePerGas: lesser(tip, maxFeePerGas) }
}

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}
