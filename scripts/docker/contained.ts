import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { compose, docker } from './lab.ts'

const inspected = z.object({
  Name: z.string(),
  State: z.object({ Pid: z.int().positive() }),
  HostConfig: z.object({
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    CapAdd: z.array(z.string()).nullable(),
    CapDrop: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    Memory: z.int(),
    NanoCpus: z.int(),
    PidsLimit: z.int().nullable(),
    PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() })).nullable()).nullable(),
  }),
})

/** Sets of capabilities of a process that runs with none, and that can come by none. */
const CAPABILITIES = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']

/**
 * Every container that runs: as the engine has it, and as the kernel has its process. None is root, has a capability or can write to its
 * root file system; all have limits, and publish on the loopback address only.
 */
export function checkContained(): number {
  const ids = compose('ps', '--quiet').split('\n')
  for (const id of ids) {
    const [container] = z.array(inspected).parse(JSON.parse(docker('inspect', id)))
    assert.ok(container !== undefined)
    const { Name: name, State: state, HostConfig: host } = container
    const is = (ok: boolean, what: string) => assert.ok(ok, `${name}: ${what}`)
    is(host.ReadonlyRootfs, 'its root file system can be written')
    is(!host.Privileged, 'it is privileged')
    is((host.CapAdd ?? []).length === 0, `it has capabilities added: ${host.CapAdd}`)
    is((host.CapDrop ?? []).includes('ALL'), 'it does not drop all capabilities')
    is(
      (host.SecurityOpt ?? []).some((option) => option.startsWith('no-new-privileges')),
      'it may get new privileges',
    )
    is(host.Memory > 0 && host.NanoCpus > 0 && (host.PidsLimit ?? 0) > 0, 'it has not all limits')
    const bound = Object.values(host.PortBindings ?? {}).flatMap((bindings) => bindings ?? [])
    is(
      bound.every(({ HostIp }) => HostIp === '127.0.0.1'),
      `it publishes on ${bound.map(({ HostIp }) => HostIp)}`,
    )
    const status = statusOf(state.Pid)
    const field = (key: string) => status.get(key) ?? assert.fail(`${name}: the kernel tells no ${key}`)
    for (const key of ['Uid', 'Gid']) is(!field(key).split(/\s+/).includes('0'), `${key} is ${field(key)}`)
    for (const key of CAPABILITIES) is(/^0+$/.test(field(key)), `${key} is ${field(key)}`)
    is(field('NoNewPrivs') === '1', 'NoNewPrivs is not set')
  }
  return ids.length
}

/** `/proc/PID/status` */
function statusOf(pid: number): ReadonlyMap<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
}

/** Run in a container of the image `node`: what may not be there, and what must load. Prints `ok`. */
const IN_NODE = `
const assert = require('node:assert/strict')
const { existsSync, readdirSync, writeFileSync } = require('node:fs')
const home = '/opt/lariat'
for (const name of ['src', 'contracts', 'test', 'dist/artifacts', 'node_modules/@foundry-rs', 'node_modules/typescript']) {
  assert.ok(!existsSync(home + '/' + name), name + ' is in the image')
}
assert.ok(existsSync(home + '/dist/web/index.html'), 'the status page is missing')
const own = new Set(['better-sqlite3', '@chainsafe'])
assert.deepEqual(readdirSync(home + '/node_modules').filter((name) => !own.has(name)), [])
for (const file of ['/x', home + '/x', '/etc/x']) assert.throws(() => writeFileSync(file, ''), { code: 'EROFS' })
const { createRequire } = require('node:module')
const at = createRequire(home + '/dist/lariat.js')
const Database = at('better-sqlite3')
assert.equal(new Database(':memory:').prepare('select 6 * 7 as it').get().it, 42)
const blst = at('@chainsafe/blst')
const key = blst.SecretKey.fromKeygen(new Uint8Array(32).fill(7))
const message = new Uint8Array(32)
assert.ok(blst.verify(message, key.toPublicKey(), key.sign(message)))
console.log('ok')
`

/** The image `node` holds no more than it needs, and its native modules load, in a container that runs. */
export function checkNodeImage(container: string): void {
  assert.equal(docker('exec', container, 'node', '--eval', IN_NODE), 'ok')
  assert.match(docker('exec', container, 'lariat', '--version'), /^\d+\.\d+\.\d+$/)
}
