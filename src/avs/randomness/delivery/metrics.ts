import { declareEigenFees, type Metrics } from 'lariat/avs'

/** Metrics of requests for randomness. */
export function deliveryMetrics(metrics: Metrics) {
  return {
    waiting: metrics.gauge({
      name: 'lariat_randomness_requests_waiting',
      help: 'Requests of contracts that this node knows of and that are not fulfilled',
    }),
    fulfilled: metrics.counter({
      name: 'lariat_randomness_requests_fulfilled_total',
      help: 'Requests that were fulfilled, by this node (own) or another, and how the callback ended',
      labels: { by: ['own', 'other'], callback: ['ok', 'failed'] },
    }),
    fees: metrics.gauge({
      name: 'lariat_randomness_fees_ether',
      help: 'Fees of requests that this operator earned and has not withdrawn, ether',
    }),
    earned: declareEigenFees(metrics),
  }
}

export type DeliveryMetrics = ReturnType<typeof deliveryMetrics>
