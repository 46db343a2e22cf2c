import type { Statement } from '../../types/statement.ts'
import type { Address, Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { ranking } from '../rank.ts'
import type { RunnerOptions } from '../runner.ts'
import { DEFAULT_TIMING, ownRow, type Runtime } from '../runtime.ts'
import { EvidenceDesk } from './desk.ts'
import { declareEvidenceMetrics } from './metrics.ts'
import { EvidenceSubmitter } from './submitter.ts'
import { type Heard, Witness } from './witness.ts'

/** What one service does about operators that sign two payloads for one slot. */
export interface EvidenceHandling {
  readonly witness: Witness
  readonly desk: EvidenceDesk
  readonly submitter: EvidenceSubmitter
}

/** @param runtime of the service, once it is there */
export function handleEvidence(
  options: RunnerOptions,
  service: Hex,
  log: Log,
  runtime: () => Runtime | undefined,
): EvidenceHandling {
  const { context, definition, domain, epochs, evidence: store } = options
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const { operator, clock, chain } = context
  const { serviceManager } = domain
  const common = {
    ...{ serviceManager, service, operator, store, clock, log },
    name: definition.name,
    metrics: declareEvidenceMetrics(context.metrics),
  }
  const desk = new EvidenceDesk(common)
  const submitter = new EvidenceSubmitter({
    ...common,
    ...{ chain, desk },
    rank: (about, accused) => rankOf(runtime(), about, accused),
    staggerMs: timing.submitStaggerMs,
    checkMs: timing.evidenceCheckMs,
  })
  const isAccused = ({ operator: author, statement: { epoch } }: Heard) => desk.isAccused(author, epoch)
  return { witness: new Witness(domain, (epoch) => epochs.byNumber(epoch), isAccused), desk, submitter }
}

/** This node's place in the slot's order, the accused left out: they will not accuse themselves. Who is not in the table goes last. */
function rankOf(rt: Runtime | undefined, about: Statement, accused: readonly Address[]): number {
  const table = rt && (rt.epochs.byNumber(about.epoch) ?? rt.epochs.at(rt.clock.now() / 1000))
  if (rt === undefined || table === undefined) return 0
  const left = new Set(accused.map((operator) => operator.toLowerCase()))
  const order = ranking(table, rt.service, about.slot).filter(
    (row) => !left.has(table.members[row]?.operator.toLowerCase() ?? ''),
  )
  const place = order.indexOf(ownRow(rt, table) ?? -1)
  return place < 0 ? order.length : place
}
