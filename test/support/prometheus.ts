import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SCALED_LABEL, scaleRules } from '../../scripts/lib/scaledRules.ts'
import { eventually } from './eventually.ts'

export const RULES = fileURLToPath(new URL('../../docker/prometheus/rules/', import.meta.url))
const STARTS_MS = 30_000

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  /** Prometheus' text of it: it may be NaN. */
  readonly value: readonly [number, string]
}
export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}
export interface RuleState {
  readonly name: string
  readonly health: string
  readonly lastError?: string
}

/** A Prometheus that scrapes nodes every two seconds, with the project's rules and the same ones scaled. */
export interface TestPrometheus {
  query(expr: string): Promise<readonly Sample[]>
  /** Values of a label of a metric, as a dashboard's variable asks for them. */
  labelValues(metric: string, label: string): Promise<readonly string[]>
  /** Active alerts of the scaled rules. */
  alerts(): Promise<readonly Alert[]>
  rules(): Promise<readonly RuleState[]>
  /** Scrapes these from now on, `host:port` each. */
  scrape(targets: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** @param factor by which windows and `for` of the rules are divided in their copies */
export async function startPrometheus(folder: string, factor: number): Promise<TestPrometheus> {
  await mkdir(join(folder, 'rules'), { recursive: true })
  for (const name of await readdir(RULES)) {
    const text = await readFile(join(RULES, name), 'utf8')
    await writeFile(join(folder, 'rules', name), text)
    await writeFile(join(folder, 'rules', `scaled-${name}`), scaleRules(text, factor))
  }
  const targetsFile = join(folder, 'targets.json')
  const scrape = async (targets: readonly string[]) => {
    // at once, or a half-written file would be read
    await writeFile(`${targetsFile}.new`, JSON.stringify([{ targets }]))
    await rename(`${targetsFile}.new`, targetsFile)
  }
  await scrape([])
  await writeFile(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules', '*.yml')],
      scrape_configs: [{ job_name: 'lariat', file_sd_configs: [{ files: [targetsFile], refresh_interval: '1s' }] }],
    }),
  )
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-20_000)
  })
  const ended = once(child, 'close')
  let url = ''
  await eventually(
    () => {
      assert.equal(child.exitCode, null, `prometheus ended: ${log}`)
      url ||= /"Listening on" address=(\S+)/.exec(log)?.[1] ?? ''
      return url !== '' && log.includes('Server is ready')
    },
    'prometheus does not start',
    STARTS_MS,
  )

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`http://${url}/api/v1/${path}`)
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: T }
    assert.equal(status, 'success', `${path}: ${error}`)
    return data
  }
  return {
    scrape,
    async query(expr) {
      const { result, resultType } = await ask<{ result: readonly Sample[]; resultType: string }>(
        `query?query=${encodeURIComponent(expr)}`,
      )
      assert.equal(resultType, 'vector', expr)
      return result
    },
    labelValues: (metric, label) => ask(`label/${label}/values?match[]=${encodeURIComponent(metric)}`),
    async alerts() {
      const { alerts } = await ask<{ alerts: readonly Alert[] }>('alerts')
      return alerts.filter(({ labels }) => labels[SCALED_LABEL] !== undefined)
    },
    async rules() {
      const { groups } = await ask<{ groups: readonly { rules: readonly RuleState[] }[] }>('rules')
      return groups.flatMap(({ rules }) => rules)
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
