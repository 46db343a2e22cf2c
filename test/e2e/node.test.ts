import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PublicClient } from 'viem'
import type { CheckView } from '../../src/node/api/health.ts'
import { type Anvil, startAnvil } from '../../src/testnet/anvil.ts'
import { loadArtifacts } from '../../src/testnet/artifacts.ts'
import { localClient } from '../../src/testnet/batch.ts'
import { configureNodes, createOperators, deployAll, deployRestaking } from '../../src/testnet/network.ts'
import type { TestnetOperator } from '../../src/testnet/operators.ts'
import { loopbackPlace } from '../../src/testnet/places.ts'
import { freePorts } from '../../src/testnet/ports.ts'
import { DIST, needBundle } from '../support/bundle.ts'
import { type Ended, lariat, launch, type Running } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { startLyingRpc } from '../support/lyingRpc.ts'
import { type WarmLariat, warmLariat } from '../support/warm.ts'

/** The part of `GET /healthz` that is looked at. */
interface Health {
  readonly stopped: Readonly<Record<string, string>>
  readonly checks: readonly CheckView[]
}
const REORG = 'prices: reorg'

const told = ({ stdout, stderr }: Ended) => stdout + stderr

describe('lariat run, for an operator that joined by lariat operator', function () {
  this.timeout(120_000)
  let folder: string
  let anvil: Anvil
  let warm: WarmLariat
  let client: PublicClient
  let operators: readonly TestnetOperator[]

  const first = (): TestnetOperator => {
    const [operator] = operators
    assert.ok(operator !== undefined)
    return operator
  }
  const edited = async (name: string, edit: (text: string) => string): Promise<string> => {
    const file = join(first().folder, name)
    await writeFile(file, edit(await readFile(first().configFile, 'utf8')))
    return file
  }

  before(async () => {
    needBundle()
    folder = await mkdtemp(join(tmpdir(), 'lariat-e2e-'))
    ;[anvil, warm] = await Promise.all([startAnvil({ blocks: 'automine' }), warmLariat()])
    client = localClient(anvil.rpcUrl)
    operators = await createOperators(folder, (await freePorts(2)).nodes.map(loopbackPlace))
    const artifacts = await loadArtifacts(join(DIST, 'artifacts'))
    const { signal } = new AbortController()
    const deployed = await deployAll({ rpcUrl: anvil.rpcUrl, artifacts, operators, interval: 2, signal })
    await deployRestaking(anvil.rpcUrl, artifacts, deployed, signal)
    // no venues listen there: these tests want no prices
    await configureNodes({ folder, rpcUrl: anvil.rpcUrl, venuesUrl: 'http://127.0.0.1:9', deployed, operators })
  })
  after(async () => {
    await Promise.all([warm?.close(), anvil?.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  it('does not join without stake, and says how to get some', async () => {
    const config = ['--config', first().configFile, '--yes']
    const registered = await lariat('operator', 'register', ...config)
    assert.equal(registered.code, 0, told(registered))
    const refused = await lariat('operator', 'opt-in', 'prices', ...config)
    assert.equal(refused.code, 1)
    assert.match(told(refused), /has no stake.*--stake/)
  })

  it('goes on where it stopped, and leaves alone what is done', async () => {
    const { address } = first().account
    const sent = () => client.getTransactionCount({ address })
    assert.equal(await sent(), 1) // it is registered as operator from before
    const commands = [
      ['register', '--stake', 'tstETH=8'],
      ['opt-in', 'prices'],
      ['allocate', 'prices', '--strategy', 'tstETH', '--magnitude', '100%'],
    ]
    const all = async (configFile: string, run: typeof lariat = warm.run): Promise<string> => {
      let printed = ''
      for (const command of commands) {
        const ended = await run('operator', ...command, '--config', configFile, '--yes')
        assert.equal(ended.code, 0, told(ended))
        printed += ended.stdout
      }
      return printed
    }
    const joined = await all(first().configFile, lariat)
    for (const step of ['deposit 8 tstETH', 'let prices have 100 %', 'join operator set 0 of prices']) {
      assert.match(joined, new RegExp(`done \\d/\\d: ${step}`))
    }
    assert.doesNotMatch(joined, /done.*register as an operator/)
    const before = await sent()
    assert.match(await all(first().configFile), /Nothing to send/)
    assert.equal(await sent(), before)

    // other addresses are published
    const moved = await edited('moved.yaml', (text) =>
      text.replace(/announce:\n\s+- \S+/, 'announce: [/ip4/127.0.0.1/tcp/4711]'),
    )
    assert.match(await all(moved), /done 1\/1: publish with prices that the node is/)
    assert.equal(await sent(), before + 1)
  })

  it('runs until SIGTERM, refuses a second instance meanwhile, and tells the truth about its health', async () => {
    const { folder: home } = first()
    // nobody listens there: no start waits for a further chain
    const configFile = await edited(
      'chains.yaml',
      (text) => `${text}\nchains: {gone: {id: 5, rpc: [{url: "http://127.0.0.1:9"}], singleProvider: true}}\n`,
    )
    const running = launch('run', '--config', configFile)
    try {
      await eventually(() => running.text().includes('"lariat runs"'), `does not start: ${running.text()}`, 30_000)
      const { url, pid } = JSON.parse(await readFile(join(home, 'data', 'api.json'), 'utf8'))
      assert.equal(url, first().api)
      assert.equal(pid, running.child.pid)

      const second = await lariat('run', '--config', configFile)
      assert.equal(second.code, 3, told(second))
      assert.match(told(second), /is in use by another lariat process/)

      const status = await lariat('status', '--json', '--config', configFile)
      assert.equal(status.code, 1)
      const { healthy, health } = JSON.parse(status.stdout)
      assert.equal(healthy, false)
      const checks: { name: string; ok: boolean; problem?: string }[] = health.checks
      const problem = (name: string) => checks.find((check) => check.name === name)?.problem
      assert.equal(problem('chain'), undefined)
      assert.equal(problem('guard'), undefined)
      assert.match(problem('chain gone') ?? '', /cannot be followed, and is tried again: .*chains\.gone\.rpc/)
      assert.match(problem('prices: epoch') ?? '', /no epoch is active|not in epoch/)
      const text = await lariat('status', '--config', configFile)
      assert.equal(text.code, 1)
      assert.match(text.stdout, /ILL.*\n/)
      assert.match(text.stdout, /^chain gone \(5\) +not followed; NOTHING IS SIGNED OVER IT/m)
      assert.match(text.stdout, /FAIL +prices: epoch +no epoch is active|not in epoch/)
    } finally {
      running.child.kill('SIGTERM')
    }
    const ended = await running.ended
    assert.equal(ended.code, 0, told(ended))
    assert.match(told(ended), /"lariat has stopped".*"exitCode":0/)
    const gone = await lariat('status', '--config', configFile)
    assert.equal(gone.code, 1)
    assert.match(told(gone), /does not run/)
  })

  it('signs nothing after a final block was undone, runs on, and goes on when that is acknowledged', async () => {
    const { configFile, folder: home, api } = first()
    const acknowledge = (...more: string[]) => warm.run('acknowledge', 'reorg', '--config', configFile, ...more)
    const health = async () => {
      const answer = await fetch(`${api}/healthz`)
      const { stopped, checks } = (await answer.json()) as Health
      return { status: answer.status, stopped: stopped.prices, reorg: checks.find(({ name }) => name === REORG) }
    }
    const start = async () => {
      const running = launch('run', '--config', configFile)
      await eventually(() => running.text().includes('"lariat runs"'), `does not start: ${running.text()}`, 30_000)
      return running
    }
    const stop = async (running: Running) => {
      running.child.kill('SIGTERM')
      const ended = await running.ended
      assert.equal(ended.code, 0, told(ended))
    }
    const rpc = (method: string, ...params: unknown[]) => client.request({ method, params } as never)
    const none = await acknowledge()
    assert.equal(none.code, 0, told(none))
    assert.match(none.stdout, /no reorg of a final block/)

    // empty blocks: those in which the operator joined stay
    await rpc('anvil_mine', '0xa')
    let running = await start()
    try {
      assert.equal((await health()).reorg?.status, 'pass')
      // two blocks are not final: the other four were
      await rpc('anvil_reorg', 6, [])
      await eventually(async () => (await health()).reorg?.status === 'fail', 'the reorg is not noticed', 30_000)
      const ill = await health()
      assert.equal(ill.status, 503)
      assert.match(ill.reorg?.problem ?? '', /block \d+ was final as 0x.*in its place.*lariat acknowledge reorg/)
      assert.equal(ill.reorg?.stopsSigning, true)
      assert.match(ill.stopped ?? '', /./)
      await eventually(async () => {
        const metrics = await (await fetch(`${api}/metrics`)).text()
        return (
          metrics.includes('lariat_chain_final_block_undone{chain="stake"} 1') &&
          metrics.includes('lariat_self_check_status{check="reorg",service="prices",chain=""} 2')
        )
      }, 'no metric tells of it')
      assert.match(running.text(), /"level":"error".*nothing is signed any more.*block \d+ was final/)
      // the rest goes on along the new chain
      await rpc('anvil_mine', '0x3')
      await eventually(
        async () => {
          const { chain } = (await (await fetch(`${api}/v1/status`)).json()) as { chain: { head: { hash: string } } }
          // the node itself may make blocks: it builds epochs
          const newest = await client.getBlock()
          return chain.head.hash === newest.hash
        },
        'the node does not follow the chain',
        30_000,
      )

      const examined = await warm.run('doctor', '--config', configFile)
      assert.match(examined.stdout, / {2}fail {2}block \d+ was final as 0x.*lariat acknowledge reorg/)
      const shown = await acknowledge()
      assert.match(JSON.parse((await acknowledge('--json')).stdout).undone.instead, /^0x/)
      assert.equal(shown.code, 1, told(shown))
      assert.match(shown.stdout, /was final as .* and they have that still\n.*they agree is final: \d+/)
      const refused = await acknowledge('--yes')
      assert.equal(refused.code, 3, told(refused))
      assert.match(told(refused), /is in use by another lariat process/)
      await stop(running)

      running = await start()
      assert.equal((await health()).reorg?.status, 'fail', 'a restart does not mend it')
      await stop(running)
      const done = await acknowledge('--yes')
      assert.equal(done.code, 0, told(done))
      assert.match(done.stdout, /acknowledged: start the node/)
      const kept = (await readdir(join(home, 'data'))).filter((name) => name.startsWith('finality.json.'))
      assert.equal(kept.length, 1)
      running = await start()
      assert.equal((await health()).reorg?.status, 'pass')
      assert.match(await (await fetch(`${api}/metrics`)).text(), /lariat_chain_final_block_undone\{chain="stake"\} 0/)
    } finally {
      await stop(running)
    }
  })

  it('tells watchers that it starts, until it has seen its chain, and then how it is', async () => {
    const proxy = await startLyingRpc(anvil.rpcUrl)
    const apiFile = join(first().folder, 'data', 'api.json')
    const listens = () => existsSync(apiFile) && JSON.parse(readFileSync(apiFile, 'utf8')).pid === running.child.pid
    const released = Promise.withResolvers<void>()
    // from the moment on in which the node can be asked, its provider keeps it waiting
    proxy.lie = async ({ method, params, forward }) => {
      if (listens()) await released.promise
      return forward(method, params)
    }
    const configFile = await edited('slow.yaml', (text) => text.replace(anvil.rpcUrl, proxy.url))
    const running = launch('run', '--config', configFile)
    const get = (path: string) => fetch(`${first().api}/eigen/node/${path}`)
    const seen = async () => [
      (await get('health')).status,
      (await get('services/prices/health')).status,
      ((await (await get('services')).json()) as { services: { status: string }[] }).services.map(
        ({ status }) => status,
      ),
    ]
    try {
      await eventually(listens, `does not listen: ${running.text()}`, 30_000)
      assert.deepEqual(await seen(), [206, 206, ['Initializing']])
      assert.doesNotMatch(running.text(), /"lariat runs"/)
      released.resolve()
      await eventually(() => running.text().includes('"lariat runs"'), `does not start: ${running.text()}`, 30_000)
      // its only service signs nothing: no epoch counts the operator
      assert.deepEqual(await seen(), [503, 503, ['Down']])
    } finally {
      released.resolve()
      running.child.kill('SIGTERM')
      await running.ended
      await proxy.close()
    }
  })

  it('stops at once when it is told to while it starts', async () => {
    const running = launch('run', '--config', first().configFile)
    await eventually(() => running.text().includes('"lariat starts"'), `does not start: ${running.text()}`, 30_000)
    running.child.kill('SIGTERM')
    const ended = await running.ended
    assert.equal(ended.code, 0, told(ended))
  })

  it('ends with a code that says whether starting again helps', async () => {
    const cases: readonly (readonly [name: string, code: number, message: RegExp, edit: (text: string) => string])[] = [
      ['other chain id', 2, /chain\.id is 1, and/, (text) => text.replace('id: 31337', 'id: 1')],
      [
        'other account',
        4,
        /not of operator\.address/,
        (text) => text.replace(/address: \S+/, `address: "0x${'11'.repeat(20)}"`),
      ],
      ['no chain there', 1, /chain did not start/, (text) => text.replace(anvil.rpcUrl, 'http://127.0.0.1:9')],
      ['unknown key', 2, /node\.yaml.*colour.*unknown key|colour .*unknown key/, (text) => `${text}colour: red\n`],
    ]
    for (const [name, expected, message, edit] of cases) {
      const ended = await lariat('run', '--config', await edited('case.yaml', edit))
      assert.equal(ended.code, expected, `${name}: ${told(ended)}`)
      assert.match(told(ended), message, name)
    }
    const password = join(first().folder, 'keys', 'password.txt')
    const right = await readFile(password, 'utf8')
    await writeFile(password, 'wrong\n')
    try {
      const ended = await lariat('run', '--config', first().configFile)
      assert.equal(ended.code, 4, told(ended))
      assert.match(told(ended), /does not open it/)
    } finally {
      await writeFile(password, right)
    }
  })

  it('shows no secret in anything it prints', async () => {
    const password = (await readFile(join(first().folder, 'keys', 'password.txt'), 'utf8')).trim()
    const bls = Buffer.from(first().bls.reveal()).toString('hex')
    const debugging = await edited('debug.yaml', (text) => text.replace('level: info', 'level: debug'))
    const running = launch('run', '--config', debugging)
    await eventually(() => running.text().includes('"lariat runs"'), `does not start: ${running.text()}`, 30_000)
    running.child.kill('SIGINT')
    const out = told(await running.ended)
    assert.ok(!out.includes(password) && !out.includes(bls))
  })
})
