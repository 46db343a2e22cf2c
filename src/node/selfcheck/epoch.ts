import type { EpochTable } from '../../types/epoch.ts'
import type { Clock } from '../../util/clock.ts'
import type { Address } from '../../util/hex.ts'
import { equalBytes } from '../../util/hex.ts'
import { duration } from '../operator/words.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** Part of a table's life that is left when its successor should be there: keepers build it earlier. */
const LATE_PART = 0.1

const EVERY_MS = 1_000
const TRUST_MS = 10_000

export interface EpochCheckOptions {
  readonly service: string
  readonly operator: Address
  /** Uncompressed, 96 bytes. */
  readonly keys: () => readonly Uint8Array[]
  /** Tables that are known, oldest first. */
  readonly tables: () => readonly EpochTable[]
  /** The one that is active at a Unix second. */
  readonly at: (time: number) => EpochTable | undefined
  readonly clock: Clock
}

/** We are in the active epoch, with our key and weight, and it does not end without a successor. */
export function epochCheck(options: EpochCheckOptions): SelfCheck {
  const { service } = options
  return { name: 'epoch', service, everyMs: EVERY_MS, trustMs: TRUST_MS, run: () => findEpoch(options) }
}

function findEpoch({ operator, keys, tables, at, clock }: EpochCheckOptions): Finding | undefined {
  const now = clock.now() / 1_000
  const active = at(now)
  const newest = tables().at(-1)
  if (active === undefined) {
    return newest !== undefined && newest.activatesAt > now
      ? fail(`no epoch is active: epoch ${newest.number} begins in ${duration(newest.activatesAt - now)}`)
      : fail('no epoch is active: see that operators have stake, and that some node has gas to build one')
  }
  const row = active.members.find((member) => member.operator.toLowerCase() === operator.toLowerCase())
  if (row === undefined) {
    return fail(`this operator is not in epoch ${active.number}: register, allocate, and wait for the next`)
  }
  if (!keys().some((key) => equalBytes(key, row.publicKey))) {
    return fail(
      `epoch ${active.number} has a BLS key for this operator that is not ours: name its keystore under keys.bls`,
    )
  }
  if (active.revokedNow.has(row.index)) {
    return fail(
      `the weight of this operator in epoch ${active.number} was revoked, after a slash or an ejection: see lariat operator status, and wait for the next epoch`,
    )
  }
  const left = active.validUntil - now
  const life = active.validUntil - active.activatesAt
  return newest?.number === active.number && left < LATE_PART * life
    ? warn(
        `epoch ${active.number} ends in ${duration(left)} and none follows it yet: see that some node has gas to build one`,
      )
    : undefined
}
