import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { files } from '../../src/node/files.ts'
import { exportGuard } from '../../src/node/guard/export.ts'
import { importGuard } from '../../src/node/guard/import.ts'
import { makeGuard } from '../../src/node/guard/open.ts'
import { startTestnet, type Testnet } from '../../src/testnet/launcher.ts'
import type { TestnetNode } from '../../src/testnet/nodes.ts'
import { syntheticSeries } from '../../src/testnet/venues/synthetic.ts'
import { BUNDLE, DIST, needBundle } from '../support/bundle.ts'
import { lariat, launch } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { checksOf, metricOf, signedBy as signedByApi, sum } from '../support/nodePages.ts'

// test/sim/secondSelf.test.ts has what follows from hearing of the other; here are real processes, which share a peer id.
describe('two instances of one operator, as processes', function () {
  this.timeout(180_000)
  let parent: string
  let testnet: Testnet

  const metric = (of: TestnetNode, name: string) => metricOf(of.operator.api, name)
  const signedBy = ({ operator }: TestnetNode) => signedByApi(operator.api)
  const health = ({ operator }: TestnetNode) => checksOf(operator.api)

  before(async () => {
    needBundle()
    parent = await mkdtemp(join(tmpdir(), 'lariat-deep-'))
    testnet = await startTestnet({
      lariat: { file: process.execPath, args: [BUNDLE] },
      artifacts: join(DIST, 'artifacts'),
      operators: 4,
      series: syntheticSeries({ seed: 7 }),
      speed: 10,
      interval: 2,
      folder: join(parent, 'net'),
      signal: new AbortController().signal,
    })
  })
  after(async function () {
    await testnet?.stop()
    const failed = this.test?.parent?.tests.some(({ state }) => state === 'failed')
    if (failed) process.stderr.write(`logs of the testnet are in ${parent}\n`)
    else await rm(parent, { recursive: true, force: true })
  })

  it('sees a second self that starts beside a running node: it signs nothing until it is told that the other is gone', async () => {
    const doubled = testnet.nodes[1]
    assert.ok(doubled !== undefined)
    const others = testnet.nodes.filter((each) => each !== doubled)
    const { operator, kill } = doubled
    const twinData = join(operator.folder, 'twin')
    // a copy of the operator's machine, but for the record of what it signed
    await mkdir(twinData)
    await copyFile(files(join(operator.folder, 'data')).p2pKey, files(twinData).p2pKey)
    makeGuard(files(twinData).guard)
    const configure = async (silentSlots: number): Promise<string> => {
      const config = parse(await readFile(operator.configFile, 'utf8'))
      const file = join(operator.folder, `twin-${silentSlots}.yaml`)
      const edited = {
        ...{ ...config, dataDir: './twin', secondSelf: { silentSlots } },
        ...{ p2p: { ...config.p2p, listen: ['/ip4/127.0.0.1/tcp/0'] }, api: { host: '127.0.0.1', port: 0 } },
      }
      await writeFile(file, stringify(edited), { mode: 0o600 })
      return file
    }
    /** The twin, as far as it can be asked. */
    const twin = async (): Promise<TestnetNode> => {
      const { url } = JSON.parse(await readFile(files(twinData).api, 'utf8')) as { url: string }
      return { ...doubled, operator: { ...operator, api: url } }
    }
    // enough for it to hear of the other before it signs: the rounds are short
    const listening = await configure(20)
    const first = launch('run', '--config', listening)
    try {
      await eventually(() => first.text().includes('signing has stopped'), 'the twin sees nobody', 38_000).catch(
        (error) => assert.fail(`${error.message}: ${first.text()}`),
      )
      const said = first
        .text()
        .split('\n')
        .find((line) => line.includes('signing has stopped'))
      const { peer, peerOperator, statement } = JSON.parse(said ?? '')
      const handed = others.find((each) => each.operator.identity.peerId === peer)
      assert.equal(peerOperator.toLowerCase(), handed?.operator.account.address.toLowerCase(), said)
      assert.ok(Number(statement.slot) > 0 && /^0x[0-9a-f]{64}$/.test(statement.payload), said)
      const check = (await health(await twin())).find(({ name }) => name === 'second self')
      assert.equal(check?.ok, false)
      assert.match(check?.problem ?? '', new RegExp(`peer ${peer} of operator .*slot ${statement.slot}`))
      assert.ok(sum(await metric(await twin(), 'lariat_second_self_sightings_total')) > 0)
      assert.equal(sum(await metric(await twin(), 'lariat_guard_signatures_total')), 0)
      // the one that runs is not disturbed
      assert.equal(sum(await metric(doubled, 'lariat_second_self_sightings_total')), 0)
      const before = await signedBy(doubled)
      await eventually(async () => (await signedBy(doubled)) > before, 'the first instance signs no more')
    } finally {
      first.child.kill('SIGTERM')
    }
    assert.equal((await first.ended).code, 0)

    await kill('SIGKILL')
    const resumed = await lariat('resume', '--config', listening, '--yes')
    assert.equal(resumed.code, 0, resumed.stderr)
    const second = launch('run', '--config', await configure(0))
    try {
      await eventually(
        async () => existsSync(files(twinData).api) && (await signedBy(await twin()).catch(() => 0)) > 0,
        'the twin does not sign',
        20_000,
      ).catch((error) => assert.fail(`${error.message}: ${second.text()}`))
    } finally {
      // a drain would take its time, and what was signed is on disk
      second.child.kill('SIGKILL')
      await second.ended
    }
    for (const each of others) assert.equal(sum(await metric(each, 'lariat_equivocations_seen_total')), 0)
    // what the two have signed contradicts itself nowhere
    const out = join(operator.folder, 'twin.json')
    const { entries } = await exportGuard({ dataDir: twinData, out })
    const { streams } = await importGuard({ dataDir: join(operator.folder, 'data'), file: out, dryRun: true })
    assert.ok(entries > 0 && streams.length > 0)
    assert.deepEqual(
      streams.flatMap(({ barred }) => barred),
      [],
    )
  })
})
