import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const SRC = resolve(import.meta.dirname, '../../src')

/** A folder may import folders of lower rank, and itself; folders of one rank never import each other. */
const RANKS: Readonly<Record<string, number>> = {
  util: 0,
  types: 1,
  metrics: 2,
  chain: 3,
  bls: 3,
  p2p: 3,
  store: 3,
  signer: 4,
  avs: 5,
  node: 6,
  testnet: 7,
  cli: 8,
}

/** Breaches that are accepted, each with its reason: "importer -> imported". One that nobody needs fails the test. */
const EXEMPTIONS: readonly { readonly edge: string; readonly because: string }[] = []

interface Import {
  readonly importer: string
  readonly specifier: string
}

/** Every import and re-export of a file, type-only and dynamic ones too. */
function importsOf(file: string): Import[] {
  const code = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
  const found = [
    ...code.matchAll(/\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g),
    ...code.matchAll(/\bimport\s*['"]([^'"]+)['"]/g),
    ...code.matchAll(/\b(?:import|require|resolve)\s*\(\s*['"]([^'"]+)['"]/g),
  ]
  return found.map((match) => ({ importer: relative(SRC, file).split(sep).join('/'), specifier: match[1] ?? '' }))
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Folder of a plug-in, `avs/oracle` and the like; undefined for everything else. */
function pluginOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split('/')
  const own = ['admission', 'agreement', 'aggregation', 'evidence', 'secondSelf']
  return top === 'avs' && folder !== undefined && rest.length > 0 && !own.includes(folder) ? `avs/${folder}` : undefined
}

/** Why an import breaks the law; undefined when it does not. */
function breach({ importer, specifier }: Import): { edge: string; why: string } | undefined {
  const plugin = pluginOf(importer)
  if (!specifier.startsWith('.')) {
    if (specifier.startsWith('lariat') && (plugin === undefined || specifier !== 'lariat/avs')) {
      return {
        edge: `${importer} -> ${specifier}`,
        why: 'only plug-ins import the package by name, and only lariat/avs',
      }
    }
    return undefined
  }
  const target = relative(SRC, resolve(SRC, dirname(importer), specifier))
    .split(sep)
    .join('/')
  const edge = `${importer} -> ${target}`
  if (target.startsWith('..')) return { edge, why: 'production code imports nothing outside src' }
  if (plugin !== undefined) {
    return target.startsWith(`${plugin}/`)
      ? undefined
      : { edge, why: 'a plug-in imports only lariat/avs and its own folder' }
  }
  const [from = '', to = ''] = [importer.split('/')[0], target.split('/')[0]]
  const [rankFrom, rankTo] = [RANKS[from], RANKS[to]]
  if (rankFrom === undefined || rankTo === undefined) return { edge, why: 'a folder that the law does not know' }
  if (from !== to && rankTo >= rankFrom) return { edge, why: `${from} may not import ${to}` }
  if (from === 'avs' && pluginOf(target) !== undefined) return { edge, why: 'avs knows no plug-in' }
  if (target.startsWith('bls/secret') && from !== 'signer' && !importer.startsWith('bls/secret')) {
    return { edge, why: 'only the signer reaches secret keys' }
  }
  return undefined
}

describe('law of imports', () => {
  const imports = files(SRC).flatMap(importsOf)
  const breaches = imports.flatMap((one) => breach(one) ?? [])

  it('reads the imports of the project', () => {
    assert.ok(imports.length > 100, `only ${imports.length} imports were found`)
  })

  it('holds', () => {
    const exempt = new Set(EXEMPTIONS.map(({ edge }) => edge))
    assert.deepEqual(
      breaches.filter(({ edge }) => !exempt.has(edge)),
      [],
    )
  })

  it('has no exemption that nobody needs', () => {
    const needed = new Set(breaches.map(({ edge }) => edge))
    assert.deepEqual(
      EXEMPTIONS.filter(({ edge }) => !needed.has(edge)),
      [],
    )
  })

  it('notices each kind of breach', () => {
    const cases: Import[] = [
      { importer: 'util/a.ts', specifier: '../types/statement.ts' },
      { importer: 'bls/a.ts', specifier: '../store/store.ts' },
      { importer: 'avs/a.ts', specifier: './oracle/index.ts' },
      { importer: 'avs/oracle/a.ts', specifier: '../rank.ts' },
      { importer: 'avs/oracle/a.ts', specifier: '../../util/clock.ts' },
      { importer: 'node/a.ts', specifier: 'lariat/avs' },
      { importer: 'node/a.ts', specifier: '../bls/secret/sign.ts' },
      { importer: 'cli/a.ts', specifier: '../../test/support/x.ts' },
      { importer: 'other/a.ts', specifier: '../util/clock.ts' },
    ]
    for (const one of cases) assert.ok(breach(one), `${one.importer} -> ${one.specifier}`)
    assert.equal(breach({ importer: 'avs/oracle/a.ts', specifier: 'lariat/avs' }), undefined)
    assert.equal(breach({ importer: 'signer/a.ts', specifier: '../bls/secret/sign.ts' }), undefined)
  })
})

describe('size of files', () => {
  it('keeps every hand-written file of src within 400 lines', () => {
    const generated = /(^|\/)abi\/|types\/wire\/lariat\.ts$/
    const large = files(SRC)
      .filter((file) => !generated.test(relative(SRC, file)))
      .map((file) => ({ file: relative(SRC, file), lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400)
    assert.deepEqual(large, [])
  })
})
