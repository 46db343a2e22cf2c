import { erc20Abi } from 'viem'
import type { EarnerRewards } from '../../chain/rewards/ledger.ts'
import type { RewardsRoot } from '../../chain/rewards/roots.ts'
import type { ChainReader } from '../../chain/types.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { amount, duration } from '../operator/words.ts'

/** How a token shows its amounts. */
export interface TokenFace {
  readonly symbol: string
  readonly decimals: number
}

/** Longest symbol that is shown, characters; tokens may call themselves anything. */
const MAX_SYMBOL = 16

/** Symbol and decimals of a token; its address and 0 where it does not tell. @throws LariatError `chain.unavailable` */
export async function faceOf(read: ChainReader['read'], token: Address): Promise<TokenFace> {
  const contract = { address: token, abi: erc20Abi } as const
  try {
    const [symbol, decimals] = await Promise.all([
      read({ ...contract, functionName: 'symbol', args: [] }),
      read({ ...contract, functionName: 'decimals', args: [] }),
    ])
    // a symbol is a stranger's text: nothing but what cannot harm a terminal
    const clean = symbol.replaceAll(/[^\w.+-]/g, '').slice(0, MAX_SYMBOL)
    return { symbol: clean === '' ? token : clean, decimals }
  } catch (error) {
    if (error instanceof LariatError && error.code === 'chain.unavailable') throw error
    return { symbol: token, decimals: 0 }
  }
}

/** `1.5 stETH` */
export function inTokens(value: bigint, { symbol, decimals }: TokenFace): string {
  return `${amount(value, decimals)} ${symbol}`
}

/** `2026-11-22 20:15 UTC` of unix seconds. */
export function atTime(seconds: number): string {
  const text = new Date(seconds * 1_000).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`
}

/** What an earner should know of the roots: which one its rewards are proven by, and from when. @param now unix seconds */
export function rootNotes({ newest, root, active }: EarnerRewards, now: number): string[] {
  if (newest === undefined || root === undefined) return ['No distribution has been posted on this network as yet.']
  const notes = [
    `Root ${root.index} (${root.root}), earnings up to ${atTime(root.endTimestamp)}: ${stateOf(root, now)}.`,
  ]
  if (active && newest.index > root.index) {
    notes.push(`Root ${newest.index} is newer: ${stateOf(newest, now)}.`)
  }
  return notes
}

function stateOf({ disabled, activatedAt }: RewardsRoot, now: number): string {
  if (disabled) return 'disabled before it was active'
  if (now >= activatedAt) return `active since ${atTime(activatedAt)}`
  return `active from ${atTime(activatedAt)} on, in about ${duration(activatedAt - now)}`
}
