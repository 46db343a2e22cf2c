import assert from 'node:assert/strict'
import { encodeErrorResult, HttpRequestError, parseAbi, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createSender, type SenderOptions, type TransactionRequest } from '../../../src/chain/sender.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { silentLog } from '../../../src/util/log.ts'
import { fakeChain } from '../../support/chain.ts'
import { FakeNode, rpcError } from '../../support/fakeNode.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const to = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const abi = parseAbi(['error AlreadyThere()'])
const unreachable = () => {
  throw new HttpRequestError({ url: 'http://fake/secret-key' })
}

async function sending(options: Partial<SenderOptions> = {}, nodes?: readonly FakeNode[]) {
  const metrics = createMetrics()
  const { chain, clock, node } = await fakeChain(nodes, { metrics })
  chain.heads.close()
  const sender = createSender({ chain, account, log: silentLog, bumpAfterMs: 3_000, giveUpAfterMs: 20_000, ...options })
  const send = (request: Partial<TransactionRequest> = {}) => {
    const result = sender.send({ what: 'a test', to, data: '0x01', abi, ...request })
    // Rejections are looked at later.
    result.catch(() => {})
    return result
  }
  const counted = async (pattern: RegExp) => assert.match((await metrics.expose()).body, pattern)
  /** nonce and fee (gwei) of what waits in the pool. */
  const pooled = () =>
    [...node.pool.values()].map(({ transaction }) => [transaction.nonce ?? 0, Number(transaction.maxFeePerGas) / 1e9])
  return { chain, clock, node, sender, send, counted, pooled }
}

