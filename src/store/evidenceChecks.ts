import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { type CaseKey, type EvidenceCase, MAX_EVIDENCE_BYTES } from './evidence.ts'
import { checkBytes, checkInteger } from './limits.ts'

/** A case's key as bytes, so that the letter case of hexadecimal makes no second case. @throws LariatError `store.out-of-range` */
export function checkKey({ serviceManager, service, operator, epoch }: CaseKey) {
  return {
    serviceManager: checkBytes('ServiceManager', serviceManager, 20),
    service: checkBytes('service', service, 32),
    operator: checkBytes('operator', operator, 20),
    epoch: checkInteger('epoch', epoch),
  }
}

/** @throws LariatError `store.out-of-range` */
export function checkCase(found: EvidenceCase) {
  if (found.data.length === 0 || found.data.length > MAX_EVIDENCE_BYTES) {
    throw new LariatError(
      'store.out-of-range',
      `evidence of ${found.data.length} bytes is not stored: at most ${MAX_EVIDENCE_BYTES}`,
    )
  }
  return {
    ...checkKey(found),
    id: checkBytes('id', found.id, 32),
    slot: checkInteger('slot', found.slot),
    transaction: checkTransaction(found.transaction),
  }
}

export function checkTransaction(transaction: Hex | null | undefined): Uint8Array | null {
  return transaction === null || transaction === undefined ? null : checkBytes('transaction', transaction, 32)
}

/** @throws LariatError `store.full` */
export function refuseFull(limit: number): never {
  throw new LariatError(
    'store.full',
    `${limit} cases of equivocation are open, more are not kept: see lariat evidence list, and why none is settled`,
    { limit },
  )
}
