// npm run check:docker: builds the images of docker/Dockerfile, runs the testnet of docker/compose.yaml without Grafana, which Debian
// does not have, looks at what flows, kills and cuts off operators, and removes all of it again. Logs of a failure: build/docker/.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compose, docker, lab, labCompose, labText, needLab } from './docker/lab.ts'
import { ROOT } from './lib/forge.ts'

const OPERATORS = 4
const LOGS = join(ROOT, 'build', 'docker')
/** Bytes of the image `node`. */
const MAX_NODE = 280_000_000
/** From `up` until all services are healthy. */
const HEALTHY_MS = 60_000
/** Where the official images cannot be had: programs of Debian under their names, and what they need. */
const STAND_INS = {
  'prom/prometheus': ['deb:prometheus:/usr/bin/prometheus'],
  'prom/alertmanager': [
    'deb:prometheus-alertmanager:/usr/bin/prometheus-alertmanager',
    'deb:prometheus-alertmanager:/usr/share/prometheus/alertmanager',
  ],
} as const
/** Has no stand-in. */
const LEFT_OUT = 'grafana'

/** Runs and times a part of the check. */
function part<T>(name: string, work: () => T): T {
  const from = performance.now()
  process.stdout.write(`--- ${name}\n`)
  const result = work()
  process.stdout.write(`--- ${name} took ${((performance.now() - from) / 1_000).toFixed(1)} s\n`)
  return result
}

function makeStandIns(): void {
  const images = compose('config', '--images').split('\n')
  for (const [name, sources] of Object.entries(STAND_INS)) {
    const tag = images.find((image) => image.startsWith(`${name}:`)) ?? assert.fail(`compose.yaml has no ${name}`)
    lab('image', '-n', tag, ...sources)
  }
}

function checkSize(): void {
  const size = Number(docker('image', 'inspect', '--format', '{{.Size}}', 'lariat-node'))
  process.stdout.write(`the image node has ${(size / 1e6).toFixed(0)} MB\n`)
  assert.ok(size > 0 && size < MAX_NODE, `the image node has ${size} bytes, and may have ${MAX_NODE}`)
}

/** @returns ms until all were healthy */
function up(): number {
  const services = compose('config', '--services')
    .split('\n')
    .filter((service) => service !== LEFT_OUT)
  const from = performance.now()
  labCompose('up', ...services)
  return performance.now() - from
}

/** As far as there is anything to keep. */
function keepLogs(): void {
  rmSync(LOGS, { recursive: true, force: true })
  mkdirSync(LOGS, { recursive: true })
  const keep = (file: string, text: () => string) => {
    try {
      writeFileSync(join(LOGS, file), `${text()}\n`)
    } catch (error) {
      process.stderr.write(`${file}: ${error}\n`)
    }
  }
  keep('logs.txt', () => compose('logs', '--no-color', '--timestamps'))
  keep('containers.txt', () => compose('ps', '--all'))
  keep('inspected.json', () => docker('inspect', ...docker('ps', '--all', '--quiet').split('\n')))
  process.stderr.write(`logs are in ${LOGS}\n`)
}

needLab()
process.env.OPERATORS = String(OPERATORS)
let started = false
const end = () => {
  if (started) labText('down', '-v')
  started = false
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    end()
    process.exit(1)
  })
}
part('install', () => lab('install'))
part('build', () => labCompose('build'))
part('stand-ins', makeStandIns)
checkSize()
try {
  started = true
  const ms = part('up', up)
  const inside = join(import.meta.dirname, 'docker', 'inside.ts')
  part('checks', () => lab('exec', process.execPath, inside, 'lariat', String(OPERATORS)))
  assert.ok(ms < HEALTHY_MS, `healthy after ${(ms / 1_000).toFixed(1)} s, and not within ${HEALTHY_MS / 1_000} s`)
} catch (error) {
  keepLogs()
  throw error
} finally {
  part('down', end)
}
