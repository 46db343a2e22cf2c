import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { acknowledgeSlashes } from '../../src/node/acknowledge.ts'
import { files } from '../../src/node/files.ts'
import { makeGuard } from '../../src/node/guard/open.ts'
import { startTestnet, type Testnet } from '../../src/testnet/launcher.ts'
import type { TestnetNode } from '../../src/testnet/nodes.ts'
import { syntheticSeries } from '../../src/testnet/venues/synthetic.ts'
import { BUNDLE, DIST, needBundle } from '../support/bundle.ts'
import { launch, type Running } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { startPrometheus, type TestPrometheus } from '../support/prometheus.ts'

/** A minute of a rule's windows and `for` is a second here. */
const FACTOR = 60
/** Until all panels have data, ms: every query has seen a few scrapes, and every kind of event has happened. */
const PANELS_MS = 90_000
/** Until an alert fires or ends, ms; the slowest wait for a feed to grow stale, or a bridge to be stuck. */
const TURN_MS = 120_000
/** Until the other instance has started, ms. */
const TWIN_MS = 30_000
/** How long nodes are held up in each slot of two seconds, and how long they run, ms. */
const HELD_MS = 1_750
const FREE_MS = 250
/** Seconds from slot to slot of the price service. */
const INTERVAL = 2

const DASHBOARDS = fileURLToPath(new URL('../../docker/grafana/dashboards/', import.meta.url))

interface Board {
  readonly title: string
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] }
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[]
}

