import assert from 'node:assert/strict'
import { declareChainMetrics } from '../../../src/chain/metrics.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { fakeChain } from '../../support/chain.ts'

describe('metrics of several chains in one process', () => {
  it('differ in the label chain, and do not mix', async () => {
    const metrics = createMetrics()
    const stake = declareChainMetrics(metrics)
    const base = declareChainMetrics(metrics, 'base')
    stake.transactionGas.inc({}, 5)
    base.transactionGas.inc({}, 7)
    base.transactions.inc({ outcome: 'landed' })
    base.head.set({ finality: 'latest' }, 12)
    const { body } = await metrics.expose()
    assert.match(body, /^lariat_transaction_gas_total\{chain="stake"\} 5$/m)
    assert.match(body, /^lariat_transaction_gas_total\{chain="base"\} 7$/m)
    assert.match(body, /^lariat_transactions_total\{chain="base",outcome="landed"\} 1$/m)
    assert.match(body, /^lariat_chain_head_block\{chain="base",finality="latest"\} 12$/m)
    assert.match(body, /^lariat_transactions_total\{chain="stake",outcome="landed"\} 0$/m)
  })

  it('begin at 0 where there is no other label, so that an alarm sees them', async () => {
    const metrics = createMetrics()
    declareChainMetrics(metrics, 'base')
    assert.match((await metrics.expose()).body, /^lariat_chain_contradictions_total\{chain="base"\} 0$/m)
  })

  it('and errors name the section of the configuration that is meant', async () => {
    const metrics = createMetrics()
    const { chain } = await fakeChain(undefined, { name: 'base', metrics })
    chain.close()
    chain.trust.contradicted('a test')
    const { body } = await metrics.expose()
    assert.match(body, /^lariat_chain_contradictions_total\{chain="base"\} 1$/m)
    await assert.rejects(fakeChain(undefined, { name: 'base', singleProvider: false }), {
      message: /^chains\.base\.rpc .* chains\.base\.singleProvider: true/,
    })
    chain.trust.reorged({ number: 5n, hash: '0x01', instead: '0x02', at: 0 })
    assert.match(chain.trust.refuse()?.message ?? '', /lariat acknowledge reorg --chain base$/)
  })
})
