// npm run check:prometheus [-- rules]: promtool's checks of rules and metrics, and a real Prometheus over a real testnet: every panel of the
// dashboards has data, and several critical alerts fire on their causes and end with them. Wants root for apt-get where Prometheus is
// not there yet. With `rules` only what promtool says, in half a minute.
import { spawnSync } from 'node:child_process'

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

const isThere = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

if (!isThere('promtool') || !isThere('prometheus')) {
  run('apt-get', 'update', '-qq')
  // its service is not wanted here, and would take a port
  run(
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    'install',
    '-qq',
    '-y',
    '--no-install-recommends',
    'prometheus',
  )
}
run('mocha', 'test/prometheus/promtool.test.ts')
if (process.argv[2] !== 'rules') {
  run('npm', 'run', '--silent', 'build', '--', '--no-types')
  run('mocha', 'test/prometheus/alerts.test.ts')
}
