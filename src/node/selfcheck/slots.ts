import type { Journal, SlotRecord } from '../../store/store.ts'
import type { Address, Hex } from '../../util/hex.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** Newest slots that are looked at: a minute of a service with two seconds a slot. */
const SAMPLE = 32
/** Fewer say nothing. */
const LEAST = 8
/** Part of certified slots, in per cent, in which our signature may be missing. */
const ABSENT_PERCENT = 50

const EVERY_MS = 2_000
const TRUST_MS = 30_000

export interface SlotsCheckOptions {
  readonly service: string
  /** Id of the service in statements. */
  readonly id: Hex
  readonly operator: Address
  readonly journal: Pick<Journal, 'list'>
  /** ms since the epoch: slots triggered before belong to an earlier run. */
  readonly since: number
  /** Per cent of slots that may be missed (`checks.missedPercent`). */
  readonly missedPercent: number
}

/** Few slots end without a certificate. */
export function missedCheck(options: SlotsCheckOptions): SelfCheck {
  return {
    name: 'missed slots',
    service: options.service,
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run: () => findMissed(newest(options), options.missedPercent),
  }
}

/** Our signature is in most certificates. */
export function participationCheck(options: SlotsCheckOptions): SelfCheck {
  return {
    name: 'participation',
    service: options.service,
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run: () => findAbsence(newest(options), options.operator),
  }
}

/**
 * Records of this run of slots in which this node had a part, newest first. Those before its first certificate are left out:
 * a network that starts misses some, and one that never gets going is told by the service itself.
 */
function newest({ journal, id, since }: SlotsCheckOptions): SlotRecord[] {
  const records = journal
    .list({ service: id, limit: SAMPLE })
    .filter(({ triggeredAt, reason }) => triggeredAt >= since && !(reason ?? '').startsWith('trigger.'))
    .filter(({ reason }) => reason !== 'stopped')
  // with a full sample the first certificate may lie before it
  if (records.length === SAMPLE) return records
  return records.slice(0, records.findLastIndex(({ outcome }) => outcome !== 'missed') + 1)
}

function findMissed(records: readonly SlotRecord[], allowed: number): Finding | undefined {
  const missed = records.filter(({ outcome }) => outcome === 'missed')
  if (records.length < LEAST || missed.length * 100 <= allowed * records.length) return undefined
  return fail(
    `${missed.length} of the newest ${records.length} slots were missed, most often for ${commonest(missed)} (docs/reasons.md)`,
  )
}

function findAbsence(records: readonly SlotRecord[], operator: Address): Finding | undefined {
  const certified = records.filter(({ signers }) => signers.length > 0)
  const absent = certified.filter(
    ({ signers }) => !signers.some((signer) => signer.toLowerCase() === operator.toLowerCase()),
  )
  if (certified.length < LEAST || absent.length * 100 <= ABSENT_PERCENT * certified.length) return undefined
  const text = `${absent.length} of the newest ${certified.length} certificates lack this operator's signature: it comes too late, or this node sees other data; see lariat_stage_seconds and the log`
  return absent.length === certified.length ? fail(text) : warn(text)
}

function commonest(records: readonly SlotRecord[]): string {
  const counts = new Map<string, number>()
  for (const { reason } of records) counts.set(reason ?? 'unknown', (counts.get(reason ?? 'unknown') ?? 0) + 1)
  const [first] = [...counts].sort(([, a], [, b]) => b - a)
  return first?.[0] ?? 'unknown'
}
