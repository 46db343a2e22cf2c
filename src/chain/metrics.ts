import { CONTRACTS } from '../metrics/bounds.ts'
import { LATENCY_BUCKETS, type Metrics } from '../metrics/registry.ts'
import { STAKE_CHAIN, withChain } from './chainLabel.ts'

export type RpcOutcome = 'ok' | 'refused' | 'unreachable'
export type TransactionOutcome = 'landed' | 'refused' | 'reverted' | 'stuck' | 'out-of-funds' | 'abandoned' | 'failed'

const METHODS = { of: 'JSON-RPC methods that this program uses', atMost: 64 }
/** 16 of each of at most 17 chains. */
const PROVIDERS = { of: 'hosts of the configured providers', atMost: 272 }

/** Metrics of this folder for the chain of that name; each has the label `chain`. */
export function declareChainMetrics(registry: Metrics, chain: string = STAKE_CHAIN) {
  const metrics = withChain(registry, chain)
  return {
    rpcRequests: metrics.counter({
      name: 'lariat_rpc_requests_total',
      help: 'JSON-RPC requests to the chain by method (those this program uses) and outcome; refused: the provider answered with an error',
      labels: { method: METHODS, outcome: ['ok', 'refused', 'unreachable'] },
    }),
    rpcSeconds: metrics.histogram({
      name: 'lariat_rpc_request_seconds',
      help: 'Time of a JSON-RPC request, by method',
      labels: { method: METHODS },
      buckets: LATENCY_BUCKETS,
    }),
    head: metrics.gauge({
      name: 'lariat_chain_head_block',
      help: 'Number of the newest block known, by finality',
      labels: { finality: ['finalized', 'latest'] },
    }),
    contradictions: metrics.counter({
      name: 'lariat_chain_contradictions_total',
      help: 'Times that providers contradicted each other, or what was final, and nothing proved who is wrong; signing stops for each',
    }),
    trusted: metrics.gauge({
      name: 'lariat_chain_trusted',
      help: '1 while enough providers agree with each other, so that what they say may be signed over',
    }),
    undoneFinal: metrics.gauge({
      name: 'lariat_chain_final_block_undone',
      help: '1 from when a block that was final is gone until an operator has acknowledged it (lariat acknowledge reorg); nothing is signed over the chain meanwhile',
    }),
    lies: metrics.counter({
      name: 'lariat_chain_provider_lies_total',
      help: 'Answers of a provider that were proven false, by kind: header (a block that is not what it says), fork (left the agreed chain), receipts (logs left out or invented), state (storage or code), call (the result of a call)',
      labels: { provider: PROVIDERS, kind: ['header', 'fork', 'receipts', 'state', 'call'] },
    }),
    providers: metrics.gauge({
      name: 'lariat_chain_provider_status',
      help: '1 for the status that a provider has: ok, silent, stale, or banned for a false answer',
      labels: { provider: PROVIDERS, status: ['ok', 'silent', 'stale', 'banned'] },
    }),
    provenCalls: metrics.counter({
      name: 'lariat_chain_proven_calls_total',
      help: 'Calls whose result was computed here over proven state, because providers differed or too few answered',
      labels: { outcome: ['proven', 'failed'] },
    }),
    logs: metrics.counter({
      name: 'lariat_chain_logs_total',
      help: 'Logs handed to their handlers, by finality',
      labels: { finality: ['finalized', 'latest'] },
    }),
    logFailures: metrics.counter({
      name: 'lariat_chain_log_failures_total',
      help: 'Reads of logs, or handlers of a log, that failed and are tried again, by finality',
      labels: { finality: ['finalized', 'latest'] },
    }),
    transactions: metrics.counter({
      name: 'lariat_transactions_total',
      help: 'Transactions by outcome; refused: the simulation reverted and nothing was sent; reverted: in a block, without effect; stuck: not mined in time; out-of-funds: the account cannot pay; abandoned: sent but not awaited to the end',
      labels: {
        outcome: ['landed', 'refused', 'reverted', 'stuck', 'out-of-funds', 'abandoned', 'failed'],
      },
    }),
    transactionSeconds: metrics.histogram({
      name: 'lariat_transaction_seconds',
      help: 'Time from the request of a transaction, its place in the queue included, until it is in a block',
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160],
    }),
    transactionGas: metrics.counter({
      name: 'lariat_transaction_gas_total',
      help: 'Gas used by our transactions',
    }),
    replacements: metrics.counter({
      name: 'lariat_transaction_replacements_total',
      help: 'Transactions that were sent again with higher fees',
    }),
    dropped: metrics.counter({
      name: 'lariat_transactions_dropped_total',
      help: 'Transactions that every pool had forgotten, and that were sent again as they were',
    }),
    undone: metrics.counter({
      name: 'lariat_transactions_undone_total',
      help: 'Transactions whose block a reorg undid, and that were sent again or lost their nonce to another',
    }),
    queued: metrics.gauge({
      name: 'lariat_transactions_queued',
      help: 'Transactions that wait for their turn or for a block',
    }),
  }
}

/** Metrics of what is read from the ServiceManagers; `contract` is one of those configured. */
export function declareServiceManagerMetrics(metrics: Metrics) {
  const labels = { contract: CONTRACTS }
  return {
    epoch: metrics.gauge({
      name: 'lariat_epoch_number',
      help: 'Number of the newest epoch, by ServiceManager',
      labels,
    }),
    epochOperators: metrics.gauge({
      name: 'lariat_epoch_operators',
      help: 'Operators in the newest epoch whose weight is not revoked, by ServiceManager',
      labels,
    }),
    epochEnd: metrics.gauge({
      name: 'lariat_epoch_valid_until_seconds',
      help: 'Unix second at which the newest epoch expires, by ServiceManager; certificates end there unless a new one is built',
      labels,
    }),
    refreshFailures: metrics.counter({
      name: 'lariat_service_manager_read_failures_total',
      help: 'Reads of epochs, of the operators directory, or for the building of epochs, that failed and are tried again, by ServiceManager',
      labels: { ...labels, what: ['epochs', 'directory', 'keeper'] },
    }),
    keeperSteps: metrics.counter({
      name: 'lariat_epoch_keeper_steps_total',
      help: 'Transactions of this node that built an epoch, by ServiceManager; overtaken: another node was faster',
      labels: { ...labels, step: ['begin', 'add', 'finish'], outcome: ['done', 'overtaken'] },
    }),
  }
}

export type ServiceManagerMetrics = ReturnType<typeof declareServiceManagerMetrics>

export type ChainMetrics = ReturnType<typeof declareChainMetrics>
