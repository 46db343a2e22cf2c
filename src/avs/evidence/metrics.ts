import type { Metrics } from '../../metrics/registry.ts'

/** How two statements were found to contradict each other. */
export type EvidenceForm = 'signatures' | 'certificates' | 'mixed'
/** `landed`: our transaction slashed. `already-there`: somebody else's did. `refused`: the contract does not take it. `failed`: it is tried again. */
export type EvidenceOutcome = 'landed' | 'already-there' | 'refused' | 'failed'

/** What is counted of equivocation. `service` is the plug-in's name; `operator` an address of an epoch, at most 200. */
export function declareEvidenceMetrics(metrics: Metrics) {
  return {
    cases: metrics.counter<{ service: string; operator: string }>({
      name: 'lariat_equivocations_seen_total',
      help: 'Operators (addresses of an epoch) that validly signed two payloads for one kind, slot and attempt, once an epoch',
      labels: ['service', 'operator'],
    }),
    found: metrics.counter<{ service: string; form: EvidenceForm; from: 'here' | 'peer' }>({
      name: 'lariat_evidence_found_total',
      help: 'Evidence that accused somebody new, by its form (two signatures, two certificates, one of each) and who found it: this node or a peer',
      labels: ['service', 'form', 'from'],
    }),
    open: metrics.gauge<{ service: string }>({
      name: 'lariat_evidence_open',
      help: 'Operators that evidence on this node accuses and that were not slashed yet',
      labels: ['service'],
    }),
    submissions: metrics.counter<{ service: string; outcome: EvidenceOutcome }>({
      name: 'lariat_evidence_submissions_total',
      help: 'Tries of this node to bring evidence on chain, by how they ended',
      labels: ['service', 'outcome'],
    }),
    slashed: metrics.counter<{ service: string; operator: string }>({
      name: 'lariat_equivocations_slashed_total',
      help: 'Operators that lost stake for equivocation, as finalized blocks tell',
      labels: ['service', 'operator'],
    }),
  }
}

export type EvidenceMetrics = ReturnType<typeof declareEvidenceMetrics>
