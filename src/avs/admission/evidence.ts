import type { EvidenceWire } from '../../types/wire/codec.ts'
import { accusedBy, isProof, type Tables } from '../evidence/verify.ts'
import type { Runtime } from '../runtime.ts'
import { ignore, reject } from './verdict.ts'

/**
 * Files evidence that a peer tells of, verified on both sides. The slot may be long past: what counts is that the epochs
 * are known here. Evidence that accuses nobody new costs no check of a signature.
 */
export function admitEvidence(rt: Runtime, { first, second }: EvidenceWire): void {
  if (first.statement.service !== rt.service) reject('other-service')
  const tables: Tables = (epoch) => rt.epochs.byNumber(epoch)
  const accused = accusedBy(tables, { first, second }) ?? ignore('unknown-epoch')
  if (accused.length === 0) reject('false-evidence')
  if (rt.desk.unknown({ first, second }, accused).length === 0) ignore('seen')
  if (!isProof(rt.domain, tables, { first, second })) reject('false-evidence')
  rt.desk.file({ first, second }, accused, 'peer')
}
