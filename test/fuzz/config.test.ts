import assert from 'node:assert/strict'
import { isAbsolute } from 'node:path'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { type ParsedConfig, parseConfig } from '../../src/node/config/load.ts'
import { PLUGINS } from '../../src/node/plugins.ts'
import { LariatError } from '../../src/util/errors.ts'
import { fuzz } from '../support/fuzz.ts'

const FILE = '/etc/lariat/node.yaml'
/** Characters of all messages about one file: for each problem a line of bounded length. */
const MAX_MESSAGE = 200_000

/** A configuration that is right, with every section. */
const VALID = {
  dataDir: './data',
  chain: {
    id: 31337,
    rpc: [{ url: 'http://127.0.0.1:8545' }, { url: 'https://rpc.example/key' }],
    deployment: './deployment.json',
    singleProvider: false,
  },
  operator: { address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', servedElsewhere: [] },
  keys: {
    bls: { keystore: './keys/bls.json', passwordFile: './keys/bls.password' },
    ecdsa: { keystore: './keys/ecdsa.json', passwordFd: 3 },
    registrar: [],
  },
  p2p: { listen: ['/ip4/0.0.0.0/tcp/9510'], announce: ['/dns4/node.example/tcp/9510'], loopback: false },
  api: { host: '127.0.0.1', port: 9520 },
  log: { level: 'info', format: 'json' },
  risk: { refresh: '1m', secured: { prices: '1500' } },
  services: [
    {
      use: 'prices',
      contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
      feeds: [
        {
          name: 'BTC/USD',
          sources: ['coinbase', 'kraken', 'bitstamp'].map((venue) => ({ venue, symbol: 'BTC/USD' })),
        },
      ],
    },
  ],
}

/** A value that no key of the configuration may be given, and that a message must not repeat. */
const PLANTED = 'hunter2-hunter2'

async function parse(text: string): Promise<ParsedConfig | undefined> {
  try {
    return await parseConfig(FILE, text, PLUGINS)
  } catch (error) {
    assert.ok(error instanceof LariatError, `not an error of ours: ${error}`)
    assert.equal(error.code, 'config.invalid')
    const problems = error.details.problems as readonly string[]
    assert.ok(problems.length > 0, 'refused without a reason')
    assert.equal(error.message, problems.join('\n'))
    assert.ok(error.message.length <= MAX_MESSAGE, `a message of ${error.message.length} characters`)
    for (const problem of problems) assert.ok(problem.startsWith(`${FILE}:`), problem)
    return undefined
  }
}

/** What is accepted contradicts neither the rules nor itself. */
function checkAccepted({ chain, operator, keys, services, dataDir, ...rest }: ParsedConfig): void {
  const urls = chain.rpc.map(({ url }) => new URL(url))
  assert.equal(new Set(urls.map(({ href }) => href)).size, urls.length, 'one provider twice')
  assert.ok(urls.length > 1 || chain.singleProvider, 'a single provider without a word')
  for (const { protocol } of urls) assert.match(protocol, /^https?:$/)
  assert.ok(Number.isSafeInteger(chain.id) && chain.id > 0)
  assert.match(operator.address, /^0x[0-9a-fA-F]{40}$/)
  for (const path of [dataDir, chain.deployment]) assert.ok(isAbsolute(path), path)
  assert.notEqual(keys.bls === undefined, rest.signer === undefined, 'one place for the BLS key, not none or two')
  const locations = [keys.bls, keys.ecdsa, ...keys.registrar].filter((key) => key !== undefined)
  for (const { keystore, passwordFile, passwordFd } of locations) {
    assert.ok(isAbsolute(keystore))
    assert.ok(passwordFile === undefined || passwordFd === undefined, 'two places for one password')
  }
  const descriptors = locations.flatMap(({ passwordFd }) => (passwordFd === undefined ? [] : [passwordFd]))
  assert.equal(new Set(descriptors).size, descriptors.length, 'one descriptor is read twice')
  const names = services.map(({ definition }) => definition.name)
  assert.ok(names.length > 0)
  assert.equal(new Set(names).size, names.length, 'one service twice')
  assert.ok(rest.api.port >= 0 && rest.api.port <= 65_535)
}

/** Places in a value: keys and indices from the root. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, i) => placesOf(item, [...path, i]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => placesOf(item, [...path, key]))
      : []
  return [path, ...inner]
}

/** A copy of `value` with `change` made at `path`. */
function changed(value: unknown, path: readonly (string | number)[], change: (before: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? changed(item, rest, change) : item))
  return Object.fromEntries(
    Object.entries(value as object).map(([name, item]) => [name, name === key ? changed(item, rest, change) : item]),
  )
}

