import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { acknowledgeReorg } from '../../../src/node/acknowledgeReorg.ts'
import type { DoctorLine } from '../../../src/node/doctor/line.ts'
import { doctorText, isFit, runDoctor } from '../../../src/node/doctor/run.ts'
import { files } from '../../../src/node/files.ts'
import { openFinality } from '../../../src/node/finality.ts'
import { createCheckpointKey } from '../../../src/node/keys/create.ts'
import { lockDataDir } from '../../../src/store/lock.ts'
import { openDataStore } from '../../../src/store/sqlite/data.ts'
import { freePorts } from '../../../src/testnet/ports.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { anvilTest } from '../../support/anvil.ts'
import { scriptedPrompt } from '../../support/prompt.ts'
import { type NodeYaml, type ShortCore, startShortCore } from '../../support/shortCore.ts'

const ARTIFACTS = join(import.meta.dirname, '../../../build/artifacts')

describe('lariat doctor', function () {
  this.timeout(120_000)
  let core: ShortCore
  let port: number

  /** A configuration whose ports are free, with `edit` applied. */
  const configure = (name: string, edit: (yaml: NodeYaml) => NodeYaml = (yaml) => yaml) =>
    core.configure(name, (yaml) =>
      edit({
        ...yaml,
        p2p: { listen: [`/ip4/127.0.0.1/tcp/${port}`], announce: [`/ip4/127.0.0.1/tcp/${port}`], loopback: true },
      }),
    )
  const of = (lines: readonly DoctorLine[], group: DoctorLine['group'], status: DoctorLine['status']) =>
    lines.filter((line) => line.group === group && line.status === status).map(({ text }) => text)
  const has = (texts: readonly string[], pattern: RegExp) =>
    assert.ok(
      texts.some((text) => pattern.test(text)),
      `${pattern} in ${texts.join('\n')}`,
    )

  before(async () => {
    core = await startShortCore(ARTIFACTS)
    const [ports] = (await freePorts(1)).nodes
    port = ports?.p2p ?? 0
  })
  after(() => core?.close())

  it('passes what is right, and names what an operator that has not joined lacks', async () => {
    const lines = await runDoctor(await configure('node.yaml'))
    for (const group of ['configuration', 'machine', 'keys', 'chain', 'network'] as const) {
      assert.deepEqual(of(lines, group, 'fail'), [], doctorText(lines))
    }
    has(of(lines, 'machine', 'pass'), /a flush to disk takes|lies on lasting storage/)
    has(of(lines, 'chain', 'pass'), /block \d+, finalized \d+, answers in \d+ ms, with proofs/)
    has(of(lines, 'chain', 'warn'), /chain\.singleProvider/)
    has(of(lines, 'network', 'pass'), new RegExp(`/tcp/${port} takes connections from here`))
    has(of(lines, 'registration', 'pass'), /may act for .*, and has ether/)
    has(of(lines, 'registration', 'fail'), /never joined.*lariat operator opt-in prices/)
    assert.equal(isFit(lines), false)
    assert.match(doctorText(lines), /\nregistration\n(.*\n)* {2}fail {2}.*never joined/)
    assert.match(doctorText(lines), /\d+ pass, \d+ warn, [1-9]\d* fail$/)
  })

  it('names a configuration that is wrong, and goes no further', async () => {
    const lines = await runDoctor(await configure('wrong.yaml', (yaml) => ({ ...yaml, colour: 'red' })))
    assert.deepEqual([lines.length, lines[0]?.status], [1, 'fail'])
    assert.match(lines[0]?.text ?? '', /colour.*unknown key/)
  })

  it('names a final block that was undone, until that is acknowledged, and a file that it cannot read', async () => {
    const config = await configure('undone.yaml', (yaml) => ({ ...yaml, dataDir: './undone' }))
    const file = files(join(dirname(config), 'undone')).finality
    const { genesisHash } = core.deployment
    const finality = openFinality(file, genesisHash)
    const block = { number: 7n, hash: `0x${'77'.repeat(32)}` as const }
    finality.halt({ ...block, instead: `0x${'88'.repeat(32)}`, at: 0 })
    has(of(await runDoctor(config), 'chain', 'fail'), /block 7 was final as 0x77.*0x88.*lariat acknowledge reorg/)
    finality.settle(block)
    has(of(await runDoctor(config), 'chain', 'pass'), /no final block was undone.* 7$/)
    await writeFile(file, '{')
    has(of(await runDoctor(config), 'chain', 'fail'), /finality\.json.*cannot be read/)
  })

  it('names a provider that does not answer, without its path, and one that serves another chain', async () => {
    const rpc = [{ url: core.anvil.rpcUrl }, { url: 'http://127.0.0.1:9/secret' }]
    const lines = await runDoctor(
      await configure('dead.yaml', (yaml) => ({ ...yaml, chain: { ...(yaml.chain as NodeYaml), rpc } })),
    )
    has(of(lines, 'chain', 'fail'), /provider 127\.0\.0\.1:9 does not answer/)
    assert.ok(!doctorText(lines).includes('secret'))
    has(of(lines, 'chain', 'warn'), /2 providers are at 1 hosts/)

    const other = join(core.folder, 'other.json')
    await writeFile(other, JSON.stringify({ ...core.deployment, genesisHash: `0x${'11'.repeat(32)}` }))
    const foreign = await runDoctor(
      await configure('foreign.yaml', (yaml) => ({
        ...yaml,
        chain: { ...(yaml.chain as NodeYaml), deployment: other },
      })),
    )
    has(of(foreign, 'chain', 'fail'), /has another block 0 than chain\.deployment says/)
  })

  it('looks at further chains, and at what one of them undid, until that is acknowledged', async () => {
    const other = await anvilTest({ chainId: 31_338 })
    try {
      const rpc = [{ url: other.anvil.rpcUrl }]
      const base = { id: 31_338, rpc, singleProvider: true }
      const wrong = { ...base, id: 31_339 }
      const config = await configure('chains.yaml', (yaml) => ({
        ...yaml,
        dataDir: './chains',
        chains: { base, wrong },
      }))
      const first = await runDoctor(config)
      has(of(first, 'chain', 'pass'), /^base: provider .* block \d+, finalized \d+/)
      has(of(first, 'chain', 'fail'), /^wrong: provider .* serves chain 31338, not 31339: correct chains\.wrong\.id/)

      const folder = join(dirname(config), 'chains')
      const { finality } = files(folder).chain('base')
      const genesis = (await other.rpc('eth_getBlockByNumber', ['0x0', false])) as { hash: Hex }
      const block = { number: 7n, hash: `0x${'77'.repeat(32)}` as const }
      openFinality(finality, genesis.hash).halt({ ...block, instead: `0x${'88'.repeat(32)}`, at: 0 })
      const undone = /^base: block 7 was final .*lariat acknowledge reorg --chain base$/
      has(of(await runDoctor(config), 'chain', 'fail'), undone)

      const data = openDataStore(files(folder).data)
      for (const name of ['pings', 'chains/base/pings']) data.cursors.set(name, 5n)
      data.close()
      await assert.rejects(acknowledgeReorg(config, true, 'bass'), {
        code: 'config.mismatch',
        message: /stake, base, wrong/,
      })
      assert.equal(await acknowledgeReorg(config, true), undefined, 'nothing was undone on the chain of the stake')
      const shown = await acknowledgeReorg(config, true, 'base')
      assert.equal(shown?.undone.number, 7n)
      assert.ok(shown?.kept?.startsWith(finality))
      const after = openDataStore(files(folder).data)
      assert.deepEqual([after.cursors.get('pings'), after.cursors.get('chains/base/pings')], [5n, 0n])
      after.close()
      has(of(await runDoctor(config), 'chain', 'pass'), /^base: no final block was undone/)
    } finally {
      await other.close()
    }
  })

  it('names a port that is taken, and knows a running node’s', async () => {
    const config = await configure('node.yaml')
    const taken: Server = createServer().listen(port, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    try {
      has(of(await runDoctor(config), 'network', 'fail'), new RegExp(`p2p\\.listen: 127\\.0\\.0\\.1:${port} cannot be`))
      const lock = lockDataDir(join(core.operator.folder, 'data'))
      const lines = await runDoctor(config)
      lock.release()
      has(of(lines, 'network', 'pass'), /a node runs on this dataDir/)
    } finally {
      await new Promise((resolve) => taken.close(resolve))
    }
    has(of(await runDoctor(config), 'network', 'pass'), new RegExp(`127\\.0\\.0\\.1:${port} is free`))
  })

  it('names a wrong password and a key file that others can read, and never shows a secret', async () => {
    const password = join(core.operator.folder, 'keys', 'wrong.txt')
    await writeFile(password, 'hunter2\n', { mode: 0o600 })
    const keystore = join(core.operator.folder, 'keys', 'bls.json')
    const lines = await runDoctor(
      await configure('password.yaml', (yaml) => ({
        ...yaml,
        keys: { ...(yaml.keys as NodeYaml), bls: { keystore, passwordFile: password } },
      })),
    )
    has(of(lines, 'keys', 'fail'), /does not open it/)
    assert.ok(!doctorText(lines).includes('hunter2'))

    await chmod(keystore, 0o644)
    has(
      of(await runDoctor(await configure('node.yaml')), 'keys', 'warn'),
      /is open to other users: chmod 600 it \(.*bls\.json\)/,
    )
    await chmod(keystore, 0o600)
    assert.deepEqual(of(await runDoctor(await configure('node.yaml')), 'keys', 'warn'), [])
  })

  it('opens the key of checkpoints, and names one that is the operator’s account', async () => {
    const withKey = (name: string, checkpoints: NodeYaml) =>
      configure(name, (yaml) => ({ ...yaml, keys: { ...(yaml.keys as NodeYaml), checkpoints } }))
    const io = {
      log: silentLog,
      prompt: scriptedPrompt([], { interactive: false }).prompt,
      strength: 'devnet',
    } as const
    const { keystore, passwordFile } = await createCheckpointKey(join(core.folder, 'checkpoints'), {}, io)
    const lines = await runDoctor(await withKey('checkpoints.yaml', { keystore, passwordFile }))
    has(of(lines, 'keys', 'pass'), /^keys\.checkpoints opens$/)
    const own = { keystore: './keys/ecdsa.json', passwordFile: './keys/password.txt' }
    const wrong = await runDoctor(await withKey('own.yaml', own))
    has(
      of(wrong, 'keys', 'fail'),
      /keys\.checkpoints.*has the operator’s own account 0x.*lariat keys create --kind checkpoints/,
    )
  })
})
