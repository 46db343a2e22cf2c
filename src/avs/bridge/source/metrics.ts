import type { Metrics } from 'lariat/avs'

/** Names a tree: the chain by its name in the configuration, and its domain. */
export type TreeLabels = { readonly chain: string; readonly domain: string }

const labels = {
  chain: { of: 'chains of the configuration', atMost: 32 },
  domain: { of: 'domains of the mailboxes of the configuration', atMost: 32 },
}

/** Metrics of the trees that are attested to. */
export function sourceMetrics(metrics: Metrics) {
  return {
    leaves: metrics.gauge({
      name: 'lariat_bridge_leaves',
      help: 'Messages in the tree of a mailbox (its chain and domain), of final blocks, as far as logs and storage agree',
      labels,
    }),
    finalIndex: metrics.gauge({
      name: 'lariat_bridge_final_index',
      help: 'Index of the newest leaf of the tree (chain, domain) in a final block that may be attested to; -1 while there is none',
      labels,
    }),
    lag: metrics.gauge({
      name: 'lariat_bridge_lag_blocks',
      help: 'Final blocks of the chain whose messages are not read yet, by tree (chain, domain)',
      labels,
    }),
    halted: metrics.gauge({
      name: 'lariat_bridge_halted',
      help: '1 while nothing is signed of the tree (chain, domain) until an operator has looked, as its chain contradicted itself; 0 while all is well',
      labels,
    }),
    corrections: metrics.counter({
      name: 'lariat_bridge_fast_corrections_total',
      help: 'Fast checkpoints of the tree (chain, domain) that turned out not to be what became final',
      labels,
    }),
  }
}

export type SourceMetrics = ReturnType<typeof sourceMetrics>
