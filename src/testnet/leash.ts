import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Lets `child` not outlive this process, however this one ends: a shell reads from a pipe that only we hold, and when the
 * kernel closes our end, even after SIGKILL, it kills the child. The shell is in a process group of its own, so that
 * Ctrl-C does not end it first. When the child ends by itself, the shell goes too, before its number can be reused.
 */
export function leash(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null) return
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -KILL "$1"', 'leash', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // A machine without a shell has no leash; the child still ends when it is told to.
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  const release = () => shell.kill('SIGKILL')
  if (child.exitCode !== null || child.signalCode !== null) release()
  else child.once('exit', release)
}
