/** A file of Solidity. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** A contract, interface or library, and where its declaration lies in the text without comments. */
export interface Contract {
  readonly name: string
  /** Names in its `is` list. */
  readonly parents: readonly string[]
  readonly start: number
  readonly end: number
}

/** A source without comments and strings, and what it declares. */
export interface Parsed {
  readonly path: string
  /** As long as the text was: comments and strings are spaces, so offsets and lines are the file's. */
  readonly code: string
  readonly contracts: readonly Contract[]
  /** `import {A as B}`: B → A. */
  readonly aliases: ReadonlyMap<string, string>
}

/** Comments and strings turned into spaces, but for line ends. */
export function blank(text: string): string {
  return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (found) =>
    found.replace(/[^\n]/g, ' '),
  )
}

/** Reads what a source declares: enough of Solidity's grammar to tell who inherits from whom. */
export function parse({ path, text }: Source): Parsed {
  const code = blank(text)
  const contracts = [...code.matchAll(/\b(?:contract|interface|library)\s+(\w+)([^{};]*)\{/g)].map((match) => ({
    name: match[1] ?? '',
    parents: parentsOf(match[2] ?? ''),
    start: match.index,
    end: closing(code, match.index + match[0].length - 1),
  }))
  const aliases = [...code.matchAll(/\bimport\s*\{([^}]*)\}/g)]
    .flatMap((match) => (match[1] ?? '').split(','))
    .map((item) => /^\s*(\w+)\s+as\s+(\w+)\s*$/.exec(item))
    .filter((item) => item !== null)
    .map((item) => [item[2] ?? '', item[1] ?? ''] as const)
  return { path, code, contracts, aliases: new Map(aliases) }
}

/** Line of an offset, from 1. */
export function lineAt(code: string, offset: number): number {
  return code.slice(0, offset).split('\n').length
}

/** Of `is A, B(1, 2), C`: A, B, C. */
function parentsOf(heading: string): string[] {
  const list = /^\s*is\s+([\s\S]*)$/.exec(heading)?.[1] ?? ''
  return list
    .replace(/\([^()]*\)/g, '')
    .split(',')
    .map((item) => item.trim().split(/\s/)[0] ?? '')
    .filter((name) => name !== '')
}

/** Offset of the brace that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0
  for (let i = open; i < code.length; i++) {
    if (code[i] === '{') depth++
    else if (code[i] === '}' && --depth === 0) return i
  }
  return code.length
}
