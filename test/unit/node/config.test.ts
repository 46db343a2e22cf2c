import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { address, defineService, identical } from '../../../src/avs/api.ts'
import { loadConfig, type Plugins } from '../../../src/node/config/load.ts'
import { PLUGINS } from '../../../src/node/plugins.ts'
import { LariatError } from '../../../src/util/errors.ts'

const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const square = defineService({
  name: 'square',
  configSchema: z.strictObject({
    contract: address(),
    every: z
      .string()
      .regex(/^\d+s$/)
      .default('2s')
      .meta({ description: 'How often', examples: ['2s'] }),
  }),
  triggers: () => [],
  agreement: identical(),
  observe: async () => 1n,
  payload: () => `0x${'00'.repeat(32)}`,
})
/** Signs checkpoints where it says so. */
const signing = defineService({
  ...square,
  name: 'signing',
  configSchema: z.strictObject({ contract: address(), storage: z.boolean().default(false) }),
  checkpoints: ({ storage }) => storage,
})
const plugins: Plugins = { square: async () => square, signing: async () => signing }

const VALID = `dataDir: ./data
chain:
  id: 31337
  rpc:
    - url: http://127.0.0.1:8545
  deployment: deployment.json
  singleProvider: true
operator:
  address: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
keys:
  bls: {keystore: bls.json, passwordFile: password}
  ecdsa: {keystore: ecdsa.json, passwordFile: password}
services:
  - use: square
    contract: ${CONTRACT}
`

for (const example of ['config/example.yaml', 'docker/operator/config/node.yaml']) {
  describe(example, () => {
    it('is right but for the files that it names', async () => {
      const file = fileURLToPath(new URL(`../../../${example}`, import.meta.url))
      await assert.rejects(loadConfig(file, PLUGINS), (error: LariatError) => {
        assert.equal(error.code, 'config.invalid')
        for (const problem of error.details.problems as string[]) assert.match(problem, /cannot be read/)
        return true
      })
    })
  })
}

