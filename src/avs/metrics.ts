import { LATENCY_BUCKETS, type Metrics } from '../metrics/registry.ts'
import type { Kind } from '../types/statement.ts'
import type { AdmissionReason } from './admission/verdict.ts'
import type { Reason, Step } from './reasons.ts'
import type { Stages } from './workflow.ts'

/** What the path of a task counts. `service` is the plug-in's name; `operator` an address of the epoch, at most 200. */
export function declareMetrics(metrics: Metrics) {
  return {
    slots: metrics.counter<{ service: string; outcome: 'landed' | 'certified' | 'missed' }>({
      name: 'lariat_slots_total',
      help: 'Slots by how they ended on this node: certified (verified certificate), landed (it is on chain), missed (none before the deadline)',
      labels: ['service', 'outcome'],
    }),
    missed: metrics.counter<{ service: string; step: Step; reason: Reason }>({
      name: 'lariat_slots_missed_total',
      help: 'Slots without a certificate by the last step reached and the reason (docs/reasons.md)',
      labels: ['service', 'step', 'reason'],
    }),
    stage: metrics.histogram<{ service: string; stage: keyof Stages }>({
      name: 'lariat_stage_seconds',
      help: 'Time spent in each stage of the path of a task',
      labels: ['service', 'stage'],
      buckets: LATENCY_BUCKETS,
    }),
    stageErrors: metrics.counter<{ service: string; stage: keyof Stages }>({
      name: 'lariat_stage_errors_total',
      help: 'Stages that ended with an error',
      labels: ['service', 'stage'],
    }),
    admitted: metrics.counter<{ service: string; verdict: 'accept' | 'ignore' | 'reject'; reason: AdmissionReason }>({
      name: 'lariat_admission_total',
      help: 'Messages from peers by verdict and reason',
      labels: ['service', 'verdict', 'reason'],
    }),
    certificate: metrics.histogram<{ service: string }>({
      name: 'lariat_certificate_seconds',
      help: 'Time from the trigger of a slot to its verified certificate on this node',
      labels: ['service'],
      buckets: LATENCY_BUCKETS,
    }),
    participation: metrics.counter<{ service: string; operator: string; in: 'certificate' | 'absent' }>({
      name: 'lariat_participation_total',
      help: 'Certified slots by operator (addresses of the epoch) and whether it is in the certificate',
      labels: ['service', 'operator', 'in'],
    }),
    omissions: metrics.counter<{ service: string; operator: string }>({
      name: 'lariat_leader_omissions_total',
      help: 'Proposals by leader (an address of the epoch) that left out this node’s observation although the leader was reachable',
      labels: ['service', 'operator'],
    }),
    falseShares: metrics.counter<{ service: string }>({
      name: 'lariat_false_shares_total',
      help: 'Partial signatures that were found to be false when a sum did not verify',
      labels: ['service'],
    }),
    sightings: metrics.counter<{ service: string; kind: keyof typeof Kind }>({
      name: 'lariat_second_self_sightings_total',
      help: 'Validly signed statements of this operator that its guard does not know: another instance of it runs. Any is an alarm; signing has stopped',
      labels: ['service', 'kind'],
    }),
    latestSlot: metrics.gauge<{ service: string }>({
      name: 'lariat_latest_certified_slot',
      help: 'Highest slot with a verified certificate',
      labels: ['service'],
    }),
  }
}

export type ServiceMetrics = ReturnType<typeof declareMetrics>
