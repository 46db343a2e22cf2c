// The part of npm run check:docs that wants a terminal and other shells: progress as somebody sees it, completion in zsh and fish. Wants root
// for apt-get where a shell is not there yet.
import { spawnSync } from 'node:child_process'

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

const missing = ['zsh', 'fish'].filter((shell) => spawnSync(shell, ['--version'], { stdio: 'ignore' }).status !== 0)
if (missing.length > 0) {
  run('apt-get', 'update', '-qq')
  run('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-qq', '-y', '--no-install-recommends', ...missing)
}
run('mocha', 'test/terminal/*.test.ts')
