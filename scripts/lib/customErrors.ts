import { type Contract, lineAt, type Parsed, parse, type Source } from './solidity.ts'

/** A custom error, where it is declared, and what is wrong with it. */
export interface ErrorGap {
  readonly name: string
  /** The contract, interface or library that declares it; empty for an error of the file. */
  readonly owner: string
  /** `path:line`. */
  readonly at: string
  /** Never thrown, thrown but expected by no test, or both. */
  readonly gaps: readonly ('never thrown' | 'expected by no test')[]
}

interface Declared {
  readonly name: string
  readonly owner: string
  readonly at: string
}

/**
 * Custom errors that no contract throws or no test expects.
 *
 * - An error is *thrown* if the contracts, outside its declaration, say `Name(` or `Name.selector`.
 * - It is *expected* if a Solidity test says `Name.selector`, or a TypeScript test that runs contracts has `Name` as
 *   a word of a string or of a regular expression.
 * - In Solidity `Owner.Name` stands for the error that `Owner` declares or inherits, an import's alias for what it
 *   imports, and a bare `Name` for the one that the surrounding contract declares or inherits, or else its file. So two
 *   errors of one name are told apart. In TypeScript a name stands for all errors of that name.
 * - Comments count for nothing.
 *
 * It reads text: whether the test reaches the error, the test itself must show, and it does as it names the error.
 * @param contracts the sources that declare and throw
 * @param tests Solidity tests
 * @param scripts TypeScript tests
 */
export function errorGaps(
  contracts: readonly Source[],
  tests: readonly Source[],
  scripts: readonly Source[],
): { readonly errors: number; readonly gaps: readonly ErrorGap[] } {
  const parsed = contracts.map(parse)
  const parsedTests = tests.map(parse)
  const family = new Map([...parsed, ...parsedTests].flatMap(({ contracts }) => contracts).map((c) => [c.name, c]))
  const declared = parsed.flatMap(declarations)
  const owners = new Set(declared.map(({ owner, name }) => `${owner}.${name}`))
  const named = new Set(declared.map(({ name }) => name))

  const resolve = (source: Parsed, offset: number, qualifier: string | undefined, name: string) => {
    const start = qualifier ?? contractAt(source, offset)?.name ?? ''
    return declaringOwner(source.aliases.get(start) ?? start, name, family, owners)
  }
  const thrown = new Set(
    parsed.flatMap((source) =>
      mentions(source, named, /\b(error\s+)?(?:(\w+)\.)?(\w+)(?:\s*\(|\.selector\b)/g, resolve),
    ),
  )
  const expected = new Set(
    parsedTests.flatMap((source) => mentions(source, named, /\b(error\s+)?(?:(\w+)\.)?(\w+)\.selector\b/g, resolve)),
  )
  const words = new Set(scripts.flatMap(({ text }) => quotedWords(text)))

  const gaps = declared.map((error) => {
    const key = `${error.owner}.${error.name}`
    const found: ErrorGap['gaps'][number][] = []
    if (!thrown.has(key)) found.push('never thrown')
    if (!expected.has(key) && !words.has(error.name)) found.push('expected by no test')
    return { ...error, gaps: found }
  })
  return { errors: declared.length, gaps: gaps.filter((error) => error.gaps.length > 0) }
}

function declarations(source: Parsed): Declared[] {
  return [...source.code.matchAll(/\berror\s+(\w+)\s*\(/g)].map((match) => ({
    name: match[1] ?? '',
    owner: contractAt(source, match.index)?.name ?? '',
    at: `${source.path}:${lineAt(source.code, match.index)}`,
  }))
}

/** Keys `Owner.Name` of the errors that a source mentions in the way of `pattern`. */
function mentions(
  source: Parsed,
  named: ReadonlySet<string>,
  pattern: RegExp,
  resolve: (source: Parsed, offset: number, qualifier: string | undefined, name: string) => string | undefined,
): string[] {
  return [...source.code.matchAll(pattern)].flatMap(([, declares, qualifier, name = ''], i, all) => {
    if (declares !== undefined || !named.has(name)) return []
    const owner = resolve(source, all[i]?.index ?? 0, qualifier, name)
    return owner === undefined ? [] : [`${owner}.${name}`]
  })
}

function contractAt({ contracts }: Parsed, offset: number): Contract | undefined {
  return contracts.find(({ start, end }) => start <= offset && offset <= end)
}

/** Who declares the error `name` that `contract` knows: itself, an ancestor, or a file (''). */
function declaringOwner(
  contract: string,
  name: string,
  family: ReadonlyMap<string, Contract>,
  owners: ReadonlySet<string>,
): string | undefined {
  const queue = [contract]
  for (const seen = new Set<string>(); ; ) {
    const next = queue.shift()
    if (next === undefined) return owners.has(`.${name}`) ? '' : undefined
    if (seen.has(next)) continue
    seen.add(next)
    if (owners.has(`${next}.${name}`)) return next
    queue.push(...(family.get(next)?.parents ?? []))
  }
}

/** Words within quotes, backquotes or the slashes of a regular expression on one line. */
function quotedWords(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  return [...code.matchAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`|\/[^/\n]+\//g)].flatMap(
    ([quoted]) => quoted.match(/\w+/g) ?? [],
  )
}
