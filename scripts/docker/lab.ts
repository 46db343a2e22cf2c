import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../lib/forge.ts'
import { freshShell } from '../lib/freshShell.ts'

/** What builds and runs containers on a machine that has no Docker engine and no registry. */
const LAB = join(ROOT, '..', 'shared', 'tools', 'docker-lab')
const COMPOSE = join(ROOT, 'docker', 'compose.yaml')
/** Characters of output that are kept. */
const MAX_OUTPUT = 64 * 1024 * 1024

/** @throws AssertionError when there is no docker-lab */
export function needLab(): void {
  assert.ok(
    existsSync(LAB),
    `there is no ${LAB}: this check runs where the project is developed. With a Docker engine, \`docker compose up\` in the folder docker builds and runs the same`,
  )
}

/** Runs docker-lab with this process's output. @throws AssertionError when it fails */
export function lab(...args: readonly string[]): void {
  const { status } = spawnSync(LAB, args, { stdio: 'inherit', env: freshShell() })
  assert.equal(status, 0, `docker-lab ${args.join(' ')} failed`)
}

/** On the network of docker/compose.yaml: `build`, `up`. */
export const labCompose = (command: string, ...args: readonly string[]): void => lab(command, COMPOSE, ...args)

/** Runs docker-lab and returns what it prints. @throws AssertionError when it fails */
export function labText(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(LAB, args, {
    encoding: 'utf8',
    env: freshShell(),
    maxBuffer: MAX_OUTPUT,
  })
  assert.equal(status, 0, `docker-lab ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return stdout.trim()
}

/** Of `docker`. */
export const docker = (...args: readonly string[]): string => labText('docker', ...args)

/** Of `docker compose` on docker/compose.yaml. */
export const compose = (...args: readonly string[]): string => labText('compose', COMPOSE, ...args)