describe('the transaction sender', () => {
  it('resolves when the transaction is in a block, although there is no receipt at first', async () => {
    const { clock, node, send, pooled, counted } = await sending()
    const sent = send()
    await clock.advance(1_000)
    assert.deepEqual(pooled(), [[0, 3]])
    node.mine()
    node.overrides.eth_getTransactionReceipt = () => null
    await clock.advance(1_000)
    delete node.overrides.eth_getTransactionReceipt
    await clock.advance(1_000)
    const receipt = await sent
    assert.equal(receipt.status, 'success')
    assert.equal(receipt.blockNumber, 1n)
    await counted(/lariat_transactions_total\{chain="stake",outcome="landed"\} 1/)
    await counted(/lariat_transaction_gas_total\{chain="stake"\} 21000/)
  })

  it('sends one at a time, in order, each with the next nonce', async () => {
    const { clock, node, send, pooled } = await sending()
    const landed: bigint[] = []
    for (let i = 0; i < 3; i++) send().then(({ blockNumber }) => landed.push(blockNumber))
    for (let i = 0; i < 3; i++) {
      await clock.advance(1_000)
      assert.deepEqual(pooled(), [[i, 3]])
      node.mine()
    }
    await clock.advance(1_000)
    assert.deepEqual(landed, [1n, 2n, 3n])
  })

  it('sends nothing that the simulation refuses, and names the error', async () => {
    const { clock, node, send, counted } = await sending()
    const data = encodeErrorResult({ abi, errorName: 'AlreadyThere' })
    node.overrides.eth_estimateGas = () => {
      throw rpcError(3, 'execution reverted', data)
    }
    await assert.rejects(send(), {
      code: 'chain.reverted',
      details: { error: 'AlreadyThere', args: [], what: 'a test' },
    })
    assert.equal(node.count('eth_sendRawTransaction'), 0)
    await counted(/lariat_transactions_total\{chain="stake",outcome="refused"\} 1/)
    delete node.overrides.eth_estimateGas
    const next = send()
    await clock.advance(500)
    node.mine()
    await clock.advance(500)
    assert.equal((await next).status, 'success', 'no nonce was used up')
  })

  it('simulates in the block that comes next, at the time of our clock or later', async () => {
    const { clock, node, send } = await sending()
    await clock.advance(7_000)
    send()
    await clock.advance(100)
    const [, tag, , overrides] = node.calls.find(({ method }) => method === 'eth_estimateGas')?.params ?? []
    assert.equal(tag, 'latest')
    assert.deepEqual(overrides, { time: `0x${(1_700_000_007).toString(16)}` })
  })

  it('simulates in the pending block where a node knows no overrides', async () => {
    const { clock, node, send } = await sending()
    node.overrides.eth_estimateGas = (params) => {
      if (params.length > 2) throw rpcError(-32_602, 'too many arguments, want at most 2')
      return '0x5208'
    }
    send()
    await clock.advance(100)
    assert.equal(node.calls.findLast(({ method }) => method === 'eth_estimateGas')?.params[1], 'pending')
    assert.equal(node.pool.size, 1)
  })

  it('names the error of a transaction that reverted in its block', async () => {
    const { clock, node, send, counted } = await sending()
    const sent = send()
    await clock.advance(100)
    node.mine()
    for (const [hash, receipt] of node.receipts) node.receipts.set(hash, { ...receipt, status: '0x0' })
    node.overrides.eth_call = () => {
      throw rpcError(3, 'execution reverted', encodeErrorResult({ abi, errorName: 'AlreadyThere' }))
    }
    await clock.advance(500)
    await assert.rejects(sent, (error: { code?: string; details?: Record<string, unknown> }) => {
      assert.equal(error.code, 'chain.reverted')
      assert.equal(error.details?.error, 'AlreadyThere')
      assert.equal(error.details?.blockNumber, 1n)
      return true
    })
    await counted(/lariat_transactions_total\{chain="stake",outcome="reverted"\} 1/)
  })

  it('raises the fees of one that is not mined, and takes whichever form lands', async () => {
    const { clock, node, send, pooled, counted } = await sending()
    const sent = send()
    await clock.advance(2_900)
    assert.deepEqual(pooled(), [[0, 3]])
    await clock.advance(400)
    assert.deepEqual(pooled(), [[0, 3.75]])
    await clock.advance(3_000)
    assert.deepEqual(pooled(), [[0, 4.6875]])
    node.mine()
    await clock.advance(500)
    assert.equal((await sent).status, 'success')
    await counted(/lariat_transaction_replacements_total\{chain="stake"\} 2/)
  })

  it('never pays more than its cap, and says so when that is why nothing lands', async () => {
    const { clock, node, send, pooled } = await sending({ maxFeePerGas: 3_500_000_000n })
    const sent = send()
    await clock.advance(10_000)
    assert.deepEqual(pooled(), [[0, 3.5]])
    await clock.advance(20_000)
    await assert.rejects(sent, { code: 'chain.not-mined', message: /raise the cap/ })
    node.overrides.eth_getBlockByNumber = () => ({
      number: '0x0',
      hash: '0x',
      timestamp: '0x1',
      baseFeePerGas: '0xffffffffff',
      transactions: [],
    })
    await assert.rejects(send(), { code: 'chain.fee-cap' })
  })

  it('takes "already known" for a success, and a lost answer too', async () => {
    const { clock, node, send } = await sending()
    for (const answer of [
      () => {
        throw rpcError(-32_000, 'already known')
      },
      unreachable,
    ]) {
      node.overrides.eth_sendRawTransaction = ([raw]) => {
        delete node.overrides.eth_sendRawTransaction
        node.accept(raw as `0x${string}`)
        return answer()
      }
      const sent = send()
      await clock.advance(1_000)
      node.mine()
      await clock.advance(1_000)
      assert.equal((await sent).status, 'success')
    }
    assert.equal(node.mined, 2)
  })

  it('sends again until a provider takes it', async () => {
    const { clock, node, send } = await sending()
    node.overrides.eth_sendRawTransaction = unreachable
    const sent = send()
    await clock.advance(4_000)
    assert.equal(node.pool.size, 0)
    delete node.overrides.eth_sendRawTransaction
    await clock.advance(6_000)
    assert.equal(node.pool.size, 1)
    node.mine()
    await clock.advance(2_000)
    assert.equal((await sent).status, 'success')
  })

  it('leaves no gap when the providers fail in the middle', async () => {
    const { clock, node, send, pooled } = await sending()
    const first = send()
    await clock.advance(500)
    node.overrides.eth_getTransactionCount = unreachable
    node.mine()
    await clock.advance(30_000)
    await assert.rejects(first, { code: 'chain.unavailable' })
    delete node.overrides.eth_getTransactionCount
    const second = send()
    await clock.advance(500)
    assert.deepEqual(
      pooled().map(([nonce]) => nonce),
      [1],
    )
    node.mine()
    await clock.advance(500)
    assert.equal((await second).status, 'success')
  })

  it('starts over when another transaction of the account took its nonce', async () => {
    const { clock, node, send, pooled } = await sending()
    node.overrides.eth_sendRawTransaction = ([raw]) => {
      delete node.overrides.eth_sendRawTransaction
      node.mined = 5
      return node.accept(raw as `0x${string}`)
    }
    const sent = send()
    await clock.advance(2_000)
    assert.deepEqual(pooled(), [[5, 3]])
    assert.equal(node.count('eth_estimateGas'), 2, 'what it would do now is simulated anew')
    node.mine()
    await clock.advance(500)
    assert.equal((await sent).status, 'success')
  })

  it('does not start over before it is sure that its own did not land', async () => {
    const { clock, node, send } = await sending()
    const sent = send()
    await clock.advance(500)
    node.mine()
    const [hash] = node.receipts.keys()
    const late = node.receipts.get(hash as `0x${string}`)
    node.receipts.clear()
    await clock.advance(10_000)
    assert.equal(node.count('eth_sendRawTransaction'), 1)
    node.receipts.set(hash as `0x${string}`, late ?? {})
    await clock.advance(1_000)
    assert.equal((await sent).hash, hash)
    assert.equal(node.count('eth_sendRawTransaction'), 1)
  })

  it('does not start over when the answer to its sending was lost, although its nonce is used up', async () => {
    const { clock, node, send } = await sending()
    node.overrides.eth_sendRawTransaction = ([raw]) => {
      delete node.overrides.eth_sendRawTransaction
      node.accept(raw as `0x${string}`)
      node.mine()
      node.overrides.eth_getTransactionReceipt = () => null
      node.overrides.eth_getTransactionCount = () => '0x0'
      return unreachable()
    }
    const sent = send()
    // The provider that is asked for the nonce is behind, so that the transaction is sent again, and refused.
    await clock.advance(3_000)
    assert.ok(node.count('eth_sendRawTransaction') > 1)
    delete node.overrides.eth_getTransactionCount
    await clock.advance(6_000)
    delete node.overrides.eth_getTransactionReceipt
    await clock.advance(6_000)
    assert.equal((await sent).status, 'success')
    assert.equal(node.count('eth_estimateGas'), 1)
    assert.equal(node.mined, 1)
  })

  it('replaces what an earlier process left in the pool', async () => {
    const { clock, node, send, pooled } = await sending()
    const old = await account.signTransaction({
      type: 'eip1559',
      chainId: 31_337,
      nonce: 0,
      gas: 21_000n,
      maxFeePerGas: 20_000_000_000n,
      maxPriorityFeePerGas: 1n,
      to,
    })
    node.accept(old)
    const sent = send()
    await clock.advance(10_000)
    assert.equal(pooled().length, 1)
    assert.ok((pooled()[0]?.[1] ?? 0) >= 22, JSON.stringify(pooled()))
    node.mine()
    await clock.advance(5_000)
    assert.equal((await sent).status, 'success')
    assert.equal(node.mined, 1)
  })

  it('replaces what an aborted call left in the pool', async () => {
    const { clock, node, send, pooled, counted } = await sending()
    const controller = new AbortController()
    const first = send({ signal: controller.signal })
    await clock.advance(500)
    controller.abort(new Error('no longer of use'))
    await assert.rejects(first, /no longer of use/)
    const second = send({ value: 5n })
    await clock.advance(500)
    assert.deepEqual(pooled(), [[0, 3.36]])
    assert.equal([...node.pool.values()][0]?.transaction.value, 5n)
    node.mine()
    await clock.advance(500)
    assert.equal((await second).status, 'success')
    await counted(/lariat_transactions_total\{chain="stake",outcome="abandoned"\} 1/)
  })

  it('does not bring a call that is aborted in the queue', async () => {
    const { clock, node, send } = await sending()
    const controller = new AbortController()
    const first = send()
    const second = send({ signal: controller.signal, value: 7n })
    controller.abort(new Error('too late'))
    await assert.rejects(second, /too late/)
    await clock.advance(500)
    node.mine()
    await clock.advance(5_000)
    await first
    assert.equal(node.mined, 1)
    assert.equal(node.pool.size, 0)
  })

  it('says that there is no money, and raises no fees for it', async () => {
    const { clock, node, send, pooled } = await sending()
    node.overrides.eth_sendRawTransaction = () => {
      throw rpcError(-32_000, 'insufficient funds for gas * price + value')
    }
    for (let i = 0; i < 3; i++) await assert.rejects(send({ value: parseEther('1') }), { code: 'chain.no-funds' })
    delete node.overrides.eth_sendRawTransaction
    send()
    await clock.advance(500)
    assert.deepEqual(pooled(), [[0, 3]])
  })

  it('gives up on what no provider will ever take', async () => {
    const { node, send } = await sending()
    node.overrides.eth_sendRawTransaction = () => {
      throw rpcError(-32_000, 'exceeds block gas limit')
    }
    await assert.rejects(send(), { code: 'chain.rejected' })
    node.overrides.eth_estimateGas = () => '0x1000001'
    await assert.rejects(send(), { code: 'chain.too-much-gas' })
  })

  it('asks for gas with a margin, and never above the cap of a transaction', async () => {
    const { clock, node, send } = await sending()
    node.overrides.eth_estimateGas = () => '0x186a0'
    send()
    await clock.advance(200)
    assert.equal(node.pool.get(0)?.transaction.gas, 125_000n)
    node.mine()
    await clock.advance(500)
    node.overrides.eth_estimateGas = () => '0xfffff0'
    send()
    await clock.advance(500)
    assert.equal(node.pool.get(1)?.transaction.gas, 16_777_216n)
  })

  it('never asks for more gas than it may take, and sends nothing that needs more', async () => {
    const { clock, node, send, pooled } = await sending()
    node.overrides.eth_estimateGas = () => '0x186a0'
    await assert.rejects(send({ maxGas: 99_999n }), { code: 'chain.too-much-gas' })
    assert.deepEqual(pooled(), [])
    send({ maxGas: 110_000n })
    await clock.advance(200)
    assert.equal(node.pool.get(0)?.transaction.gas, 110_000n)
  })

  it('is bounded, and refuses after it is closed', async () => {
    const { clock, node, sender, send } = await sending({ maxQueued: 2 })
    const first = send()
    const second = send()
    await assert.rejects(send(), { code: 'chain.backlogged' })
    await clock.advance(500)
    node.mine()
    await clock.advance(500)
    assert.equal((await first).status, 'success')
    const closed = sender.close()
    await clock.advance(500)
    await closed
    await assert.rejects(second, { code: 'chain.closed' })
    await assert.rejects(send(), { code: 'chain.closed' })
  })

  it('tells every provider', async () => {
    const nodes = [new FakeNode(), new FakeNode(), new FakeNode()]
    const { clock, send } = await sending({}, nodes)
    send()
    await clock.advance(500)
    assert.deepEqual(
      nodes.map((node) => node.pool.size),
      [1, 1, 1],
    )
  })
})
