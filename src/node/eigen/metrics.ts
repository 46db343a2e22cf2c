import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { ChainReader, CursorStore } from '../../chain/types.ts'
import { declareEigenNodeMetrics } from '../../metrics/eigen.ts'
import type { Metrics } from '../../metrics/registry.ts'
import type { Journal } from '../../store/store.ts'
import type { EpochTable } from '../../types/epoch.ts'
import type { Clock } from '../../util/clock.ts'
import type { Address, Hex } from '../../util/hex.ts'
import type { Slash } from '../selfcheck/slashes.ts'
import { performanceScore } from './score.ts'

export interface EigenService {
  readonly name: string
  readonly contract: Address
  /** Ids in statements of the service and its strands. */
  readonly lines: readonly Hex[]
  /** The table that is active now, undefined without one. */
  readonly table: () => EpochTable | undefined
}

export interface EigenMetricsOf {
  readonly metrics: Metrics
  readonly chain: Pick<ChainReader, 'read'>
  readonly operator: Address
  readonly services: readonly EigenService[]
  readonly journal: Pick<Journal, 'list'>
  readonly cursors: CursorStore
  readonly clock: Clock
}

/** Name of the durable position: block of the newest slash by that AVS that this node has seen. */
export const slashedCursor = (contract: Address): string => `eigen/slashed/${contract.toLowerCase()}`

/**
 * Publishes what the AVS node specification asks for, from what the node knows when it is scraped.
 * @returns takes the slashes that a look at the chain found
 * @throws LariatError `chain.…` when the operator sets cannot be read
 */
export async function publishEigenMetrics(of: EigenMetricsOf): Promise<(slashes: readonly Slash[]) => void> {
  const { chain, operator, services, journal, cursors, clock } = of
  const sets = await Promise.all(
    services.map(({ contract }) =>
      chain.read({
        ...{ address: contract, abi: serviceManagerAbi, functionName: 'operatorSetId' },
        ...{ args: [], block: 'latest' },
      }),
    ),
  )
  const metrics = declareEigenNodeMetrics(of.metrics, {
    stakes() {
      for (const [i, { name, table }] of services.entries()) {
        metrics.stakes.set({ quorum_number: `${sets[i]}`, quorum_name: name }, weightOf(operator, table()))
      }
    },
    score() {
      const lines = services.flatMap((service) => service.lines)
      metrics.score.set({}, performanceScore({ journal, lines, operator, now: clock.now() }))
    },
  })
  const tell = () => {
    for (const { name, contract } of services) {
      metrics.slashed.set({ avs: name }, cursors.get(slashedCursor(contract)) === undefined ? 0 : 1)
    }
  }
  tell()
  return (slashes) => {
    for (const { contract } of services) {
      const newest = slashes.findLast(({ set }) => set.avs.toLowerCase() === contract.toLowerCase())
      if (newest !== undefined && cursors.get(slashedCursor(contract)) !== newest.block) {
        cursors.set(slashedCursor(contract), newest.block)
      }
    }
    tell()
  }
}

/** Gwei of ETH; as of the newest block, whose revocations the contract counts. */
function weightOf(operator: Address, table: EpochTable | undefined): number {
  const row = table?.members.find((member) => member.operator.toLowerCase() === operator.toLowerCase())
  return row === undefined || table?.revokedNow.has(row.index) ? 0 : Number(row.weight)
}
