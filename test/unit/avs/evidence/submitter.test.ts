import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeFunctionData, encodeFunctionResult } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { EvidenceDesk } from '../../../../src/avs/evidence/desk.ts'
import { declareEvidenceMetrics } from '../../../../src/avs/evidence/metrics.ts'
import { EvidenceSubmitter } from '../../../../src/avs/evidence/submitter.ts'
import { serviceManagerAbi } from '../../../../src/chain/abi/serviceManager.ts'
import { createSender } from '../../../../src/chain/sender.ts'
import { createServiceChain } from '../../../../src/chain/serviceChain.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { openEvidenceStore } from '../../../../src/store/sqlite/evidence.ts'
import { openIntentStore } from '../../../../src/store/sqlite/transactions.ts'
import { type Equivocation, equivocationOf } from '../../../../src/types/evidence.ts'
import { Kind } from '../../../../src/types/statement.ts'
import type { Address, Hex } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { fakeChain } from '../../../support/chain.ts'
import { FakeNode, rpcError } from '../../../support/fakeNode.ts'
import { signAs } from '../../../support/rogueSigner.ts'
import { CONTRACT, castOf, payloadOf, SERVICE } from '../../../support/simnet.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const CHECK_MS = 2_000
const ROGUE = 1

describe('bringing evidence on chain', () => {
  const cast = castOf(2)
  let evidence: Equivocation
  const folders: string[] = []
  const closing: (() => Promise<void> | void)[] = []

  before(async () => {
    const side = async (value: bigint) => {
      const statement = {
        ...{ service: SERVICE, kind: Kind.certify, epoch: 1n, slot: 7n, attempt: 0 },
        payload: payloadOf(value),
      }
      return { form: 'signature', statement, author: ROGUE, signature: await signAs(cast, ROGUE, statement) } as const
    }
    evidence = equivocationOf(await side(1n), await side(2n))
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  /** One process after another of one node, on its files. The contract says that all are punished once a transaction is in a block. */
  async function processes() {
    const folder = mkdtempSync(join(tmpdir(), 'lariat-evidence-'))
    folders.push(folder)
    const node = new FakeNode()
    /** While true, the provider that is asked has not seen the newest blocks yet. */
    const world = { lags: false }
    node.overrides.eth_getTransactionByHash = ([hash]) =>
      [...node.pool.values()].some((entry) => entry.hash === hash) ? { hash } : null
    node.overrides.eth_call = ([call, at]) => {
      const { data } = call as { data: Hex }
      if (decodeFunctionData({ abi: serviceManagerAbi, data }).functionName !== 'punished') return '0x'
      // anything but the tag is a block that is final
      const limit = at === 'latest' ? node.head.number : node.head.number - BigInt(node.finalityLag)
      const landed = [...node.receipts.values()].some(({ blockNumber }) => BigInt(blockNumber as Hex) <= limit)
      const result = landed && !(world.lags && at === 'latest')
      return encodeFunctionResult({ abi: serviceManagerAbi, functionName: 'punished', result })
    }
    const metrics = createMetrics()
    const { chain, clock } = await fakeChain([node])
    closing.push(() => chain.close())

    const start = () => {
      const store = openEvidenceStore(join(folder, 'evidence.sqlite'))
      const { genesisHash } = chain
      const journal = openIntentStore(join(folder, 'transactions.sqlite'), { genesisHash, account: account.address })
      const sender = createSender({ ...{ chain, account, journal, log: silentLog }, bumpAfterMs: 5_000 })
      const common = {
        ...{ serviceManager: CONTRACT, service: SERVICE, name: 'square', operator: cast.operators[0] as Address },
        ...{ store, clock, log: silentLog, metrics: declareEvidenceMetrics(metrics) },
      }
      const desk = new EvidenceDesk(common)
      const submitter = new EvidenceSubmitter({
        ...common,
        ...{ desk, chain: createServiceChain({ chain, sender, log: silentLog }) },
        ...{ rank: () => 0, staggerMs: 1_000, checkMs: CHECK_MS },
      })
      submitter.start()
      let runs = true
      const kill = async () => {
        if (!runs) return
        runs = false
        await Promise.all([submitter.stop(), sender.close()])
        journal.close()
        store.close()
      }
      closing.push(kill)
      return { store, journal, kill, file: () => desk.file(evidence, [cast.operators[ROGUE] as Address], 'here') }
    }
    /** Blocks come, until what is in them is final and was looked at. */
    const becomesFinal = async () => {
      for (let i = 0; i < 4; i++) {
        node.mine()
        await clock.advance(CHECK_MS)
      }
    }
    const landed = async () => {
      const { body } = await metrics.expose()
      return Number(/lariat_evidence_submissions_total\{service="square",outcome="landed"\} (\d+)/.exec(body)?.[1] ?? 0)
    }
    const hashes = () => [...node.pool.values()].map(({ hash }) => hash)
    return { world, node, clock, start, becomesFinal, landed, hashes }
  }

  for (const meanwhile of ['nothing', 'mined', 'dropped'] as const) {
    it(`neither loses nor doubles what was sent before a crash, when the pool has meanwhile done this: ${meanwhile}`, async () => {
      const { node, clock, start, becomesFinal, hashes } = await processes()
      const first = start()
      first.file()
      await clock.advance(500)
      const [sent] = hashes()
      assert.ok(sent !== undefined, 'nothing was sent')
      assert.equal(first.journal.open()[0]?.state, 'sending')
      assert.match(first.journal.open()[0]?.key ?? '', new RegExp(`^${SERVICE}/evidence/0x`))
      await first.kill()
      if (meanwhile === 'mined') node.mine()
      if (meanwhile === 'dropped') node.pool.clear()

      const second = start()
      assert.equal(second.store.list({ status: 'open' }).length, 1)
      await clock.advance(CHECK_MS)
      await becomesFinal()
      assert.deepEqual([...node.receipts.keys()], [sent])
      assert.deepEqual(
        second.store.list().map(({ status }) => status),
        ['slashed'],
      )
      assert.deepEqual(second.journal.open(), [])
      assert.equal(node.pool.size, 0)
    })
  }

  it('sends what a crash kept from being sent at all', async () => {
    const { node, clock, start, becomesFinal, landed } = await processes()
    let hangUp = () => {}
    node.overrides.eth_estimateGas = () =>
      new Promise((_, reject) => {
        hangUp = () => reject(rpcError(-32_000, 'the connection is gone'))
      })
    const first = start()
    first.file()
    await clock.advance(500)
    const killed = first.kill()
    hangUp()
    await killed
    assert.equal(node.count('eth_sendRawTransaction'), 0)
    delete node.overrides.eth_estimateGas
    const second = start()
    await clock.advance(CHECK_MS)
    await becomesFinal()
    assert.equal(node.receipts.size, 1)
    assert.equal(await landed(), 1)
    assert.deepEqual(
      second.store.list().map(({ status }) => status),
      ['slashed'],
    )
  })

  it('sends nothing twice when a provider lags, over a restart too, and counts what landed once', async () => {
    const { world, node, clock, start, becomesFinal, landed } = await processes()
    const first = start()
    first.file()
    await clock.advance(500)
    world.lags = true
    node.mine()
    await clock.advance(3 * CHECK_MS)
    assert.equal(await landed(), 1)
    await first.kill()
    start()
    await clock.advance(3 * CHECK_MS)
    assert.equal(node.count('eth_sendRawTransaction'), 1)
    assert.equal(await landed(), 1)
    world.lags = false
    await becomesFinal()
    assert.equal(node.receipts.size, 1)
  })

  it('brings again what a reorg took out of its block', async () => {
    const { node, clock, start, becomesFinal, hashes } = await processes()
    const { store, file } = start()
    file()
    await clock.advance(500)
    const [sent] = hashes()
    node.mine()
    await clock.advance(1_000)
    assert.equal(store.list()[0]?.transaction, sent)
    node.reorg(1)
    node.receipts.clear()
    node.mined = 0
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(2 * CHECK_MS)
    assert.equal(store.list()[0]?.status, 'open')
    assert.deepEqual(hashes(), [sent], 'the same one lies in the pool again')
    await becomesFinal()
    assert.deepEqual([...node.receipts.keys()], [sent])
    assert.equal(store.list()[0]?.status, 'slashed')
  })
})
