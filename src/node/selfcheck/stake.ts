import type { EpochTable } from '../../types/epoch.ts'
import type { Address } from '../../util/hex.ts'
import { amount } from '../operator/words.ts'
import { CHAIN_EVERY_MS, CHAIN_TRUST_MS, type RegistrationOptions } from './registration.ts'
import type { ServiceStanding } from './standing.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** Wei of a unit of weight: tables have gwei of ETH's worth. */
const WEI_PER_WEIGHT = 10n ** 9n
/** Part that stake may lie below its weight in the newest table before somebody should look; the worth of LSTs moves by far less. */
const DROP_PERCENT = 10n

export interface StakeOptions extends RegistrationOptions {
  readonly operator: Address
  /** The newest table, not necessarily active; undefined when there is none. */
  readonly newest: () => EpochTable | undefined
  /** Wei of ETH that the operator wants to be counted for at least (`checks.minStake`). */
  readonly least: bigint | undefined
}

/** The service counts stake of ours, and as much as its newest table has. */
export function stakeCheck({ service, standing, operator, newest, least }: StakeOptions): SelfCheck {
  return {
    name: 'stake',
    service,
    everyMs: CHAIN_EVERY_MS,
    trustMs: CHAIN_TRUST_MS,
    run: async () => findStake(service, await standing(), operator, newest(), least),
  }
}

export function findStake(
  service: string,
  { member, stake, allocations }: ServiceStanding,
  operator: Address,
  table: EpochTable | undefined,
  least: bigint | undefined,
): Finding | undefined {
  if (!member) return undefined
  const mend = `run lariat operator allocate ${service}`
  if (stake === 0n) {
    const allocated = allocations.some(({ magnitude }) => magnitude > 0n)
    return fail(
      allocated
        ? `stake is allocated to ${service} and none of it counts: what is delegated to the operator is gone, or was slashed`
        : `no stake counts for ${service}: ${mend}`,
    )
  }
  if (least !== undefined && stake < least) {
    return fail(`${amount(stake)} ETH count for ${service}, less than checks.minStake (${amount(least)} ETH): ${mend}`)
  }
  const row = table?.members.find((member) => member.operator.toLowerCase() === operator.toLowerCase())
  if (row === undefined) return undefined
  const weight = row.weight * WEI_PER_WEIGHT
  return stake * 100n < weight * (100n - DROP_PERCENT)
    ? warn(
        `${amount(stake)} ETH count for ${service} now and ${amount(weight)} in epoch ${table?.number}: the next epoch will have less; see lariat operator status if you did not take any back`,
      )
    : undefined
}
