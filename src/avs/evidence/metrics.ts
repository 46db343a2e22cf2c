import { OPERATORS, SERVICES } from '../../metrics/bounds.ts'
import type { Metrics } from '../../metrics/registry.ts'

/** How two statements were found to contradict each other. */
export type EvidenceForm = 'signatures' | 'certificates' | 'mixed'
/** `landed`: our transaction slashed. `already-there`: somebody else's did. `refused`: the contract does not take it. `failed`: it is tried again. */
export type EvidenceOutcome = 'landed' | 'already-there' | 'refused' | 'failed'

/** What is counted of equivocation. `service` is the plug-in's name; `operator` an address of an epoch, at most 200. */
export function declareEvidenceMetrics(metrics: Metrics) {
  return {
    cases: metrics.counter({
      name: 'lariat_equivocations_seen_total',
      help: 'Operators (addresses of an epoch) that validly signed two payloads for one kind, slot and attempt, once an epoch',
      labels: { service: SERVICES, operator: OPERATORS },
    }),
    found: metrics.counter({
      name: 'lariat_evidence_found_total',
      help: 'Evidence that accused somebody new, by its form (two signatures, two certificates, one of each) and who found it: this node or a peer',
      labels: { service: SERVICES, form: ['signatures', 'certificates', 'mixed'], from: ['here', 'peer'] },
    }),
    open: metrics.gauge({
      name: 'lariat_evidence_open',
      help: 'Operators that evidence on this node accuses and that were not slashed yet',
      labels: { service: SERVICES },
    }),
    submissions: metrics.counter({
      name: 'lariat_evidence_submissions_total',
      help: 'Tries of this node to bring evidence on chain, by how they ended',
      labels: { service: SERVICES, outcome: ['landed', 'already-there', 'refused', 'failed'] },
    }),
    slashed: metrics.counter({
      name: 'lariat_equivocations_slashed_total',
      help: 'Operators that lost stake for equivocation, as finalized blocks tell',
      labels: { service: SERVICES, operator: OPERATORS },
    }),
  }
}

export type EvidenceMetrics = ReturnType<typeof declareEvidenceMetrics>