describe('dashboards and alerts, with a real Prometheus over a real testnet', function () {
  this.timeout(600_000)
  const ending = new AbortController()
  const cleanUps: (() => Promise<unknown>)[] = []
  let parent: string
  let testnet: Testnet
  let prometheus: TestPrometheus

  const node = (index: number): TestnetNode => testnet.nodes[index] ?? assert.fail(`no node ${index}`)
  const addressOf = ({ operator }: TestnetNode) => new URL(operator.api).host

  const matches = (labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>) =>
    Object.entries(wanted).every(([name, value]) => labels[name] === value)
  const describeAlerts = async () =>
    (await prometheus.alerts()).map(({ state, labels }) => `${state} ${JSON.stringify(labels)}`).join('\n')

  async function fires(alertname: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const from = performance.now()
    await eventually(
      async () =>
        (await prometheus.alerts()).some(
          (alert) => alert.state === 'firing' && matches(alert.labels, { alertname, ...labels }),
        ),
      `${alertname} does not fire`,
      TURN_MS,
    ).catch(async (error: Error) => assert.fail(`${error.message}; active are:\n${await describeAlerts()}`))
    tell(`${alertname} fired`, from)
  }

  async function ends(alertname: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const from = performance.now()
    await eventually(
      async () => !(await prometheus.alerts()).some((alert) => matches(alert.labels, { alertname, ...labels })),
      `${alertname} does not end`,
      TURN_MS,
    ).catch(async (error: Error) => assert.fail(`${error.message}; active are:\n${await describeAlerts()}`))
    tell(`${alertname} ended`, from)
  }

  const tell = (what: string, from: number) =>
    process.stdout.write(`      ${what} after ${((performance.now() - from) / 1_000).toFixed(1)} s\n`)

  before(async () => {
    needBundle()
    parent = await mkdtemp(join(tmpdir(), 'lariat-alerts-'))
    prometheus = await startPrometheus(join(parent, 'prometheus'), FACTOR)
    cleanUps.push(() => prometheus.stop())
    const from = performance.now()
    testnet = await startTestnet({
      lariat: { file: process.execPath, args: [BUNDLE] },
      artifacts: join(DIST, 'artifacts'),
      operators: 4,
      remoteSigners: 1,
      series: syntheticSeries({ seed: 7 }),
      speed: 10,
      interval: INTERVAL,
      beacon: { period: 3 },
      bridge: true,
      slash: 10n ** 17n,
      depeg: [{ symbol: 'stETH', fraction: 0.05 }],
      folder: join(parent, 'net'),
      signal: ending.signal,
    })
    cleanUps.push(() => testnet.stop())
    tell('the testnet was ready', from)
    await prometheus.scrape(testnet.nodes.map(addressOf))
  })
  after(async function () {
    ending.abort()
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
    const failed = this.test?.parent?.tests.some(({ state }) => state !== 'passed')
    if (failed) process.stderr.write(`logs are in ${parent}\n`)
    else await rm(parent, { recursive: true, force: true })
  })

  it('every rule can be evaluated', async () => {
    await eventually(
      async () => (await prometheus.rules()).every(({ health }) => health !== 'unknown'),
      'some rule was not evaluated',
    )
    const rules = await prometheus.rules()
    assert.ok(rules.length >= 80, `${rules.length} rules`)
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    )
  })

  it('every panel of every dashboard has data, and every variable values', async () => {
    const from = performance.now()
    const open: { readonly where: string; readonly expr: string }[] = []
    for (const name of await readdir(DASHBOARDS)) {
      const board = JSON.parse(await readFile(join(DASHBOARDS, name), 'utf8')) as Board
      for (const { title, targets = [] } of board.panels) {
        for (const { expr } of targets) open.push({ where: `${name}: ${title}`, expr: filledIn(expr) })
      }
      for (const { query } of board.templating.list.slice(1)) {
        const [, metric = '', label = ''] = /\((\w+), (\w+)\)/.exec((query as { query: string }).query) ?? []
        await eventually(
          async () => (await prometheus.labelValues(metric, label)).length > 0,
          `${name}: there is no ${label} of ${metric}`,
        )
      }
    }
    const all = open.length
    assert.ok(all > 120, `only ${all} queries`)
    await eventually(
      async () => {
        const still = []
        for (const each of open) if (!(await hasData(each.expr))) still.push(each)
        open.splice(0, open.length, ...still)
        return open.length === 0
      },
      'some panels have no data',
      PANELS_MS,
    ).catch((error: Error) =>
      assert.fail(`${error.message}:\n${open.map(({ where, expr }) => `${where}: ${expr}`).join('\n')}`),
    )
    tell(`${all} queries had data`, from)
  })

  async function hasData(expr: string): Promise<boolean> {
    const samples = await prometheus.query(expr)
    return samples.some(({ value: [, text] }) => !Number.isNaN(Number(text)))
  }

  it('slashed, until it is acknowledged; and an LST that lost its peg', async () => {
    const slashed = { instance: addressOf(node(0)) }
    await fires('LariatSlashed', slashed)
    const token = testnet.summary.lrt?.lsts.find(({ symbol }) => symbol === 'stETH')?.token ?? ''
    await fires('LariatLrtDepeg', { token })
    const { done, slashes } = await acknowledgeSlashes(node(0).operator.configFile, true)
    assert.ok(done && slashes.length === 1, slashes.join('\n'))
    await ends('LariatSlashed', slashed)
  })

  it('an account without gas, until it has some', async () => {
    const { address } = node(1).operator.account
    const poor = { instance: addressOf(node(1)) }
    const before = await rpc('eth_getBalance', address, 'latest')
    await rpc('anvil_setBalance', address, '0x0')
    await fires('LariatGasEmpty', poor)
    await rpc('anvil_setBalance', address, before)
    await ends('LariatGasEmpty', poor)
  })

  it('a second self, until it is found and stopped', async () => {
    const twin = await startTwin(node(2))
    try {
      let instance = ''
      await eventually(
        async () => {
          instance = new URL(JSON.parse(await readFile(twin.apiFile, 'utf8').catch(() => '{"url":"a:b"}')).url).host
          return instance !== ''
        },
        'the twin has no API',
        TWIN_MS,
      ).catch((error: Error) => assert.fail(`${error.message}: ${twin.running.text()}`))
      await prometheus.scrape([...testnet.nodes.map(addressOf), instance])
      await fires('LariatSecondSelf', { instance })
      await fires('LariatSigningStopped', { instance })
      // stopped, and looked for no more: the operator has found it and taken it away
      twin.running.child.kill('SIGKILL')
      await prometheus.scrape(testnet.nodes.map(addressOf))
      await ends('LariatSecondSelf', { instance })
    } finally {
      twin.running.child.kill('SIGKILL')
      await twin.running.ended
    }
  })

  /** Another instance of a node’s operator, with a record of its own, that listens before it signs. */
  async function startTwin({ operator }: TestnetNode): Promise<{ running: Running; apiFile: string }> {
    const twinData = join(operator.folder, 'twin')
    await mkdir(twinData)
    await copyFile(files(join(operator.folder, 'data')).p2pKey, files(twinData).p2pKey)
    makeGuard(files(twinData).guard)
    const config = parse(await readFile(operator.configFile, 'utf8'))
    const file = join(operator.folder, 'twin.yaml')
    const edited = {
      ...{ ...config, dataDir: './twin', secondSelf: { silentSlots: 20 } },
      ...{ p2p: { ...config.p2p, listen: ['/ip4/127.0.0.1/tcp/0'] }, api: { host: '127.0.0.1', port: 0 } },
    }
    await writeFile(file, stringify(edited), { mode: 0o600 })
    const running = launch('run', '--config', file)
    return { running, apiFile: files(twinData).api }
  }

  it('two operators of four down: prices, rounds and messages stop, until they are back', async () => {
    const down = [node(0), node(1)]
    const instance = addressOf(node(3))
    const turns = async (turn: typeof fires) =>
      Promise.all([
        turn('LariatOperatorDown', { instance: addressOf(node(0)) }),
        turn('LariatMissedSlots', { instance, service: 'prices' }),
        turn('LariatStaleFeed', { feed: 'BTC/USD' }),
        turn('LariatBeaconLate', { instance }),
        turn('LariatBridgeStuck', { instance }),
      ])
    await turns(ends)
    await Promise.all(down.map((each) => each.kill('SIGKILL')))
    await turns(fires)
    await Promise.all(down.map((each) => each.restart()))
    await turns(ends)
  })

  it('certificates that take long, until they are quick again', async () => {
    const slow = [node(2), node(3)]
    const instance = addressOf(node(0))
    await ends('LariatCertificateLatency', { instance, service: 'prices' })
    let isSlow = true
    const holding = holdUp(slow, () => isSlow)
    try {
      await fires('LariatCertificateLatency', { instance, service: 'prices' })
    } finally {
      isSlow = false
      await holding
    }
    await ends('LariatCertificateLatency', { instance, service: 'prices' })
  })

  /** Lets processes run only for a part of each slot, as a machine does that has no time for them. */
  async function holdUp(nodes: readonly TestnetNode[], goOn: () => boolean): Promise<void> {
    const pids = await Promise.all(
      nodes.map(async ({ operator }) => {
        const address = await readFile(files(join(operator.folder, 'data')).api, 'utf8')
        return (JSON.parse(address) as { pid: number }).pid
      }),
    )
    const signal = (which: NodeJS.Signals) => pids.map((pid) => process.kill(pid, which))
    while (goOn()) {
      signal('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, HELD_MS))
      signal('SIGCONT')
      await new Promise((resolve) => setTimeout(resolve, FREE_MS))
    }
  }

  async function rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const response = await fetch(testnet.summary.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } }
    assert.equal(error, undefined, error?.message)
    return result
  }
})

/** A query as Grafana sends it when everything is chosen. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '10s').replaceAll(/\$\w+/g, '.*')
}
