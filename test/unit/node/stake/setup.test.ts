import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAmount, resolveAmount } from '../../../../src/node/stake/amounts.ts'
import { createIntents } from '../../../../src/node/stake/intents.ts'
import { lstNamed } from '../../../../src/node/stake/perform.ts'
import { loadStakeSetup } from '../../../../src/node/stake/setup.ts'

const ACCOUNT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const GENESIS = `0x${'ab'.repeat(32)}` as const

describe('lariat stake', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  describe('configuration', () => {
    it('has paths relative to its file, and options before its keys', async () => {
      const file = join(folder, 'stake.yaml')
      await writeFile(
        file,
        'deployment: ./deployment.json\nrpc: [http://127.0.0.1:1]\nkeystore: ./k.json\npasswordFile: p.txt\n',
      )
      assert.deepEqual(await loadStakeSetup({ config: file, rpc: ['https://other.example'] }), {
        deployment: join(folder, 'deployment.json'),
        rpc: ['https://other.example'],
        key: { keystore: join(folder, 'k.json'), passwordFile: join(folder, 'p.txt') },
        account: undefined,
        dataDir: join(folder, 'stake'),
      })
    })

    it('can be options alone', async () => {
      const setup = await loadStakeSetup({ deployment: '/d.json', rpc: ['http://127.0.0.1:1'], account: ACCOUNT })
      assert.equal(setup.account, ACCOUNT)
      assert.equal(setup.key, undefined)
    })

    it('says what is missing or wrong', async () => {
      const rpc = ['http://127.0.0.1:1']
      const refused = (options: Parameters<typeof loadStakeSetup>[0], message: RegExp) =>
        assert.rejects(loadStakeSetup(options), { message })
      await refused({ rpc, account: ACCOUNT }, /--deployment FILE/)
      await refused({ deployment: 'd', account: ACCOUNT }, /--rpc URL/)
      await refused({ deployment: 'd', rpc }, /--keystore FILE.*--account ADDRESS/)
      await refused({ deployment: 'd', rpc: ['ftp://x'], account: ACCOUNT }, /--rpc ftp:\/\/x: expected an http/)
      await refused({ deployment: 'd', rpc, account: '0x12' }, /--account 0x12: expected a 20-byte address/)
      await refused({ config: join(folder, 'none.yaml') }, /none\.yaml: cannot be read/)
      const file = join(folder, 'bad.yaml')
      await writeFile(file, 'deployments: x\n')
      await refused({ config: file }, /bad\.yaml: .*Unrecognized key: "deployments"/)
      await writeFile(file, 'deployment: [\n')
      await refused({ config: file }, /not YAML/)
    })
  })

  describe('amounts', () => {
    it('are read to the last digit, or all', () => {
      assert.equal(parseAmount('10'), 10n ** 19n)
      assert.equal(parseAmount('0.000000000000000001'), 1n)
      assert.equal(parseAmount('All'), 'all')
      for (const text of ['0', '-1', '1e3', '1.0000000000000000001', '', 'ten']) {
        assert.throws(() => parseAmount(text), { code: 'usage.amount' }, text)
      }
    })

    it('are at most what there is', () => {
      assert.equal(resolveAmount('all', 7n, 'stETH', ACCOUNT), 7n)
      assert.equal(resolveAmount(5n, 7n, 'stETH', ACCOUNT), 5n)
      assert.throws(() => resolveAmount(8n, 7n, 'stETH', ACCOUNT), {
        code: 'stake.balance',
        message: /has 0\.000000000000000007 stETH, less than 0\.000000000000000008/,
      })
      assert.throws(() => resolveAmount('all', 0n, 'stETH', ACCOUNT), { message: /has no stETH/ })
    })
  })

  it('asks which LST where there are several, and knows them without regard to case', () => {
    const lst = (symbol: string) =>
      ({ symbol, kind: 'steth', token: ACCOUNT, pool: ACCOUNT, strategy: ACCOUNT }) as const
    const lsts = [lst('stETH'), lst('rETH')]
    assert.equal(lstNamed({ lsts }, 'RETH').symbol, 'rETH')
    assert.equal(lstNamed({ lsts: [lst('stETH')] }, undefined).symbol, 'stETH')
    assert.throws(() => lstNamed({ lsts }, undefined), { message: /--lst: stETH, rETH/ })
    assert.throws(() => lstNamed({ lsts }, 'ankrETH'), { message: /no LST ankrETH here: choose of stETH, rETH/ })
  })

  describe('what a command began', () => {
    const intent = { command: 'restake 10 stETH', last: 'restake 10 stETH', firstNonce: 7n }

    it('is kept until it has ended', async () => {
      const intents = createIntents(join(folder, 'data', 'intent.json'), GENESIS)
      assert.equal(await intents.read(), undefined)
      await intents.begin(intent)
      assert.deepEqual(await intents.read(), intent)
      await intents.end()
      assert.equal(await intents.read(), undefined)
    })

    it('of another chain does not matter', async () => {
      const file = join(folder, 'intent.json')
      await createIntents(file, GENESIS).begin(intent)
      assert.equal(await createIntents(file, `0x${'cd'.repeat(32)}`).read(), undefined)
    })

    it('that cannot be read is told, not guessed', async () => {
      const file = join(folder, 'intent.json')
      await writeFile(file, '{')
      await assert.rejects(createIntents(file, GENESIS).read(), { code: 'stake.intent', message: /block explorer/ })
    })
  })
})
