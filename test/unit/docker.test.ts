import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import { Exit } from '../../src/node/exit.ts'
import { STOP_TIMEOUT_MS } from '../../src/node/lifecycle.ts'

const ROOT = join(import.meta.dirname, '../..')
const DOCKER = join(ROOT, 'docker')
const read = (...path: string[]) => readFileSync(join(DOCKER, ...path), 'utf8')

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      build: z.object({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
      read_only: z.literal(true),
      cap_drop: z.tuple([z.literal('ALL')]),
      cap_add: z.undefined().optional(),
      privileged: z.undefined().optional(),
      user: z.undefined().optional(),
      security_opt: z.tuple([z.literal('no-new-privileges:true')]),
      restart: z.string(),
      logging: z.object({ options: z.object({ 'max-size': z.string(), 'max-file': z.string() }) }),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
      deploy: z.object({
        resources: z.object({
          limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.number() }),
        }),
      }),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
})
const compose = (...path: string[]) => composeSchema.parse(parse(read(...path), { merge: true }))
/** Where a port is published that others shall reach. */
const PUBLIC = ['9510']
/** Images that are built from docker/Dockerfile. */
const OWN = ['lariat-node', 'lariat-devnet']

for (const path of [['compose.yaml'], ['operator', 'compose.yaml']]) {
  describe(`docker/${path.join('/')}`, () => {
    const { services, volumes } = compose(...path)
    const each = Object.entries(services)

    it('publishes on the loopback address, but for what operators are dialled at', () => {
      const ports = each.flatMap(([, service]) => service.ports)
      assert.ok(ports.length > 0)
      for (const port of ports)
        assert.ok(port.startsWith('127.0.0.1:') || PUBLIC.includes(port.split(':').at(-1) ?? ''), port)
    })

    it('checks the health of every service that stays, by itself or by its image', () => {
      for (const [name, { image, restart, healthcheck }] of each) {
        const own = healthcheck?.test !== undefined || (healthcheck === undefined && image === 'lariat-node')
        assert.ok(own || restart === 'no', name)
      }
    })

    it('keeps what it writes in volumes that it names', () => {
      for (const [name, service] of each) {
        for (const volume of service.volumes) {
          const [source = ''] = volume.split(':')
          assert.ok(source.startsWith('./') ? volume.endsWith(':ro') || source === './keys' : source in volumes, name)
        }
      }
    })

    it('builds each image of its own once, and names versions of all others', () => {
      for (const [name, { image, build }] of each) {
        if (OWN.includes(image)) assert.ok(build === undefined || `lariat-${build.target}` === image, name)
        else assert.match(image, /^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/, name)
      }
      const used = new Set(each.map(([, { image }]) => image).filter((image) => OWN.includes(image)))
      const built = each.flatMap(([, { image, build }]) => (build === undefined ? [] : [image]))
      assert.deepEqual(built.sort(), [...used].sort())
    })
  })
}

describe('docker/Dockerfile', () => {
  const lines = read('Dockerfile').split('\n')

  it('is of this version, from one base image by its tag, and for an engine of 20.10', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    assert.ok(lines.includes(`ARG VERSION=${version}`))
    const bases = lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? [])
    const stages = lines.flatMap((line) => /^FROM \S+ AS (\S+)/.exec(line)?.[1] ?? [])
    assert.deepEqual([...new Set(bases.filter((base) => !stages.includes(base)))], ['node:24-bookworm-slim'])
    for (const line of lines) assert.doesNotMatch(line, /^#\s*syntax|--link|<</)
  })

  it('ends every image as a user that is not root', () => {
    for (const target of ['node', 'devnet']) {
      const from = lines.findIndex((line) => line.endsWith(` AS ${target}`))
      const next = lines.findIndex((line, i) => i > from && line.startsWith('FROM '))
      const users = lines.slice(from, next < 0 ? undefined : next).filter((line) => line.startsWith('USER '))
      assert.equal(users.at(-1), 'USER 1000:1000', target)
    }
  })

  it('copies nothing that .dockerignore keeps out', () => {
    const kept = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
    const copied = lines.flatMap((line) => /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(' ') ?? [])
    assert.ok(copied.length > 5)
    for (const path of copied) {
      assert.ok(existsSync(join(ROOT, path)), path)
      assert.ok(
        kept.some((entry) => path === entry || path.startsWith(`${entry}/`)),
        path,
      )
    }
  })
})

describe('what is mounted into the containers', () => {
  it('is there', () => {
    const files = ['prometheus/prometheus.yml', 'alertmanager/alertmanager.yml']
    for (const file of files) assert.ok(typeof parse(read(file)) === 'object', file)
    for (const folder of ['datasources', 'dashboards']) {
      const names = readdirSync(join(DOCKER, 'grafana', 'provisioning', folder))
      assert.ok(names.length > 0 && names.every((name) => name.endsWith('.yml')), folder)
      for (const name of names) assert.equal(parse(read('grafana', 'provisioning', folder, name)).apiVersion, 1)
    }
  })
})

describe('docker/systemd/lariat.service', () => {
  const unit = new Map(
    read('systemd', 'lariat.service')
      .split('\n')
      .flatMap((line) => {
        const [, key, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? []
        return key === undefined ? [] : [[key, value] as const]
      }),
  )

  it('does not start a node again that a person has to decide about', () => {
    const codes = (unit.get('RestartPreventExitStatus') ?? '').split(' ').map(Number)
    assert.deepEqual(codes, [Exit.usage, Exit.locked, Exit.identity, Exit.guard])
  })

  it('gives a node time to drain, and nothing that it does not need', () => {
    assert.ok(Number.parseInt(unit.get('TimeoutStopSec') ?? '', 10) * 1_000 > 2 * STOP_TIMEOUT_MS)
    const wanted = {
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      CapabilityBoundingSet: '',
      StateDirectory: 'lariat',
    }
    for (const [key, value] of Object.entries(wanted)) assert.equal(unit.get(key), value, key)
  })
})
