import { erc20Abi, parseAbi } from 'viem'
import type { Address } from '../util/hex.ts'
import type { LstEntry } from './deployment.ts'
import type { ChainReader } from './types.ts'

const ONE = 10n ** 18n

/** The read functions of the real tokens: mainnet's stETH, wstETH, rETH and cbETH have them too. */
const abi = parseAbi([
  'function sharesOf(address account) view returns (uint256)',
  'function getPooledEthByShares(uint256 shares) view returns (uint256)',
  'function getStETHByWstETH(uint256 amount) view returns (uint256)',
  'function getEthValue(uint256 amount) view returns (uint256)',
  'function exchangeRate() view returns (uint256)',
])

/** A liquid staking token as far as its rate goes. */
export type LstToken = Pick<LstEntry, 'kind' | 'token'>

type Reads = Pick<ChainReader, 'read'>

/**
 * Wei of ETH that an amount of a liquid staking token is worth by its own rate, rounded down (`LstRates.ethValue`).
 * @throws LariatError, see `ChainReader.read`
 */
export async function readLstValue(chain: Reads, { kind, token }: LstToken, amount: bigint): Promise<bigint> {
  const address = token
  switch (kind) {
    case 'steth':
      return amount
    case 'wsteth':
      return chain.read({ address, abi, functionName: 'getStETHByWstETH', args: [amount] })
    case 'reth':
      return chain.read({ address, abi, functionName: 'getEthValue', args: [amount] })
    case 'cbeth':
      return (amount * (await chain.read({ address, abi, functionName: 'exchangeRate', args: [] }))) / ONE
  }
}

/**
 * Units of a liquid staking token that an account has: shares of stETH, which no report changes, and the balance of others.
 * @throws LariatError, see `ChainReader.read`
 */
export async function readLstUnits(chain: Reads, { kind, token }: LstToken, account: Address): Promise<bigint> {
  if (kind === 'steth') return chain.read({ address: token, abi, functionName: 'sharesOf', args: [account] })
  return chain.read({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [account] })
}

/**
 * Wei of ETH that 1e18 of a token's amount are worth, by its own rate: 1e18 for stETH.
 * @throws LariatError, see `ChainReader.read`
 */
export async function readLstRate(chain: Reads, lst: LstToken): Promise<bigint> {
  return readLstValue(chain, lst, ONE)
}
