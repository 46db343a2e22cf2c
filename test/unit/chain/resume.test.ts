import assert from 'node:assert/strict'
import { keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createSender } from '../../../src/chain/sender.ts'
import type { SentRecord, SentTransaction } from '../../../src/chain/sent.ts'
import type { Receipt } from '../../../src/chain/types.ts'
import { silentLog } from '../../../src/util/log.ts'
import { fakeChain } from '../../support/chain.ts'
import { FakeNode, rpcError } from '../../support/fakeNode.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const request = { what: 'a test', to: '0x5FbDB2315678afecb367f032d93F642f64180aa3', data: '0x01' } as const

/** A record that lives in memory, as a file does beyond its process. */
class Record implements SentRecord {
  sent: SentTransaction | undefined
  readonly settled: [bigint, Receipt['status'] | undefined][] = []
  /** Called at each keeping. */
  onKeep = () => {}

  keep(sent: SentTransaction): void {
    this.sent = sent
    this.onKeep()
  }

  settle(nonce: bigint, receipt: Receipt | undefined): void {
    this.settled.push([nonce, receipt?.status])
    this.sent = undefined
  }
}

/** One process after another on one chain: each has a sender of its own. */
async function processes() {
  const { chain, clock, node } = await fakeChain([new FakeNode()])
  chain.heads.close()
  const record = new Record()
  const start = () => {
    const sender = createSender({
      ...{ chain, account, record, log: silentLog },
      bumpAfterMs: 3_000,
      giveUpAfterMs: 60_000,
    })
    const send = () => {
      const result = sender.send(request)
      result.catch(() => {})
      return result
    }
    return { sender, send }
  }
  return { clock, node, record, start }
}

describe('a sender with a record', () => {
  it('writes down every form of a transaction before it is sent, and that it landed', async () => {
    const { clock, node, record, start } = await processes()
    const kept: [forms: number, sent: number][] = []
    record.onKeep = () => kept.push([record.sent?.hashes.length ?? 0, node.count('eth_sendRawTransaction')])
    const landed = start().send()
    await clock.advance(4_000)
    assert.deepEqual(kept, [
      [1, 0],
      [2, 1],
    ])
    assert.deepEqual(
      record.sent?.hashes.at(-1),
      [...node.pool.values()].map(({ hash }) => hash)[0],
      'the newest is last',
    )
    node.mine()
    await clock.advance(1_000)
    assert.equal((await landed).status, 'success')
    assert.deepEqual(record.settled, [[0n, 'success']])
  })

  it('sends nothing that it could not write down', async () => {
    const { clock, node, record, start } = await processes()
    record.onKeep = () => {
      throw new Error('disk full')
    }
    const landed = start().send()
    await clock.advance(1_000)
    await assert.rejects(landed, /disk full/)
    assert.equal(node.count('eth_sendRawTransaction'), 0)
  })

  it('goes on after a kill with what lies in the pool, and raises its fees', async () => {
    const { clock, node, record, start } = await processes()
    const first = start()
    first.send()
    await clock.advance(1_000)
    await first.sender.close()
    const { sent } = record
    assert.ok(sent !== undefined)
    const resumed = start().sender.resume(sent)
    await clock.advance(5_000)
    assert.equal(node.pool.size, 1, 'one transaction, not two')
    assert.ok((record.sent?.fees.maxFeePerGas ?? 0n) > sent.fees.maxFeePerGas)
    node.mine()
    await clock.advance(5_000)
    const receipt = await resumed
    assert.equal(receipt?.status, 'success')
    assert.equal(node.mined, 1)
    assert.deepEqual(record.settled, [[0n, 'success']])
  })

  it('goes on after a kill between writing down and sending', async () => {
    const { clock, node, record, start } = await processes()
    node.overrides.eth_sendRawTransaction = () => {
      throw rpcError(-32_000, 'the node is busy')
    }
    const first = start()
    first.send()
    await clock.advance(100)
    await first.sender.close()
    delete node.overrides.eth_sendRawTransaction
    const { sent } = record
    assert.ok(sent !== undefined)
    assert.equal(node.pool.size, 0)
    const resumed = start().sender.resume(sent)
    await clock.advance(1_000)
    node.mine()
    await clock.advance(1_000)
    assert.equal((await resumed)?.hash, keccak256(sent.raw))
  })

  it('finds what was mined meanwhile, whichever form it was', async () => {
    const { clock, node, record, start } = await processes()
    const first = start()
    first.send()
    await clock.advance(4_000)
    await first.sender.close()
    node.mine()
    const { sent } = record
    assert.ok(sent !== undefined && sent.hashes.length === 2)
    const before = node.count('eth_estimateGas')
    const resumed = start().sender.resume(sent)
    await clock.advance(2_000)
    assert.equal((await resumed)?.status, 'success')
    assert.equal(node.mined, 1)
    assert.equal(node.count('eth_estimateGas'), before, 'nothing new was begun')
  })

  it('tells when another transaction took the nonce', async () => {
    const { clock, node, record, start } = await processes()
    const first = start()
    first.send()
    await clock.advance(1_000)
    await first.sender.close()
    const { sent } = record
    assert.ok(sent !== undefined)
    node.pool.clear()
    node.mined = 1
    const resumed = start().sender.resume(sent)
    await clock.advance(30_000)
    assert.equal(await resumed, undefined)
    assert.deepEqual(record.settled, [[0n, undefined]])
  })
})
