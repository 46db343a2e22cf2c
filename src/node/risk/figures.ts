import type { CoreAddresses, Deployment } from '../../chain/deployment.ts'
import type { ChainReader } from '../../chain/types.ts'
import type { EpochTable } from '../../types/epoch.ts'
import { describe } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { PegLimits } from './peg.ts'
import { ratio } from './ratio.ts'
import { type LrtRisk, readLrtRisk } from './readLrt.ts'
import { type OperatorRisk, readOperatorRisk } from './readOperator.ts'
import { readServiceStake, type ServiceStake } from './readService.ts'
import { type Concentration, concentrationOf } from './weights.ts'
import { createWorths } from './worth.ts'

/** A service as the figures need it. */
export interface RiskService {
  readonly name: string
  /** Its ServiceManager. */
  readonly contract: Address
  /** The table that is active now, undefined without one. */
  table(): EpochTable | undefined
  /** Wei of ETH that rests on it, as the configuration states it; undefined if it does not. */
  readonly secured: bigint | undefined
}

export interface ServiceRisk {
  readonly name: string
  readonly contract: Address
  readonly stake: ServiceStake | undefined
  readonly secured: bigint | undefined
  /** secured ÷ slashable stake: above 1 an attack costs less than it can gain. Undefined if either is not known. */
  readonly securedRatio: number | undefined
  readonly concentration: Concentration | undefined
}

/** A part that could not be read, and why. */
export interface RiskFailure {
  readonly part: 'operator' | 'service' | 'lrt'
  readonly problem: string
}

export interface RiskFigures {
  /** When they were read, ms since the epoch. */
  readonly at: number
  readonly operator: OperatorRisk | undefined
  readonly services: readonly ServiceRisk[]
  /** Undefined where there is no LRT, or where it could not be read. */
  readonly lrt: LrtRisk | undefined
  readonly failures: readonly RiskFailure[]
}

export interface RiskSources {
  readonly chain: Pick<ChainReader, 'read' | 'head'>
  readonly core: CoreAddresses
  readonly lsts: NonNullable<Deployment['lsts']>
  readonly lrt: Deployment['lrt']
  readonly operator: Address
  readonly services: readonly RiskService[]
  /** Of the LRT's own market. */
  readonly limits: PegLimits
}

/**
 * Reads all figures of risk once. A part that cannot be read is told in `failures` and the others are there still.
 * @param now ms since the epoch
 */
export async function readRiskFigures(sources: RiskSources, now: number): Promise<RiskFigures> {
  const { chain, core, lsts, lrt, operator, limits } = sources
  const contracts = sources.services.map(({ contract }) => contract)
  const worthOf = createWorths(chain, lsts, contracts)
  const failures: RiskFailure[] = []
  async function tried<T>(part: RiskFailure['part'], what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      failures.push({ part, problem: `${what}: ${describe(error)}` })
      return undefined
    }
  }
  const [own, services, token] = await Promise.all([
    tried('operator', 'stake at risk', () => readOperatorRisk(chain, core, operator, worthOf)),
    Promise.all(
      sources.services.map(async ({ name, contract, secured, table }): Promise<ServiceRisk> => {
        const stake = await tried('service', name, () => readServiceStake(chain, core, contract, worthOf))
        const active = table()
        return {
          name,
          contract,
          stake,
          secured,
          securedRatio: secured === undefined || stake === undefined ? undefined : ratio(secured, stake.slashable),
          concentration: active === undefined ? undefined : concentrationOf(active),
        }
      }),
    ),
    lrt === undefined ? undefined : tried('lrt', 'LRT', () => readLrtRisk(chain, core, lrt, now / 1_000, limits)),
  ])
  return { at: now, operator: own, services, lrt: token, failures }
}
