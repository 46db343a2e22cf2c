import { SERVICES, TOKENS } from './bounds.ts'
import {
  type CounterMetric,
  type GaugeMetric,
  type HistogramMetric,
  LATENCY_BUCKETS,
  type Metrics,
} from './registry.ts'

/**
 * The metrics of EigenLayer's AVS node specification v0.0.1, with its names, labels and types. Nothing else may carry the
 * prefix `eigen_`.
 */
export const EIGEN_SPEC_VERSION = 'v0.0.1'

const METHODS = { of: 'JSON-RPC methods that this program uses', atMost: 64 }
/** A few of each of at most 272 providers, see `chain/clientVersion.ts`. */
const CLIENTS = { of: 'names and versions that providers tell', atMost: 1_632 }

/** `client_version` is `name/version` of a provider's software; see `chain/clientVersion.ts` for what bounds it. */
export interface EigenRpcMetrics {
  readonly seconds: HistogramMetric<{ method: string; client_version: string }>
  readonly total: CounterMetric<{ method: string; client_version: string }>
}

export function declareEigenRpcMetrics(metrics: Metrics): EigenRpcMetrics {
  return {
    seconds: metrics.histogram({
      name: 'eigen_rpc_request_duration_seconds',
      help: 'Time of a JSON-RPC request to a provider of any chain, by method and by the software that the provider says it runs',
      labels: { method: METHODS, client_version: CLIENTS },
      buckets: LATENCY_BUCKETS,
    }),
    total: metrics.counter({
      name: 'eigen_rpc_request_total',
      help: 'JSON-RPC requests to providers of all chains, by method (those this program uses) and by the software that the provider says it runs; unknown where it does not say',
      labels: { method: METHODS, client_version: CLIENTS },
    }),
  }
}

/** What this operator earned, as whoever pays it says: a sum since the beginning, or since the process started where nobody keeps one. */
export type EigenFees = CounterMetric<{ token: string; unit: string; strategy: string }>

export function declareEigenFees(metrics: Metrics): EigenFees {
  return metrics.counter({
    name: 'eigen_fees_earned_total',
    help: 'Fees earned, in unit of token (an address, or ETH): rewards in all by the distribution that the last scheduled claim read (docs/rewards.md), and fees of randomness requests since this process first looked; strategy: the one that holds the token, otherwise the contract that pays',
    labels: {
      token: TOKENS,
      unit: { of: 'units of these tokens', atMost: 8 },
      strategy: { of: 'strategies and paying contracts', atMost: 128 },
    },
  })
}

export interface EigenNodeMetrics {
  readonly stakes: GaugeMetric<{ quorum_number: string; quorum_name: string }>
  readonly score: GaugeMetric<Record<never, string>>
  readonly slashed: GaugeMetric<{ avs: string }>
}

/** What is read when the metrics are asked for. */
export interface EigenCollectors {
  readonly stakes?: () => void
  readonly score?: () => void
}

export function declareEigenNodeMetrics(metrics: Metrics, collect: EigenCollectors = {}): EigenNodeMetrics {
  return {
    stakes: metrics.gauge({
      name: 'eigen_registered_stakes',
      help: 'Weight of this operator in the active epoch of a service, gwei of ETH; quorum_number: the operator set, quorum_name: the service. 0 without a row, or when it is revoked',
      labels: { quorum_number: { of: 'operator sets of the services', atMost: 32 }, quorum_name: SERVICES },
      ...(collect.stakes === undefined ? {} : { collect: collect.stakes }),
    }),
    score: metrics.gauge({
      name: 'eigen_performance_score',
      help: 'From 0 to 100: part of the certificates of the last hour, and of at most the newest 64 slots of a service, that have this operator’s signature, averaged over the services (docs/node-api.md)',
      ...(collect.score === undefined ? {} : { collect: collect.score }),
    }),
    slashed: metrics.gauge({
      name: 'eigen_slashing_status',
      help: '1 if the operator was slashed by the AVS (a service’s name) since this data folder was made, acknowledged or not',
      labels: { avs: SERVICES },
    }),
  }
}
