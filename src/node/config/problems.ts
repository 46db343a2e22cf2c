import { type Document, isMap, isNode, isPair, isScalar, type LineCounter } from 'yaml'
import type * as z from 'zod'
import { distance } from '../../util/near.ts'
import { factsAt } from './introspect.ts'

/** One thing that is wrong with a configuration file. */
export interface ConfigProblem {
  /** Dotted path of the key, empty for the file itself. */
  readonly path: string
  readonly position: { readonly line: number; readonly column: number } | undefined
  readonly what: string
  readonly mend: string
}

/** A parsed file with what is needed to point into it. */
export interface Source {
  readonly document: Document
  readonly lines: LineCounter
}

/** Known keys that are told in one message. */
const MAX_KEYS_TOLD = 20

/** Problems for zod's issues about the value at `base` of the file. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  source: Source,
  base: readonly PropertyKey[] = [],
): ConfigProblem[] {
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = [...base, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      const known = factsAt(schema, issue.path)?.keys ?? []
      return issue.keys.map((key) => ({
        path: dotted([...path, key]),
        position: positionOf(source, [...path, key], 'key'),
        what: 'unknown key',
        mend: mendUnknown(key, known),
      }))
    }
    const facts = factsAt(schema, issue.path)
    const missing = issue.code === 'invalid_type' && !source.document.hasIn(path)
    const example = facts?.example === undefined ? undefined : exampleOf(String(path.at(-1)), facts.example)
    const about = facts?.description === undefined ? '' : ` (${facts.description})`
    const position = positionOf(source, path, 'value')
    if (missing) {
      const add = example ?? (facts?.keys === undefined ? `${String(path.at(-1))}: …` : `${facts.keys.join(', ')}`)
      return [{ path: dotted(path), position, what: 'missing', mend: `add ${add}${about}` }]
    }
    return [
      {
        path: dotted(path),
        position,
        what: issue.message.replace(/^Invalid (input|option): /, ''),
        mend: example === undefined ? `correct it${about}` : `write for example ${example}${about}`,
      },
    ]
  })
}

/** `file: path (line:col): what — mend` */
export function formatProblem(file: string, { path, position, what, mend }: ConfigProblem): string {
  const at = position === undefined ? '' : ` (${position.line}:${position.column})`
  return `${file}:${path === '' ? '' : ` ${path}`}${at}: ${what} — ${mend}`
}

/** Where the value at `path`, or its key, stands; for something missing, where its nearest parent stands. */
export function positionOf(
  { document, lines }: Source,
  path: readonly PropertyKey[],
  part: 'key' | 'value',
): ConfigProblem['position'] {
  for (let depth = path.length; depth >= 0; depth--) {
    const parent: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    const key = path[depth - 1]
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
      : undefined
    // the key of the nearest parent is what people look for when something inside is missing
    const wantsKey = part === 'key' || depth < path.length
    const node: unknown =
      depth === 0 ? parent : wantsKey && pair !== undefined ? pair.key : document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0])
      return { line, column: col }
    }
  }
  return undefined
}

/** `services[0].feeds` */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, segment) =>
      typeof segment === 'number'
        ? `${text}[${segment}]`
        : text === ''
          ? String(segment)
          : `${text}.${String(segment)}`,
    '',
  )
}

function exampleOf(key: string, example: unknown): string {
  const text = typeof example === 'string' ? example : JSON.stringify(example)
  return /^\d+$/.test(key) ? text : `${key}: ${text}`
}

function mendUnknown(key: string, known: readonly string[]): string {
  const near = known.find((candidate) => distance(key.toLowerCase(), candidate.toLowerCase()) <= 2)
  if (near !== undefined) return `did you mean ${near}?`
  return known.length === 0 ? 'remove it' : `remove it; the keys here are ${known.slice(0, MAX_KEYS_TOLD).join(', ')}`
}