const PLACES = placesOf(VALID)
/** What people, and programs that write configurations, put where something else belongs. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown[]>(
    null,
    '',
    0,
    -1,
    1e308,
    Number.NaN,
    0.5,
    2 ** 53,
    true,
    [],
    {},
    [[]],
    '0x',
    '0x0',
    '__proto__',
    'constructor',
    '1s',
    '-1s',
    '1e9d',
    '/ip4/1.2.3.4/tcp/99999',
    'http://',
    'file:///etc/passwd',
    'http://user:pass@host/',
    '\u0000',
    '🔑',
    'a'.repeat(5_000),
    '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
    '0x70997970C51812dc3A010C7d01b50e0d17dc79C9',
    { use: 'prices' },
    ['x'.repeat(3_000)],
  ),
)
const edit = fc.tuple(
  fc.constantFrom(...PLACES),
  fc.oneof(
    odd.map((value) => () => value),
    fc.constant((before: unknown) => (Array.isArray(before) ? [...before, ...before] : undefined)),
    fc.tuple(fc.string(), odd).map(([key, value]) => (before: unknown) => ({ ...(before as object), [key]: value })),
  ),
)

const text = stringify(VALID)
const lines = text.split('\n')

describe('fuzzing the configuration', () => {
  it('begins with one that is right', async () => {
    const accepted = await parse(text)
    assert.ok(accepted)
    checkAccepted(accepted)
  })

  fuzz(
    'refuses what was changed at some places, or keeps the rules',
    500,
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean(), async (edits, asJson) => {
      let value: unknown = VALID
      for (const [path, change] of edits) {
        try {
          value = changed(value, path, change)
        } catch {
          // an edit before took the place away
        }
      }
      const accepted = await parse((asJson ? JSON.stringify(value) : stringify(value)) ?? '')
      if (accepted !== undefined) checkAccepted(accepted)
    }),
  )

  fuzz(
    'refuses text that was damaged, or keeps the rules',
    300,
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.nat({ max: lines.length - 1 }),
          fc.constantFrom('drop', 'repeat', 'indent', 'cut', 'insert'),
          fc.string({ unit: 'grapheme', maxLength: 12 }),
          fc.nat({ max: 40 }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      async (changes) => {
        const now = [...lines]
        for (const [at, how, put, column] of changes) {
          const line = now[at] ?? ''
          if (how === 'drop') now.splice(at, 1)
          else if (how === 'repeat') now.splice(at, 0, line)
          else if (how === 'indent') now[at] = ` ${line}`
          else if (how === 'cut') now[at] = line.slice(0, column)
          else now[at] = line.slice(0, column) + put + line.slice(column)
        }
        const accepted = await parse(now.join('\n'))
        if (accepted !== undefined) checkAccepted(accepted)
      },
    ),
  )

  fuzz(
    'refuses any other text, YAML with anchors and tags too',
    150,
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc
          .array(
            fc.constantFrom(
              '- ',
              '? ',
              ': ',
              '&a ',
              '*a ',
              '<<: *a',
              '!!set ',
              '!!binary ',
              '{',
              '}',
              '[',
              ']',
              '|',
              '>',
              '"',
              "'",
              '\n',
              '  ',
              'keys',
              '#',
              '%YAML 1.1\n---\n',
              '...\n',
              '\t',
              '~',
            ),
            {
              maxLength: 60,
            },
          )
          .map((parts) => parts.join('')),
      ),
      async (input) => {
        const accepted = await parse(input)
        assert.equal(accepted, undefined)
      },
    ),
  )

  fuzz(
    'never repeats a value of the daemon’s own sections, which may be a secret in the wrong place',
    50,
    fc.asyncProperty(
      fc.constantFrom(...PLACES.filter(([section]) => section !== undefined && section !== 'services')),
      fc.constantFrom<unknown[]>(PLANTED, [PLANTED], { password: PLANTED }, `http://user:${PLANTED}@`, `0x${PLANTED}`),
      async (place, value) => {
        try {
          await parseConfig(FILE, stringify(changed(VALID, place, () => value)), PLUGINS)
        } catch (error) {
          assert.ok(error instanceof LariatError)
          assert.ok(!error.message.includes(PLANTED), error.message)
        }
      },
    ),
  )
})
