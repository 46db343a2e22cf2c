import type { Journal, SlotRecord } from '../../store/store.ts'
import type { Address, Hex } from '../../util/hex.ts'

/** Newest slots of a service that are looked at. */
export const SCORE_SLOTS = 64
/** ms; what is older says nothing of how the node does. */
export const SCORE_MS = 3_600_000

export interface ScoreOf {
  readonly journal: Pick<Journal, 'list'>
  /** Ids in statements of services and their strands. */
  readonly lines: readonly Hex[]
  readonly operator: Address
  /** ms since the epoch. */
  readonly now: number
}

/**
 * From 0 to 100: for each service (and strand) that had slots lately, the part of its certificates that have the operator's
 * signature, 0 when it had slots and no certificate; the mean of these. 100 when no service had a slot: nothing was asked.
 */
export function performanceScore({ journal, lines, operator, now }: ScoreOf): number {
  const own = operator.toLowerCase()
  const parts = lines.flatMap((service) => {
    const records = journal.list({ service, limit: SCORE_SLOTS }).filter((record) => counts(record, now))
    if (records.length === 0) return []
    const certified = records.filter(({ signers }) => signers.length > 0)
    const signed = certified.filter(({ signers }) => signers.some((signer) => signer.toLowerCase() === own))
    return [certified.length === 0 ? 0 : signed.length / certified.length]
  })
  return parts.length === 0 ? 100 : (100 * parts.reduce((sum, part) => sum + part, 0)) / parts.length
}

/** Slots that nobody triggered here, or that a stop cut off, are no work that was done badly. */
function counts({ triggeredAt, reason }: SlotRecord, now: number): boolean {
  return now - triggeredAt <= SCORE_MS && !(reason ?? '').startsWith('trigger.') && reason !== 'stopped'
}
