import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { nodeJsonSchema } from '../../../../src/node/config/jsonSchema.ts'
import { loadConfig } from '../../../../src/node/config/load.ts'
import { runDoctor } from '../../../../src/node/doctor/run.ts'
import type { InitOptions } from '../../../../src/node/init/answers.ts'
import { initialize, initializedText } from '../../../../src/node/init/init.ts'
import { createKeys } from '../../../../src/node/keys/create.ts'
import { PLUGINS } from '../../../../src/node/plugins.ts'
import { inProcess } from '../../../support/inProcess.ts'
import { memoryLog } from '../../../support/memoryLog.ts'
import { scriptedPrompt } from '../../../support/prompt.ts'

const OPERATOR = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const CONTRACTS = { prices: '0x5FbDB2315678afecb367f032d93F642f64180aa3', randomness: OPERATOR, bridge: OPERATOR }
const RPC = ['https://one.example/v1/secret-key', 'https://two.example']

describe('lariat init', function () {
  this.timeout(60_000)
  let folder: string
  let options: InitOptions
  const path = (name: string) => join(folder, name)
  const nobody = scriptedPrompt([], { interactive: false }).prompt

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-init-'))
    const core = { delegationManager: OPERATOR, strategyManager: OPERATOR, allocationManager: OPERATOR }
    const deployment = {
      version: 2,
      name: 'devnet',
      chainId: 31_337,
      genesisHash: `0x${'ab'.repeat(32)}`,
      startBlock: 0,
    }
    writeFileSync(path('deployment.json'), JSON.stringify({ ...deployment, core, strategies: [], services: CONTRACTS }))
    options = { out: path('node.yaml'), keys: path('keys'), dataDir: path('data'), deployment: path('deployment.json') }
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('writes what the options say, and with keys that are there a node’s configuration is right', async () => {
    const io = { log: memoryLog(), prompt: nobody, strength: 'devnet' as const }
    const keys = await createKeys({ dir: path('keys'), random: true }, io)
    const made = await initialize(
      {
        ...options,
        rpc: ['http://127.0.0.1:9', 'http://127.0.0.1:10'],
        service: ['prices'],
        announce: ['/ip4/127.0.0.1/tcp/9510'],
      },
      nobody,
    )
    assert.deepEqual(made, { file: path('node.yaml'), missing: [] })
    const config = await loadConfig(path('node.yaml'), PLUGINS)
    assert.equal(config.operator.address, keys.operator)
    assert.deepEqual([config.dataDir, config.chain.id, config.chain.rpc.length], [path('data'), 31_337, 2])
    assert.deepEqual(
      [config.p2p.announce, config.services[0]?.config.contract],
      [['/ip4/127.0.0.1/tcp/9510'], CONTRACTS.prices],
    )
    const lines = await runDoctor(path('node.yaml'))
    assert.deepEqual(lines[0], { group: 'configuration', status: 'pass', text: `${path('node.yaml')} is right` })
    const text = readFileSync(path('node.yaml'), 'utf8')
    for (const file of ['bls.password', 'ecdsa.password']) {
      assert.ok(!text.includes(readFileSync(path(`keys/${file}`), 'utf8').trim()), file)
    }
    assert.match(text, /^# yaml-language-server: \$schema=.*config\/node\.schema\.json\n/)
    assert.match(text, /\n {2}deployment: \.\/deployment\.json\n/)
  })

  it('names every key of the schema with its description; those that are not used are switched off', async () => {
    await initialize({ ...options, operator: OPERATOR, rpc: RPC, service: ['prices', 'randomness'] }, nobody)
    const text = readFileSync(path('node.yaml'), 'utf8')
    const { properties = {} } = await nodeJsonSchema(PLUGINS)
    for (const key of Object.keys(properties)) assert.match(text, new RegExp(`^#?${key}:`, 'm'), key)
    for (const words of [
      'Least severe level that is logged (default info).',
      'Rounds that this node keeps',
      'The PriceFeeds contract.',
    ]) {
      assert.ok(text.includes(words), words)
    }
    assert.ok(text.split('\n').every((line) => line.length <= 130 || !line.trim().startsWith('# ')))
    // switched on, all of them are keys and values still
    const on = parse(text.replaceAll(/^( *)#(?=\S| {2})/gm, '$1'))
    assert.deepEqual(Object.keys(on).sort(), Object.keys(properties).sort())
    assert.equal(on.chains.base.id, 8_453)
    assert.equal(on.keys.shares.passwordFile, './keys/shares.password')
    assert.equal(on.services[1].fulfill.margin, 1.25)
  })

  it('asks at a terminal for what no option says, and never for a secret', async () => {
    const { prompt, asked, hidden } = scriptedPrompt([path('deployment.json'), RPC.join(' '), OPERATOR, '', ''])
    const { deployment: _, ...rest } = options
    const made = await initialize(rest, prompt)
    assert.equal(asked.length, 5)
    assert.deepEqual(hidden, [])
    assert.match(asked[3] ?? '', /prices, randomness, bridge\) \[prices\]/)
    assert.equal(made.missing.length, 4)
    assert.match(
      initializedText(made),
      /not there yet: .*bls\.json\n[\s\S]*lariat keys create[\s\S]*lariat doctor --config/,
    )
  })

  it('refuses what no configuration takes, and writes nothing then', async () => {
    const cases: readonly (readonly [Partial<InitOptions>, object])[] = [
      [{ rpc: undefined }, { code: 'init.answer', message: /give --rpc URL/ }],
      [{ operator: undefined }, { code: 'init.answer', message: /--operator ADDRESS/ }],
      [{ operator: '0x12' }, { code: 'init.answer', message: /checksum/ }],
      [{ service: ['price'] }, { code: 'init.answer', message: /there are prices, randomness, bridge/ }],
      [{ service: ['prices=0x12'] }, { code: 'init.answer', message: /--service prices=ADDRESS/ }],
      [{ service: ['bridge'] }, { code: 'init.answer', message: /what mailboxes is/ }],
      [{ rpc: ['https://one.example'] }, { code: 'config.invalid', message: /single provider/ }],
      [{ rpc: ['ftp://one', 'ftp://two'] }, { code: 'config.invalid', message: /chain\.rpc\[0\]\.url/ }],
      [{ announce: ['node.example:9510'] }, { code: 'config.invalid', message: /expected a TCP multiaddr/ }],
      [{ deployment: path('none.json') }, { code: 'deployment.unreadable' }],
    ]
    for (const [change, error] of cases) {
      const given = { ...options, operator: OPERATOR, rpc: RPC, service: ['prices'], ...change }
      await assert.rejects(initialize(given, nobody), error, JSON.stringify(change))
      assert.ok(!existsSync(path('node.yaml')), JSON.stringify(change))
    }
    writeFileSync(path('node.yaml'), 'mine')
    await assert.rejects(initialize({ ...options, rpc: RPC, operator: OPERATOR }, nobody), { code: 'file.exists' })
    assert.equal(readFileSync(path('node.yaml'), 'utf8'), 'mine')
  })

  it('is a command', async () => {
    const flags = [
      '--deployment',
      path('deployment.json'),
      '--keys',
      path('keys'),
      '--operator',
      OPERATOR,
      '--data-dir',
      path('data'),
    ]
    const args = [
      'init',
      ...flags,
      '--rpc',
      'http://127.0.0.1:8545',
      '--single-provider',
      '--out',
      path('a.yaml'),
      '--json',
    ]
    const { code, stdout, stderr } = await inProcess(...args)
    assert.equal(code, 0, stderr)
    assert.equal(JSON.parse(stdout).file, path('a.yaml'))
    const again = await inProcess(...args)
    assert.deepEqual([again.code, again.stdout], [1, ''])
    assert.match(again.stderr, /^lariat: .*exists and is not replaced/)
    const bare = await inProcess('init', '--out', path('b.yaml'))
    assert.equal(bare.code, 2)
    assert.match(bare.stderr, /nobody is at a terminal to be asked: give --deployment FILE and --rpc URL/)
  })
})