describe('node configuration', () => {
  let folder: string
  const load = async (text: string) => {
    const file = join(folder, 'node.yaml')
    await writeFile(file, text)
    return loadConfig(file, plugins)
  }
  const problems = async (text: string): Promise<string[]> => {
    const error = await load(text).then(
      () => assert.fail('the configuration was accepted'),
      (e: unknown) => e,
    )
    assert.ok(error instanceof LariatError)
    assert.equal(error.code, 'config.invalid')
    const list = error.details.problems as string[]
    assert.equal(error.message, list.join('\n'))
    const prefix = `${join(folder, 'node.yaml')}:`
    return list.map((line) => {
      assert.ok(line.startsWith(prefix), line)
      return line.slice(prefix.length).trim()
    })
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-config-'))
    for (const name of ['deployment.json', 'bls.json', 'ecdsa.json', 'password'])
      await writeFile(join(folder, name), '')
  })
  after(() => rm(folder, { recursive: true }))

  it('fills in defaults and resolves paths against the file', async () => {
    const config = await load(VALID)
    assert.equal(config.dataDir, join(folder, 'data'))
    assert.equal(config.keys.bls?.keystore, join(folder, 'bls.json'))
    assert.deepEqual(config.api, { host: '127.0.0.1', hosts: [], port: 9520 })
    assert.deepEqual(config.log, { level: 'info', format: 'json' })
    assert.equal(config.p2p.loopback, false)
    assert.deepEqual(config.services[0]?.config, { contract: CONTRACT, every: '2s' })
  })

  it('takes an address without quotes for an address, not for a number', async () => {
    const config = await load(VALID)
    assert.equal(config.operator.address, '0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
  })

  it('names an unknown key, where it stands and the key that was meant', async () => {
    const [line, ...rest] = await problems(VALID.replace('chain:\n  id', 'api:\n  prot: 1\nchain:\n  id'))
    assert.equal(line, 'api.prot (3:3): unknown key — did you mean port?')
    assert.deepEqual(rest, [])
  })

  it('lists the known keys when none is near', async () => {
    assert.deepEqual(await problems(VALID.replace('chain:\n  id', 'log: {colour: red}\nchain:\n  id')), [
      'log.colour (2:7): unknown key — remove it; the keys here are level, format',
    ])
  })

  it('names a missing key, the parent that lacks it and an example', async () => {
    const [line] = await problems(VALID.replace('  id: 31337\n', ''))
    assert.match(line ?? '', /^chain\.id \(2:1\): missing — add id: 1 \(Chain id/)
  })

  it('names a wrong type', async () => {
    const [line] = await problems(VALID.replace('id: 31337', 'id: mainnet'))
    assert.match(line ?? '', /^chain\.id \(3:7\): expected number, received string — write for example id: 1/)
  })

  it('lists every problem at once, those of plug-ins too', async () => {
    const text = VALID.replace('dataDir: ./data\n', '').replace(CONTRACT, `${CONTRACT}\n    every: two\n    extra: 1`)
    const lines = await problems(text)
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['dataDir', 'services[0].every', 'services[0].extra'],
    )
  })

  it('tells a hundred problems at most, each briefly, and how many more there are', async () => {
    const extra = Array.from({ length: 150 }, (_, i) => `extra${i}: 1\n`).join('')
    const lines = await problems(`${VALID}${'k'.repeat(1_000)}: 1\n${extra}`)
    assert.equal(lines.length, 101)
    assert.ok(lines.every((line) => line.length < 1_100))
    assert.match(lines.at(-1) ?? '', /and 51 more — correct these first/)
  })

  it('refuses a wrong checksum', async () => {
    const [line] = await problems(VALID.replace('0x7099', '0x7099').replace('70997970C51812dc', '70997970c51812dC'))
    assert.match(line ?? '', /^operator\.address \(9:12\): .*checksum/)
  })

  it('refuses a single provider unless it is allowed', async () => {
    const [line] = await problems(VALID.replace('  singleProvider: true\n', ''))
    assert.match(line ?? '', /^chain\.rpc \(4:3\): a single provider .* — add a second one/)
  })

  it('refuses the same provider twice', async () => {
    const [line] = await problems(VALID.replace('8545\n', '8545\n    - url: http://127.0.0.1:8545/\n'))
    assert.match(line ?? '', /^chain\.rpc .*twice/)
  })

  it('refuses an unknown service and one that is there twice', async () => {
    const section = `  - use: square\n    contract: ${CONTRACT}\n`
    assert.deepEqual(await problems(VALID.replace('use: square', 'use: circle')), [
      'services[0].use (14:10): no service is called circle — the services are signing, square',
    ])
    assert.match((await problems(VALID + section))[0] ?? '', /^services\[1\]\.use \(16:10\): square is there twice/)
  })

  it('does not take a property of every object for a service', async () => {
    assert.match((await problems(VALID.replace('use: square', 'use: constructor')))[0] ?? '', /no service is called/)
  })

  it('names files that are not there', async () => {
    const [line] = await problems(VALID.replace('deployment: deployment.json', 'deployment: nowhere.json'))
    assert.equal(
      line,
      `chain.deployment (6:15): ${join(folder, 'nowhere.json')} cannot be read — correct the path (it is relative to this file) or the rights`,
    )
  })

  it('tells a missing file from an invalid one', async () => {
    await assert.rejects(loadConfig(join(folder, 'none.yaml'), plugins), (error: LariatError) => {
      assert.equal(error.code, 'config.unreadable')
      assert.match(error.message, /none\.yaml: cannot be read — give the path/)
      return true
    })
  })

  it('points into a file that is not YAML, and refuses one that is empty', async () => {
    assert.match((await problems('dataDir: [\n'))[0] ?? '', /^\(2:1\): not YAML/)
    assert.match((await problems(''))[0] ?? '', /^dataDir: missing/)
    assert.match((await problems('- a list\n'))[0] ?? '', /^\(1:1\): expected object, received array/)
  })

  it('refuses an alias of nothing, and more of them than anybody needs', async () => {
    assert.match((await problems('dataDir: *nowhere\n'))[0] ?? '', /an alias \(\*name\) stands for nothing/)
    const twelve = (name: string) => `[${Array.from({ length: 12 }, () => name).join(', ')}]`
    const bomb = [`a: &a ${twelve('x')}`, `b: &b ${twelve('*a')}`, `c: &c ${twelve('*b')}`, `d: ${twelve('*c')}`]
    assert.match((await problems(`${bomb.join('\n')}\n`))[0] ?? '', /there are more than 100/)
  })

  it('takes a password from a file, a descriptor, or later from a prompt, and from one of them only', async () => {
    const bls = (text: string) => VALID.replace('bls: {keystore: bls.json, passwordFile: password}', `bls: {${text}}`)
    const ecdsa = (text: string) => text.replace('ecdsa.json, passwordFile: password', 'ecdsa.json, passwordFd: 3')
    assert.equal((await load(bls('keystore: bls.json, passwordFd: 3'))).keys.bls?.passwordFd, 3)
    const asked = (await load(bls('keystore: bls.json'))).keys.bls
    assert.deepEqual([asked?.passwordFile, asked?.passwordFd], [undefined, undefined])
    assert.deepEqual(await problems(bls('keystore: bls.json, passwordFile: password, passwordFd: 3')), [
      'keys.bls.passwordFd (11:53): there is a passwordFile too — keep one of the two',
    ])
    assert.deepEqual(await problems(ecdsa(bls('keystore: bls.json, passwordFd: 3'))), [
      'keys.ecdsa.passwordFd (12:33): keys.bls reads this descriptor already — give each key a descriptor of its own',
    ])
    assert.match((await problems(bls('keystore: bls.json, passwordFd: 0')))[0] ?? '', /^keys\.bls\.passwordFd/)
  })

  it('wants a key of checkpoints where a service signs them, and reads its files', async () => {
    const service = `  - use: signing\n    contract: ${CONTRACT}\n`
    assert.equal((await load(VALID + service)).keys.checkpoints, undefined)
    const storing = `${VALID + service}    storage: true\n`
    assert.deepEqual(await problems(storing), [
      'keys.checkpoints (10:1): the service signing signs checkpoints, and there is no key for them — make one with lariat keys create --kind checkpoints, and name it as keys.checkpoints',
    ])
    const keyed = (text: string) => storing.replace('services:', `  checkpoints: {${text}}\nservices:`)
    const { keys } = await load(keyed('keystore: ecdsa.json, passwordFd: 3'))
    assert.deepEqual([keys.checkpoints?.keystore, keys.checkpoints?.passwordFd], [join(folder, 'ecdsa.json'), 3])
    assert.match(
      (await problems(keyed('keystore: none.json, passwordFile: password')))[0] ?? '',
      /^keys\.checkpoints\.keystore .*none\.json.* cannot be read/,
    )
    const twice = keyed('keystore: ecdsa.json, passwordFd: 3').replace(
      'ecdsa.json, passwordFile: password',
      'ecdsa.json, passwordFd: 3',
    )
    assert.match(
      (await problems(twice))[0] ?? '',
      /^keys\.checkpoints\.passwordFd .*keys\.ecdsa reads this descriptor already/,
    )
  })

  it('does not show values, which may be secrets in the wrong place', async () => {
    const lines = await problems(
      VALID.replace('passwordFile: password', 'password: hunter2').replace('id: 31337', 'id: hunter3'),
    )
    assert.doesNotMatch(lines.join('\n'), /hunter/)
  })
})
