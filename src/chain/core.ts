import type { Address } from '../util/hex.ts'

/** One operator set: the AVS's account in the core, which is its ServiceManager, and a number. */
export interface OperatorSet {
  readonly avs: Address
  readonly id: number
}

/** All of an operator's stake in one strategy, 1e18 parts. */
export const FULL_MAGNITUDE = 10n ** 18n
