import { type Board, CHAINS, figure, lines, NODES, rows, Unit } from './kit.ts'
import { hour, latency, pace } from './queries.ts'

const CHOSEN = '{instance=~"$instance", chain=~"$chain"}'
const CHAIN = 'chain=~"$chain"'

export const chain: Board = {
  name: 'chain',
  title: 'Chain and gas',
  description: 'Providers and their answers, blocks, epochs, transactions and what they cost.',
  choices: [NODES, CHAINS],
  rows: {
    Now: [
      figure({
        title: 'Newest block',
        description: 'Highest block that any node knows, by chain.',
        unit: Unit.none,
        span: 6,
        queries: [
          [
            'max by (chain) (lariat_chain_head_block{instance=~"$instance", chain=~"$chain", finality="latest"})',
            '{{chain}}',
          ],
        ],
      }),
      figure({
        title: 'Lowest balance',
        description: 'Ether of the poorest account that sends transactions.',
        unit: Unit.ether,
        queries: [['min(lariat_account_balance_ether{instance=~"$instance"})', 'balance']],
      }),
      figure({
        title: 'Transactions it pays for',
        description: 'Updates of 500,000 gas that the poorest account can pay at the present price.',
        unit: Unit.none,
        limits: { warn: 100, bad: 5, below: true },
        queries: [
          [
            'min(lariat_account_balance_ether{instance=~"$instance"} / (500000 * lariat_gas_price_ether{instance=~"$instance"}))',
            'transactions',
          ],
        ],
      }),
      figure({
        title: 'Price of gas',
        description: 'Price of a unit of gas on the chain of the stake.',
        unit: Unit.gwei,
        queries: [['max(lariat_gas_price_ether{instance=~"$instance"}) * 1e9', 'gas']],
      }),
      figure({
        title: 'Epochs end in',
        description:
          'Time until the newest epoch of each ServiceManager expires, of the shortest: certificates end there.',
        unit: Unit.seconds,
        span: 6,
        queries: [['min(lariat_epoch_valid_until_seconds{instance=~"$instance"} - time())', 'left']],
      }),
    ],
    Blocks: [
      lines({
        title: 'Blocks',
        description: 'Newest and final block by chain, as the node that is furthest behind has it.',
        unit: Unit.none,
        queries: [[`min by (chain, finality) (lariat_chain_head_block${CHOSEN})`, '{{chain}} {{finality}}']],
      }),
      lines({
        title: 'Distance to finality',
        description:
          'Blocks between the newest and the final one. Mainnet has 64 to 96; growing without end: no finality.',
        unit: Unit.blocks,
        queries: [
          [
            'max by (chain) (lariat_chain_head_block{instance=~"$instance", chain=~"$chain", finality="latest"} - on (instance, chain) lariat_chain_head_block{instance=~"$instance", chain=~"$chain", finality="finalized"})',
            '{{chain}}',
          ],
        ],
      }),
      rows({
        title: 'Providers',
        description: 'What each node thinks of each of its providers.',
        unit: Unit.none,
        columns: { chain: 'chain', provider: 'provider', status: 'status', instance: 'node', Value: 'is' },
        queries: [[`lariat_chain_provider_status${CHOSEN} == 1`, '']],
      }),
      lines({
        title: 'Operators in the newest epoch',
        description: 'Operators whose weight is not revoked, by ServiceManager.',
        unit: Unit.none,
        queries: [['min by (contract) (lariat_epoch_operators{instance=~"$instance"})', '{{contract}}']],
      }),
    ],
    Providers: [
      lines({
        title: 'Requests',
        description: 'JSON-RPC requests in a second, by chain and method: what a provider counts.',
        unit: Unit.perSecond,
        queries: [[pace('lariat_rpc_requests_total', ['chain', 'method'], CHAIN), '{{chain}} {{method}}']],
      }),
      lines({
        title: 'Requests that failed',
        description:
          'Part of requests without a usable answer, by chain and outcome. Some calls are refused by design.',
        unit: Unit.part,
        limits: { warn: 0.05, bad: 0.25 },
        queries: [
          [
            `${pace('lariat_rpc_requests_total', ['chain', 'outcome'], `${CHAIN}, outcome!="ok"`)} / on (chain) group_left () ${pace('lariat_rpc_requests_total', ['chain'], CHAIN)}`,
            '{{chain}} {{outcome}}',
          ],
        ],
      }),
      lines({
        title: 'Time of requests',
        description: 'Of all methods, by chain.',
        unit: Unit.seconds,
        limits: { warn: 0.5, bad: 2.5 },
        queries: [
          [latency(0.5, 'lariat_rpc_request_seconds', ['chain'], CHAIN), '{{chain}} p50'],
          [latency(0.95, 'lariat_rpc_request_seconds', ['chain'], CHAIN), '{{chain}} p95'],
        ],
      }),
      lines({
        title: 'Logs',
        description: 'Logs handed on in a second, and reads of logs that failed and are tried again.',
        unit: Unit.eventsPerSecond,
        queries: [
          [pace('lariat_chain_logs_total', ['chain', 'finality'], CHAIN, '5m'), '{{chain}} {{finality}}'],
          [
            pace('lariat_chain_log_failures_total', ['chain', 'finality'], CHAIN, '5m'),
            '{{chain}} {{finality}} failed',
          ],
        ],
      }),
    ],
    Transactions: [
      lines({
        title: 'How transactions ended',
        description: 'Transactions of the last hour by chain and outcome.',
        unit: Unit.none,
        queries: [[hour('lariat_transactions_total', ['chain', 'outcome'], CHAIN), '{{chain}} {{outcome}}']],
      }),
      lines({
        title: 'Time to a block',
        description: 'From the request of a transaction, its place in the queue included, until it is in a block.',
        unit: Unit.seconds,
        limits: { warn: 40, bad: 160 },
        queries: [
          [latency(0.5, 'lariat_transaction_seconds', ['chain'], CHAIN, '10m'), '{{chain}} p50'],
          [latency(0.95, 'lariat_transaction_seconds', ['chain'], CHAIN, '10m'), '{{chain}} p95'],
        ],
      }),
      lines({
        title: 'Gas used',
        description: 'Gas that our transactions use in a second, by chain.',
        unit: Unit.gas,
        queries: [[pace('lariat_transaction_gas_total', ['chain'], CHAIN, '5m'), '{{chain}}']],
      }),
      lines({
        title: 'Queue and replacements',
        description:
          'Transactions that wait now; those of an hour that were sent again with higher fees, forgotten, or undone.',
        unit: Unit.none,
        limits: { bad: 10 },
        queries: [
          [`sum by (chain) (lariat_transactions_queued${CHOSEN})`, '{{chain}} queued'],
          [hour('lariat_transaction_replacements_total', ['chain'], CHAIN), '{{chain}} replaced'],
          [hour('lariat_transactions_dropped_total', ['chain'], CHAIN), '{{chain}} forgotten'],
          [hour('lariat_transactions_undone_total', ['chain'], CHAIN), '{{chain}} undone'],
        ],
      }),
      lines({
        title: 'Balances',
        description: 'Ether of the account of each node.',
        unit: Unit.ether,
        queries: [['lariat_account_balance_ether{instance=~"$instance"}', '{{instance}}']],
      }),
      lines({
        title: 'Building of epochs',
        description: 'Steps of the last hour by which the nodes built epochs; overtaken: another node was faster.',
        unit: Unit.none,
        queries: [
          [
            'sum by (step, outcome) (increase(lariat_epoch_keeper_steps_total{instance=~"$instance"}[1h]))',
            '{{step}} {{outcome}}',
          ],
        ],
      }),
    ],
  },
}
