import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { createSender, type TransactionSender } from '../../../src/chain/sender.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { openIntentStore, reopenIntents } from '../../../src/store/sqlite/transactions.ts'
import type { IntentStore } from '../../../src/store/transactions.ts'
import { silentLog } from '../../../src/util/log.ts'
import { fakeChain } from '../../support/chain.ts'
import { FakeNode, rpcError } from '../../support/fakeNode.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const call = { what: 'a test', to: '0x5FbDB2315678afecb367f032d93F642f64180aa3', data: '0x01' } as const
const slot = { ...call, intent: { id: 'service/7/0' } }

describe('the journal of transactions', () => {
  const folders: string[] = []
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  /** One process after another on one chain, with one file. */
  async function processes() {
    const folder = mkdtempSync(join(tmpdir(), 'lariat-'))
    folders.push(folder)
    const node = new FakeNode()
    node.overrides.eth_getTransactionByHash = ([hash]) =>
      [...node.pool.values()].some((entry) => entry.hash === hash) ? { hash } : null
    const metrics = createMetrics()
    const { chain, clock } = await fakeChain([node], { metrics })
    closing.push(() => chain.close())
    const start = () => {
      const journal = openIntentStore(join(folder, 'transactions.sqlite'), {
        genesisHash: chain.genesisHash,
        account: account.address,
      })
      closing.push(() => journal.close())
      const sender = createSender({
        ...{ chain, account, journal, log: silentLog },
        bumpAfterMs: 3_000,
        giveUpAfterMs: 20_000,
      })
      const kill = async () => {
        await sender.close()
        journal.close()
      }
      return { journal, sender, kill }
    }
    const send = (sender: TransactionSender, request: Parameters<TransactionSender['send']>[0]) => {
      const result = sender.send(request)
      result.catch(() => {})
      return result
    }
    const lines = async () => (await metrics.expose()).body
    return { clock, node, start, send, lines, folder }
  }
  const stateOf = (journal: IntentStore) => journal.open().map(({ state, nonce }) => [state, nonce])
  const mined = (node: FakeNode) => [...node.receipts.keys()]

  it('has what was sent for a slot sent once, ever, and the same call without an intent as often as it is wanted', async () => {
    const { clock, node, start, send } = await processes()
    const { sender, kill } = start()
    const first = send(sender, slot)
    await clock.advance(500)
    node.mine()
    await clock.advance(1_000)
    const { hash } = await first
    assert.equal((await sender.send(slot)).hash, hash)
    await kill()
    const again = start()
    const same = send(again.sender, slot)
    await clock.advance(500)
    assert.equal((await same).hash, hash, 'also after a restart')
    assert.equal(node.count('eth_sendRawTransaction'), 1)
    const others = [send(again.sender, { ...slot, intent: { id: 'service/8/0' } }), send(again.sender, call)]
    for (let i = 0; i < 6; i++) {
      await clock.advance(500)
      node.mine()
    }
    await Promise.all(others)
    assert.equal(mined(node).length, 3)
  })

  it('is written before anything is sent', async () => {
    const { clock, node, start, send } = await processes()
    const { sender, journal } = start()
    const seen: unknown[] = []
    node.overrides.eth_sendRawTransaction = ([raw]) => {
      seen.push(stateOf(journal))
      return node.accept(raw as `0x${string}`)
    }
    send(sender, slot)
    await clock.advance(500)
    assert.deepEqual(seen, [[['sending', 0n]]])
  })

  it('finds what a killed process sent: it goes on, in the pool or in a block, and is never sent as another', async () => {
    for (const whileDead of ['nothing', 'mined', 'dropped'] as const) {
      const { clock, node, start, send } = await processes()
      const first = start()
      send(first.sender, slot)
      await clock.advance(500)
      const [sent] = [...node.pool.values()].map(({ hash }) => hash)
      await first.kill()
      if (whileDead === 'mined') node.mine()
      if (whileDead === 'dropped') node.pool.clear()
      const second = start()
      const again = send(second.sender, slot)
      await clock.advance(1_000)
      assert.ok(node.pool.size <= 1)
      node.mine()
      await clock.advance(2_000)
      assert.equal((await again).hash, sent, whileDead)
      assert.deepEqual(mined(node), [sent])
      for (let i = 0; i < 4; i++) node.mine()
      await clock.advance(2_000)
      assert.deepEqual(stateOf(second.journal), [], 'it is final')
    }
  })

  it('lets what is of no use any more be outbid by the next', async () => {
    const { clock, node, start, send } = await processes()
    const first = start()
    send(first.sender, { ...slot, intent: { id: 'service/7/0', until: clock.now() + 1_000 } })
    await clock.advance(500)
    const old = node.pool.get(0)?.transaction.maxFeePerGas ?? 0n
    await first.kill()
    await clock.advance(5_000)
    const { sender, journal } = start()
    await clock.advance(1_000)
    const next = send(sender, { ...call, intent: { id: 'service/8/0' } })
    await clock.advance(1_000)
    assert.ok((node.pool.get(0)?.transaction.maxFeePerGas ?? 0n) * 10n >= old * 11n)
    node.mine()
    await clock.advance(1_000)
    await next
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(2_000)
    assert.deepEqual(stateOf(journal), [], 'the old one was replaced, the new one is final')
  })

  it('sends again what a reorg took out of its block', async () => {
    const { clock, node, start, send, lines } = await processes()
    const { sender, journal } = start()
    const landed = send(sender, slot)
    await clock.advance(500)
    node.mine()
    await clock.advance(1_000)
    const { hash } = await landed
    assert.deepEqual(stateOf(journal), [['mined', 0n]])
    // Another branch, without it.
    node.reorg(1)
    node.receipts.clear()
    node.mined = 0
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(2_000)
    assert.deepEqual(
      [...node.pool.values()].map((entry) => entry.hash),
      [hash],
      'the same one lies in the pool again',
    )
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(2_000)
    node.mine()
    await clock.advance(2_000)
    assert.deepEqual(mined(node), [hash])
    assert.deepEqual(stateOf(journal), [])
    assert.match(await lines(), /lariat_transactions_undone_total\{chain="stake"\} 1/)
  })

  it('notices a reorg with the next block, and waits for the new one however long it takes', async () => {
    const { clock, node, start, send, lines } = await processes()
    const { sender, journal } = start()
    const landed = send(sender, slot)
    await clock.advance(500)
    node.mine()
    await clock.advance(1_000)
    const { hash } = await landed
    node.reorg(1)
    node.receipts.clear()
    node.mined = 0
    node.mine()
    node.mine()
    await clock.advance(1_500)
    assert.match(await lines(), /lariat_transactions_undone_total\{chain="stake"\} 1/)
    // no block for longer than a receipt is waited for: it may land still, so nothing else has its nonce
    await clock.advance(1_000)
    const waiting = [...node.pool.entries()]
    assert.deepEqual(
      waiting.map(([nonce, entry]) => [nonce, entry.hash]),
      [[0, hash]],
    )
    node.overrides.eth_sendRawTransaction = () => {
      throw rpcError(-32_000, 'already known')
    }
    await clock.advance(16_500)
    assert.deepEqual(stateOf(journal), [['sending', 0n]])
    delete node.overrides.eth_sendRawTransaction
    for (let i = 0; i < 6; i++) {
      node.mine()
      await clock.advance(1_000)
    }
    assert.equal(mined(node).length, 1)
    assert.deepEqual(stateOf(journal), [], 'it is final')
    assert.equal(node.mined, 1)
  })

  it('looks again for what was final, on a chain that undid final blocks', async () => {
    const { clock, node, start, send, folder } = await processes()
    const first = start()
    for (const id of ['service/7/0', 'service/8/0']) {
      send(first.sender, { ...slot, intent: { id } })
      await clock.advance(500)
      node.mine()
      await clock.advance(1_000)
    }
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(2_000)
    assert.deepEqual(stateOf(first.journal), [], 'both are final')
    await first.kill()
    const [kept, lost] = mined(node)
    // block 2 with the second one is gone
    node.receipts.delete(lost ?? '0x')
    node.mined = 1
    assert.equal(reopenIntents(join(folder, 'transactions.sqlite'), node.blocks[0]?.hash ?? '0x', 2n), 1)
    const second = start()
    assert.deepEqual(stateOf(second.journal), [['mined', 1n]])
    node.mine()
    await clock.advance(2_000)
    assert.deepEqual(
      [...node.pool.values()].map(({ hash }) => hash),
      [lost],
      'it is sent again, as it was',
    )
    for (let i = 0; i < 6; i++) {
      node.mine()
      await clock.advance(1_000)
    }
    assert.deepEqual(mined(node), [kept, lost])
    assert.deepEqual(stateOf(second.journal), [])
  })

  it('tells dropped from stuck: the one goes out again as it was, the other pays more and is given up in the end', async () => {
    const { clock, node, start, send, lines } = await processes()
    const { sender, journal } = start()
    const slow = send(sender, slot)
    await clock.advance(500)
    const [hash] = [...node.pool.values()].map((entry) => entry.hash)
    node.pool.clear()
    await clock.advance(4_000)
    assert.deepEqual(
      [...node.pool.values()].map((entry) => entry.hash),
      [hash],
    )
    assert.match(await lines(), /lariat_transactions_dropped_total\{chain="stake"\} 1/)
    await clock.advance(4_000)
    assert.notEqual([...node.pool.values()][0]?.hash, hash, 'outbid')
    await clock.advance(20_000)
    await assert.rejects(slow, { code: 'chain.not-mined' })
    assert.deepEqual(stateOf(journal), [['stuck', 0n]])
    assert.match(await lines(), /lariat_transactions_total\{chain="stake",outcome="stuck"\} 1/)
    // It lands all the same, and that is found.
    for (let i = 0; i < 5; i++) node.mine()
    await clock.advance(2_000)
    assert.deepEqual(stateOf(journal), [])
    assert.equal((await sender.send(slot)).status, 'success')
    assert.equal(mined(node).length, 1)
  })

  it('does not take a reverted one for done when a reorg undoes that: wanted again, the same one goes on', async () => {
    const { clock, node, start, send, lines } = await processes()
    const { sender, journal } = start()
    const failed = send(sender, slot)
    await clock.advance(500)
    node.mine()
    const [hash] = mined(node)
    for (const [key, receipt] of node.receipts) node.receipts.set(key, { ...receipt, status: '0x0' })
    await clock.advance(1_000)
    await assert.rejects(failed, { code: 'chain.reverted' })
    assert.deepEqual(stateOf(journal), [['mined', 0n]])
    const impatient = assert.rejects(send(sender, slot), { code: 'chain.reverted', message: /in block 1/ })
    await clock.advance(500)
    await impatient
    assert.equal(node.pool.size, 0, 'nothing is sent beside it')
    node.reorg(1)
    node.receipts.clear()
    node.mined = 0
    node.mine()
    node.mine()
    await clock.advance(1_500)
    assert.deepEqual(stateOf(journal), [['stuck', 0n]])
    assert.match(await lines(), /lariat_transactions_undone_total\{chain="stake"\} 1/)
    assert.equal(node.pool.size, 0, 'nobody wants it')
    const again = send(sender, slot)
    await clock.advance(500)
    for (let i = 0; i < 5; i++) {
      node.mine()
      await clock.advance(1_000)
    }
    assert.equal((await again).hash, hash)
    assert.deepEqual(mined(node), [hash])
    assert.deepEqual(stateOf(journal), [])
  })

  it('leaves nothing open when there is no money, or when it reverts', async () => {
    const { clock, node, start, send, lines } = await processes()
    const { sender, journal } = start()
    node.overrides.eth_sendRawTransaction = () => {
      throw rpcError(-32_000, 'insufficient funds for gas * price + value')
    }
    const poor = send(sender, slot)
    await clock.advance(1_000)
    await assert.rejects(poor, { code: 'chain.no-funds' })
    assert.deepEqual(stateOf(journal), [])
    assert.match(await lines(), /lariat_transactions_total\{chain="stake",outcome="out-of-funds"\} 1/)
    delete node.overrides.eth_sendRawTransaction
    const rich = send(sender, slot)
    await clock.advance(500)
    node.mine()
    for (const [hash, receipt] of node.receipts) node.receipts.set(hash, { ...receipt, status: '0x0' })
    await clock.advance(1_000)
    await assert.rejects(rich, { code: 'chain.reverted' })
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(2_000)
    assert.deepEqual(stateOf(journal), [], 'for good')
    const anew = send(sender, slot)
    await clock.advance(500)
    node.mine()
    await clock.advance(1_000)
    assert.equal((await anew).status, 'success')
    assert.equal(mined(node).length, 2)
    assert.match(await lines(), /lariat_transactions_total\{chain="stake",outcome="reverted"\} 1/)
  })
})
