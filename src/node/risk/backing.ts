import { ratio } from './ratio.ts'

const ONE = 10n ** 18n

/** What an LRT vault has of one LST, in units: shares of a rebasing token, amounts of the others. */
export interface LrtHolding {
  /** Units that its account at the token holds: what is there, whatever the books say. */
  readonly held: bigint
  /** By its books: free, and promised to those whose exits are fulfilled. */
  readonly idle: bigint
  readonly reserved: bigint
  /** At the core: with operators, and in withdrawals. Slashes are applied. */
  readonly staked: bigint
  readonly queued: bigint
  /** Wei of ETH that 1e18 units are worth. */
  readonly rate: bigint
}

export interface Backing {
  /** Wei of ETH: idle, in the core and queued there. Of idle units no more than are there beyond the reserved ones. */
  readonly assets: bigint
  /** Wei of ETH: what all shares stand for at the rate. */
  readonly liabilities: bigint
  /** assets ÷ liabilities; above 1 by gains that have not vested. Undefined if there are no shares. */
  readonly ratio: number | undefined
  /** Units of LSTs that are promised to leavers and are not there, as wei of ETH. */
  readonly unreserved: bigint
}

/**
 * Whether an LRT's assets are worth its shares.
 * @param supply shares
 * @param rate wei of ETH that 1e18 shares stand for
 */
export function backingOf(holdings: readonly LrtHolding[], supply: bigint, rate: bigint): Backing {
  let assets = 0n
  let unreserved = 0n
  for (const { held, idle, reserved, staked, queued, rate: unitRate } of holdings) {
    const free = held > reserved ? held - reserved : 0n
    assets += (((free < idle ? free : idle) + staked + queued) * unitRate) / ONE
    if (held < reserved) unreserved += ((reserved - held) * unitRate) / ONE
  }
  const liabilities = (supply * rate) / ONE
  return { assets, liabilities, ratio: ratio(assets, liabilities), unreserved }
}
