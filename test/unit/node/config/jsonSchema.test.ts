import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type JsonSchema, nodeJsonSchema, signerJsonSchema } from '../../../../src/node/config/jsonSchema.ts'
import { parseConfig } from '../../../../src/node/config/load.ts'
import { PLUGINS } from '../../../../src/node/plugins.ts'

/** As far as it is used here. */
interface ValidateFunction {
  (value: unknown): boolean
  readonly errors?: readonly { readonly instancePath: string }[] | null
}
interface Validator {
  compile(schema: object): ValidateFunction
  errorsText(errors: unknown): string
}
const { Ajv2020 }: { Ajv2020: new (options: object) => Validator } = createRequire(import.meta.url)('ajv/dist/2020.js')

const CONFIG = join(import.meta.dirname, '../../../../config')
const text = readFileSync(join(CONFIG, 'example.yaml'), 'utf8')

/** A place of the example, what is put there (nothing: it is taken away), and the place that an editor marks. */
const MUTATIONS: readonly (readonly [string, readonly string[], unknown, string])[] = [
  ['an unknown key', ['chain', 'idd'], 1, '/chain'],
  ['a key that is missing', ['operator', 'address'], undefined, '/operator'],
  ['a number as text', ['chain', 'id'], 'one', '/chain/id'],
  ['a port beyond', ['api', 'port'], 70_000, '/api/port'],
  ['a word that is not offered', ['log', 'level'], 'loud', '/log/level'],
  ['a bad duration', ['services', '0', 'feeds', '1', 'maxAge'], '5 minutes', '/services/0/feeds/1/maxAge'],
  ['no providers', ['chain', 'rpc'], [], '/chain/rpc'],
  ['an unknown service', ['services', '0', 'use'], 'price', '/services/0/use'],
  ['a key of another service', ['services', '0', 'keepRounds'], 5, '/services/0'],
  ['a value of another type', ['services', '0', 'bandBps'], '2 %', '/services/0/bandBps'],
  ['a name with capitals', ['chains'], { Base: { id: 5, rpc: [{ url: 'http://x' }, { url: 'http://y' }] } }, '/chains'],
]

type Tree = { [key: string]: unknown }

/** The example with one change. */
function mutated(path: readonly string[], put: unknown): Tree {
  const value: Tree = parse(text)
  const parent = path.slice(0, -1).reduce((tree, key) => tree[key] as Tree, value)
  const key = path.at(-1) ?? ''
  if (put === undefined) delete parent[key]
  else parent[key] = put
  return value
}

describe('the JSON Schema of configurations', () => {
  let ajv: Validator
  let validate: ValidateFunction
  let schema: JsonSchema

  before(async () => {
    ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false })
    schema = await nodeJsonSchema(PLUGINS)
    validate = ajv.compile(schema)
    ajv.compile(signerJsonSchema())
  })

  it('takes the example, whose first line names it', () => {
    assert.equal(text.split('\n')[0], '# yaml-language-server: $schema=node.schema.json')
    assert.deepEqual(
      JSON.parse(readFileSync(join(CONFIG, 'node.schema.json'), 'utf8')),
      JSON.parse(JSON.stringify(schema)),
    )
    assert.equal(validate(parse(text)), true, ajv.errorsText(validate.errors))
  })

  it('refuses what the node refuses, at the right place', async () => {
    for (const [name, path, put, place] of MUTATIONS) {
      const value = mutated(path, put)
      assert.equal(validate(value), false, name)
      assert.ok(
        validate.errors?.some(({ instancePath }) => instancePath === place),
        `${name}: ${ajv.errorsText(validate.errors)}`,
      )
      await assert.rejects(parseConfig('node.yaml', JSON.stringify(value), PLUGINS), { code: 'config.invalid' }, name)
    }
  })

  it('describes every key, with defaults as they are written', () => {
    let keys = 0
    const look = (part: JsonSchema, path: string): void => {
      for (const [key, child] of Object.entries(part.properties ?? {})) {
        const here = `${path}.${key}`
        keys++
        const leads = child.properties !== undefined || child.const !== undefined
        // the shape of a venue of one's own is told in docs/prices.md
        if (!leads && !here.includes('.venues')) assert.ok(child.description !== undefined, here)
        look(child, here)
      }
      for (const inner of [
        part.items,
        part.additionalProperties,
        part.then,
        ...(part.allOf ?? []),
        ...(part.anyOf ?? []),
      ]) {
        if (typeof inner === 'object') look(inner, path)
      }
    }
    look(schema, '')
    assert.ok(keys > 100, `${keys}`)
    const chains = schema.properties?.chains?.additionalProperties
    assert.ok(typeof chains === 'object')
    assert.equal(chains.properties?.pollInterval?.default, '1s')
    assert.deepEqual(schema.properties?.operator?.properties?.address?.examples, [
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    ])
  })
})
