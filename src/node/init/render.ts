import { stringify } from 'yaml'
import type { JsonSchema } from '../config/jsonSchema.ts'

/** Values of a configuration, as they are written. */
export type Tree = { readonly [key: string]: unknown }

/** Characters of a line of comment. */
const WIDTH = 110
const STEP = '  '

/**
 * The text of a configuration: every key of the schema with its description, those that have a value with it, the others
 * switched off (`#key: …`) with their default or an example.
 * @param heading comment lines at the top
 */
export function renderConfig(schema: JsonSchema, values: Tree, heading: readonly string[]): string {
  return `${[...heading, '', ...sectionLines(schema, values, '', true)].join('\n')}\n`
}

/** @param spaced whether an empty line parts the keys */
function sectionLines(schema: JsonSchema, values: Tree, indent: string, spaced: boolean): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child], i) => {
    const own = keyLines(key, child, values[key], indent)
    if (own.length === 0) return []
    const lines = [...comment(child, indent), ...own]
    return spaced && i > 0 ? ['', ...lines] : lines
  })
}

function keyLines(key: string, schema: JsonSchema, value: unknown, indent: string): string[] {
  // a section of nothing would be no section
  if (value === undefined || (isTree(value) && isEmpty(value))) return switchedOff(key, schema, indent)
  if (key === 'services' && Array.isArray(value)) {
    return [
      `${indent}${key}:`,
      ...value.flatMap((section: Tree) => serviceLines(schema.items ?? {}, section, `${indent}${STEP}`)),
    ]
  }
  if (schema.properties !== undefined && isTree(value)) {
    return [`${indent}${key}:`, ...sectionLines(schema, value, `${indent}${STEP}`, false)]
  }
  return yaml({ [key]: value }, indent)
}

/** One entry of the list of services, with the keys of its plug-in. */
function serviceLines(items: JsonSchema, section: Tree, indent: string): string[] {
  const own = items.allOf?.find((rule) => rule.if?.properties?.use?.const === section.use)?.then ?? items
  const { use: _, ...properties } = own.properties ?? {}
  const [first = '', ...rest] = [
    `use: ${String(section.use)}`,
    ...sectionLines({ ...own, properties }, section, '', false),
  ]
  return [`${indent}- ${first}`, ...rest.map((line) => `${indent}${STEP}${line}`)]
}

/** A key that is not used, as it would be: taking away the first number sign of its lines is enough. */
function switchedOff(key: string, schema: JsonSchema, indent: string): string[] {
  const sample = sampleOf(schema)
  if (sample === undefined) return []
  const lines =
    schema.properties !== undefined && isTree(sample)
      ? [`${key}:`, ...sectionLines(schema, sample, STEP, false)]
      : yaml({ [key]: sample }, '')
  return lines.map((line) => `${indent}#${line}`)
}

/** What a key could be: its default, an example, or a section of such. */
export function sampleOf(schema: JsonSchema): unknown {
  const { default: fallback, examples, properties } = schema
  if (properties !== undefined && (fallback === undefined || isTree(fallback))) {
    const samples = Object.entries(properties).flatMap(([key, child]) => {
      const sample = sampleOf(child)
      return sample === undefined ? [] : [[key, sample] as const]
    })
    return samples.length === 0 ? undefined : Object.fromEntries(samples)
  }
  return isEmpty(fallback) ? (examples?.[0] ?? fallback) : fallback
}

const isEmpty = (value: unknown) =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

function comment({ description, default: fallback }: JsonSchema, indent: string): string[] {
  if (description === undefined) return []
  const hasDefault = fallback !== undefined && typeof fallback !== 'object'
  const text = `${description}${hasDefault ? ` (default ${String(fallback)})` : ''}.`
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + word.length + 1 > WIDTH - indent.length) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((one) => `${indent}# ${one}`)
}

function yaml(value: Tree, indent: string): string[] {
  return stringify(value, { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}`)
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
