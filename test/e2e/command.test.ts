import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUNDLE, needBundle } from '../support/bundle.ts'
import { lariat } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { reportSchema, summarySchema } from '../support/history.ts'
import { alive, processesOf } from '../support/processes.ts'

describe('lariat testnet', function () {
  this.timeout(120_000)
  let parent: string
  let folder: string
  let json: string
  let child: ChildProcess
  let output = ''

  const start = () => {
    output = ''
    const args = ['testnet', '--no-randomness', '--no-bridge', '--dir', folder, '--json', json]
    child = spawn(process.execPath, [BUNDLE, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data))
  }
  /** A child's command line is its parent's until it has begun its own program. */
  const nodes = () => processesOf(join(folder, 'operator-'))
  const exited = () => child.exitCode !== null || child.signalCode !== null

  beforeEach(async () => {
    needBundle()
    parent = await mkdtemp(join(tmpdir(), 'lariat-e2e-'))
    folder = join(parent, 'net')
    json = join(parent, 'out.json')
  })
  afterEach(async () => {
    if (child !== undefined && !exited()) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(parent, { recursive: true, force: true })
  })

  it('writes a summary when it is ready and the figures at the end; SIGINT ends everything with code 0', async () => {
    start()
    await eventually(() => exited() || existsSync(json), 'not ready', 60_000)
    assert.ok(!exited(), output)
    const summary = summarySchema.parse(JSON.parse(await readFile(json, 'utf8')))
    assert.equal('rounds' in JSON.parse(await readFile(json, 'utf8')), false)
    const started = nodes()
    assert.equal(started.length, 4)

    // two rounds, so that there is something to report
    const slots = async () => {
      const response = await fetch(`${summary.nodes[0]?.api}/v1/slots?limit=10`)
      const { slots: list } = (await response.json()) as { slots: { outcome: string }[] }
      return list.filter(({ outcome }) => outcome !== 'missed').length
    }
    await eventually(async () => (await slots()) >= 3, 'no rounds', 30_000)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0, output)
    const report = reportSchema.parse(JSON.parse(await readFile(json, 'utf8')))
    assert.ok(report.rounds >= 2)
    assert.deepEqual(started.filter(alive), [])
    await assert.rejects(fetch(summary.rpcUrl))
    assert.match(output, /SYNTHETIC/)
  })

  it('leaves nothing running when it is killed in the middle of its set-up', async () => {
    start()
    // the processes themselves: their logs and configurations are there before they are
    await eventually(() => exited() || nodes().length > 0, 'the nodes were not started', 60_000)
    assert.ok(!exited() && !existsSync(json), output)
    const config = await readFile(join(folder, 'operator-1', 'node.yaml'), 'utf8')
    const rpcUrl = /url: (http:\/\/127\.0\.0\.1:\d+)\s/.exec(config)?.[1] ?? ''
    assert.equal((await fetch(rpcUrl, { method: 'POST', body: '{}' })).status < 500, true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await eventually(() => processesOf(folder).length === 0, 'nodes run on')
    await eventually(async () => {
      const answers = fetch(rpcUrl).then(
        () => true,
        () => false,
      )
      return !(await answers)
    }, 'the chain runs on')
  })

  it('refuses what it cannot do with code 2, saying what to mend', async () => {
    await writeFile(join(parent, 'there'), '')
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['testnet', '--operators', '3'], /--operators.*from 4 to 64/],
      [['testnet', '--beacon-period', '61'], /--beacon-period.*from 1 to 60/],
      [['testnet', '--from', 'yesterday'], /--from.*2023-03-11T11:48:00Z/],
      [['testnet', '--dir', folder, '--from', '1'], /series/],
      [['testnet', '--json', join(parent, 'none', 'out.json')], /--json.*missing/],
      [['testnet', '--dir', parent], /is not empty: name a new folder/],
      [['run', '--config', join(parent, 'none.yaml')], /none\.yaml: cannot be read/],
      [['run'], /--config/],
      [['walk'], /unknown command/],
    ]
    await Promise.all(
      cases.map(async ([args, says]) => {
        const { code, stderr } = await lariat(...args)
        assert.equal(code, 2, stderr)
        assert.match(stderr, says)
      }),
    )
  })
})
