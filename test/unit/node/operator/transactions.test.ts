import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SentTransaction } from '../../../../src/chain/sent.ts'
import { openTransactions } from '../../../../src/node/operator/transactions.ts'

const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const genesisHash = `0x${'ab'.repeat(32)}` as const
const sent: SentTransaction = {
  what: 'register',
  call: { to: account, data: '0x1234', from: account, value: 5n, gas: 100_000n },
  nonce: 7n,
  fees: { maxFeePerGas: 3n, maxPriorityFeePerGas: 1n },
  raw: '0x02ff',
  hashes: [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`],
}
const receipt = { hash: sent.hashes[1] ?? '0x', blockNumber: 12n, gasUsed: 50_000n, status: 'success' } as const

describe('the record of transactions', () => {
  let folder: string
  let file: string
  const open = (overrides: Partial<{ genesisHash: `0x${string}`; account: `0x${string}` }> = {}) =>
    openTransactions(file, { genesisHash, account, ...overrides })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-transactions-'))
    file = join(folder, 'new', 'transactions.json')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('has what was sent in the next process, all forms of it', async () => {
    await (await open()).keep(sent)
    assert.deepEqual((await open()).underway(), sent)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })

  it('lets go of it when its nonce is used up, and remembers how it ended', async () => {
    const first = await open()
    await first.keep(sent)
    await first.settle(6n, receipt)
    assert.deepEqual(first.underway(), sent, 'another nonce')
    await first.settle(7n, receipt)
    assert.equal(first.underway(), undefined)
    await first.keep({ ...sent, nonce: 8n, what: 'deposit' })
    await first.settle(8n, undefined)
    const again = await open()
    assert.equal(again.underway(), undefined)
    assert.deepEqual(again.done(), [
      { what: 'register', nonce: 7n, hash: receipt.hash, blockNumber: 12n, gasUsed: 50_000n, status: 'success' },
      { what: 'deposit', nonce: 8n, status: 'replaced' },
    ])
  })

  it('is of one chain and one account', async () => {
    await (await open()).keep(sent)
    assert.equal((await open({ genesisHash: `0x${'cd'.repeat(32)}` })).underway(), undefined)
    assert.equal((await open({ account: `0x${'11'.repeat(20)}` })).underway(), undefined)
  })

  it('keeps the last transactions only', async () => {
    const record = await open()
    for (let nonce = 0n; nonce < 70n; nonce++) {
      await record.keep({ ...sent, nonce })
      await record.settle(nonce, receipt)
    }
    const { length } = (await open()).done()
    assert.equal(length, 64)
    assert.equal((await open()).done().at(-1)?.nonce, 69n)
  })

  it('refuses a damaged file, and says what to do', async () => {
    const record = await open()
    await record.keep(sent)
    const whole = await readFile(file, 'utf8')
    for (const text of ['', whole.slice(0, 100), whole.replace('"nonce": "7"', '"nonce": "seven"'), '{"version":2}']) {
      await writeFile(file, text)
      await assert.rejects(open(), { code: 'operator.transactions', message: /block explorer.*remove the file/ })
    }
  })
})
