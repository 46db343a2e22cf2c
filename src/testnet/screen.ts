import { Listr, type ListrTask } from 'listr2'
import { formatDuration } from '../util/duration.ts'
import { describe } from '../util/errors.ts'
import type { Step, Testnet } from './launcher.ts'
import { LRT_SYMBOL } from './lrt.ts'
import type { figures } from './report.ts'
import type { Summary } from './summary.ts'
import { summaryLine, tableLines } from './table.ts'
import type { Series } from './venues/series.ts'

/** ms between pictures of the table, and between lines where there is no terminal. */
const FRAME_MS = 1_000
const LINE_MS = 10_000

/** What a person sees of a testnet: progress, then a live table on a terminal, plain lines otherwise. */
export interface Screen {
  step(step: Step, work: Promise<unknown>): void
  problem(what: string): void
  ready(testnet: Testnet): Promise<void>
  end(why: string): void
  /** @param more lines that are told at the end */
  report(report: ReturnType<typeof figures>, more: readonly string[]): void
  failed(error: unknown): Promise<void>
  stopped(folder: string | undefined): Promise<void>
}

/** @param steps that the set-up will take */
export function createScreen(out: NodeJS.WriteStream, series: Series, steps: readonly Step[]): Screen {
  const live = out.isTTY === true
  const say = (text: string) => void out.write(`${text}\n`)
  const progress = live ? listProgress(steps) : lineProgress(say)
  let timer: NodeJS.Timeout | undefined
  let drawn = 0

  function draw(testnet: Testnet): void {
    const lines = tableLines(testnet, Math.max(40, out.columns ?? 80))
    out.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ''}${lines.join('\n')}\n`)
    drawn = lines.length
  }

  say(`Markets of staked tokens are SYNTHETIC: their own rates with a little noise`)
  say(series.synthetic ? `Prices are SYNTHETIC: ${series.source}` : `Prices are recorded: ${series.source}`)
  return {
    step: progress.step,
    problem(what) {
      say(`note: ${what}`)
      drawn = 0
    },
    async ready(testnet) {
      await progress.done()
      say(`ready: ${testnet.nodes.length} operators, chain at ${testnet.summary.rpcUrl}, files in ${testnet.folder}`)
      for (const { name, api } of testnet.summary.nodes) say(`  ${name}: status page ${api}/, prices ${api}/v1/prices`)
      slashLines(testnet.summary).forEach(say)
      stakeLines(testnet.summary).forEach(say)
      rewardLines(testnet.summary).forEach(say)
      beaconLines(testnet.summary).forEach(say)
      bridgeLines(testnet.summary).forEach(say)
      timer = live ? setInterval(() => draw(testnet), FRAME_MS) : setInterval(() => say(summaryLine(testnet)), LINE_MS)
    },
    end(why) {
      clearInterval(timer)
      say(`ending: ${why}`)
    },
    report(report, more) {
      say(
        `${report.certificates} of ${report.rounds} rounds certified, ${report.missed.length} missed, ${report.onChainUpdates} updates on chain`,
      )
      const { certificateLatencyMs: latency } = report
      if (latency !== null) say(`certificate latency p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}`)
      for (const [name, feed] of Object.entries(report.feeds)) say(`  ${name}: ${feed.answer ?? 'no answer'}`)
      more.forEach(say)
    },
    async failed(error) {
      await progress.failed()
      clearInterval(timer)
      process.stderr.write(`lariat testnet: ${describe(error)}\n`)
    },
    async stopped(folder) {
      clearInterval(timer)
      await progress.failed()
      say(folder === undefined ? 'stopped' : `stopped; keys, data and logs are in ${folder}`)
    },
  }
}

/** What the slash did, if there was one. */
export function slashLines({ slash }: Pick<Summary, 'slash'>): string[] {
  if (slash === null) return []
  const { operator, wad, block, rateBefore, rateUnslashed, expected, rateAfter, asExpected } = slash
  const rows = [
    [`block ${block - 1}`, rateBefore],
    [`block ${block} without it`, rateUnslashed],
    [`block ${block} by formula`, expected],
    [`block ${block}`, `${rateAfter} (${asExpected ? 'exactly' : 'NOT'} what the formula says)`],
  ]
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return [
    `slashed ${operator} by ${Number(wad) / 1e16} % in block ${block}; the rate of ${LRT_SYMBOL}, in ETH:`,
    ...rows.map(([name = '', rate = '']) => `  ${name.padEnd(width)}  ${rate}`),
  ]
}

/** The way of a newcomer, to be typed in another terminal. */
function stakeLines({ staker }: Pick<Summary, 'staker'>): string[] {
  const command = (what: string) => `  node dist/lariat.js stake ${what} --config ${staker.config}`
  return [
    `from ETH to the LRT and back, in another terminal (${staker.address} has ether):`,
    command('deposit 10 --lst stETH'),
    command('restake all --lst stETH'),
    command('request-withdrawal all'),
    command('claim --wait 5m'),
    command('show'),
  ]
}

/** What an operator has earned, and who pays. */
function rewardLines({ nodes, rewards }: Pick<Summary, 'nodes' | 'rewards'>): string[] {
  const [node] = nodes
  if (node === undefined || rewards === null) return []
  return [
    `the price service pays its operators every twenty seconds; what ${node.name} has earned, in another terminal:`,
    `  node dist/lariat.js rewards show --config ${node.config}`,
  ]
}

/** The beacon's rounds, and where drand's clients find them. */
function beaconLines({ randomness }: Pick<Summary, 'randomness'>): string[] {
  const [api] = randomness?.drand ?? []
  if (api === undefined) return []
  return [
    `the operators generate a key now; then every node serves drand's API (${api}/chains), in a minute in another terminal:`,
    `  node dist/lariat.js randomness get --url ${api}`,
  ]
}

/** Where the bridge goes. */
function bridgeLines({ bridge, nodes }: Pick<Summary, 'bridge' | 'nodes'>): string[] {
  const [node] = nodes
  if (bridge === null || node === undefined) return []
  return [
    `the operators attest to messages between this chain and another at ${bridge.away.rpcUrl}, and deliver them`,
    `(${node.api}/v1/bridge/messages); what happened to one, in another terminal:`,
    `  node dist/lariat.js bridge trace ID --url ${node.api}`,
  ]
}

interface Progress {
  step(step: Step, work: Promise<unknown>): void
  /** Resolves when nothing is drawn any more. */
  done(): Promise<void>
  failed(): Promise<void>
}

/** A task for each step on a terminal; each waits for its step to begin and then to end. */
function listProgress(titles: readonly Step[]): Progress {
  const steps = new Map(titles.map((step) => [step, Promise.withResolvers<unknown>()]))
  const tasks = titles.map((step): ListrTask => ({ title: step, task: () => steps.get(step)?.promise }))
  // a failure is told by whoever started the testnet
  const all = new Listr(tasks, { exitOnError: true }).run().catch(() => {})
  for (const { promise } of steps.values()) promise.catch(() => {})
  return {
    step: (step, work) => {
      const pending = steps.get(step)
      work.then(pending?.resolve, pending?.reject)
    },
    done: () => all.then(() => {}),
    async failed() {
      for (const { reject } of steps.values()) reject(new Error('the testnet was stopped'))
      await all
    },
  }
}

function lineProgress(say: (text: string) => void): Progress {
  return {
    step(step, work) {
      const from = performance.now()
      work.then(
        () => say(`${step}: ${formatDuration(Math.round(performance.now() - from))}`),
        () => {},
      )
    },
    done: async () => {},
    failed: async () => {},
  }
}

const ms = (value: number) => `${value.toFixed(1)} ms`
