import { CHAINS } from '../../metrics/bounds.ts'
import type { Metrics } from '../../metrics/registry.ts'

export function declareFollowMetrics(metrics: Metrics) {
  return {
    followed: metrics.gauge({
      name: 'lariat_chain_followed',
      help: '1 while a chain of the section chains is followed, 0 while it could not be opened and is tried again; nothing is signed over it meanwhile',
      labels: { chain: CHAINS },
    }),
  }
}

export type FollowMetrics = ReturnType<typeof declareFollowMetrics>
