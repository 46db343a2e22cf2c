import { OPERATORS, SERVICES } from '../metrics/bounds.ts'
import { LATENCY_BUCKETS, type Metrics } from '../metrics/registry.ts'
import { ADMISSION_REASONS } from './admission/verdict.ts'
import { REASON_CODES, STEPS } from './reasons.ts'

/** Stages of the path of a task. */
const STAGES = ['agree', 'sign', 'send', 'admit', 'aggregate', 'verify', 'publish', 'submit'] as const

/** What the path of a task counts. `service` is the plug-in's name; `operator` an address of the epoch, at most 200. */
export function declareMetrics(metrics: Metrics) {
  return {
    slots: metrics.counter({
      name: 'lariat_slots_total',
      help: 'Slots by how they ended on this node: certified (verified certificate), landed (it is on chain), missed (none before the deadline)',
      labels: { service: SERVICES, outcome: ['landed', 'certified', 'missed'] },
    }),
    missed: metrics.counter({
      name: 'lariat_slots_missed_total',
      help: 'Slots without a certificate by the last step reached and the reason (docs/reasons.md)',
      labels: { service: SERVICES, step: STEPS, reason: REASON_CODES },
    }),
    stage: metrics.histogram({
      name: 'lariat_stage_seconds',
      help: 'Time spent in each stage of the path of a task',
      labels: { service: SERVICES, stage: STAGES },
      buckets: LATENCY_BUCKETS,
    }),
    stageErrors: metrics.counter({
      name: 'lariat_stage_errors_total',
      help: 'Stages that ended with an error',
      labels: { service: SERVICES, stage: STAGES },
    }),
    admitted: metrics.counter({
      name: 'lariat_admission_total',
      help: 'Messages from peers by verdict and reason',
      labels: { service: SERVICES, verdict: ['accept', 'ignore', 'reject'], reason: ADMISSION_REASONS },
    }),
    certificate: metrics.histogram({
      name: 'lariat_certificate_seconds',
      help: 'Time from the trigger of a slot to its verified certificate on this node',
      labels: { service: SERVICES },
      buckets: LATENCY_BUCKETS,
    }),
    participation: metrics.counter({
      name: 'lariat_participation_total',
      help: 'Certified slots by operator (addresses of the epoch) and whether it is in the certificate',
      labels: { service: SERVICES, operator: OPERATORS, in: ['certificate', 'absent'] },
    }),
    omissions: metrics.counter({
      name: 'lariat_leader_omissions_total',
      help: 'Proposals by leader (an address of the epoch) that left out this node’s observation although the leader was reachable',
      labels: { service: SERVICES, operator: OPERATORS },
    }),
    falseShares: metrics.counter({
      name: 'lariat_false_shares_total',
      help: 'Partial signatures that were found to be false when a sum did not verify',
      labels: { service: SERVICES },
    }),
    sightings: metrics.counter({
      name: 'lariat_second_self_sightings_total',
      help: 'Validly signed statements of this operator that its guard does not know: another instance of it runs. Any is an alarm; signing has stopped',
      labels: { service: SERVICES, kind: ['certify', 'observe', 'propose', 'deal'] },
    }),
    latestSlot: metrics.gauge({
      name: 'lariat_latest_certified_slot',
      help: 'Highest slot with a verified certificate',
      labels: { service: SERVICES },
    }),
  }
}

export type ServiceMetrics = ReturnType<typeof declareMetrics>

/** Begins at 0 what alarms when it first happens. */
export function beginCounting({ slots, falseShares, sightings }: ServiceMetrics, service: string): void {
  slots.inc({ service, outcome: 'missed' }, 0)
  falseShares.inc({ service }, 0)
  sightings.inc({ service, kind: 'certify' }, 0)
}
