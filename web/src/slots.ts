import type { Member, Slot } from './types.ts'

/** Slots of one service that the page keeps. */
export const MAX_SLOTS = 120

/** Ascending by slot; one that is there already is replaced: it landed meanwhile. */
export function withSlot(slots: readonly Slot[], slot: Slot): readonly Slot[] {
  const at = slots.findIndex((one) => one.slot === slot.slot)
  if (at >= 0) return slots.with(at, slot)
  const next = BigInt(slot.slot)
  const after = slots.findLastIndex((one) => BigInt(one.slot) < next)
  return slots.toSpliced(after + 1, 0, slot).slice(-MAX_SLOTS)
}

/** The value below which `part` (0 to 1) of the values lie; undefined of none. */
export function quantile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
}

export interface SlotsSummary {
  readonly total: number
  readonly certified: number
  readonly missed: number
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly latest: Slot | undefined
}

export function summaryOf(slots: readonly Slot[]): SlotsSummary {
  const certified = slots.filter(({ outcome }) => outcome !== 'missed')
  const latencies = certified.flatMap(({ certificateMs }) => (certificateMs === null ? [] : [certificateMs]))
  return {
    total: slots.length,
    certified: certified.length,
    missed: slots.length - certified.length,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    latest: slots.at(-1),
  }
}

/** Members that are not in the certificate of a slot; of a missed one nobody knows: none. */
export function absentOf({ outcome, signers }: Slot, members: readonly Member[]): readonly Member[] {
  if (outcome === 'missed' || signers.length === 0) return []
  const signed = new Set(signers.map((signer) => signer.toLowerCase()))
  return members.filter(({ operator }) => !signed.has(operator.toLowerCase()))
}
