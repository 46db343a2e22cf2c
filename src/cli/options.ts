import type { Command } from 'commander'
import { toJson } from '../util/json.ts'
import { progressLine } from '../util/progress.ts'

/** What most commands take. */
export interface ConfigFlags {
  readonly config: string
  readonly json?: boolean
}

/** Adds the option that every command about a node has. */
export function withConfig<C extends Command>(command: C): C {
  return command.requiredOption('--config <file>', "the node's configuration (docs/configuration.md)") as C
}

/** Writes a result: as JSON, or as the lines of `text`. */
export function printResult(
  json: boolean | undefined,
  result: unknown,
  text: () => string = () => listed(result),
): void {
  const told = json === true ? toJson(result, 2) : text()
  progressLine.output()
  process.stdout.write(told.endsWith('\n') ? told : `${told}\n`)
}

/** A result as lines of its keys and values, for commands that make something and say what. */
function listed(result: unknown): string {
  const rows = rowsOf(result, '')
  const width = Math.max(0, ...rows.map(([key]) => key.length))
  return rows.map(([key, value]) => `${key.padEnd(width)}  ${value}`.trim()).join('\n')
}

function rowsOf(value: unknown, path: string): (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    return value === undefined ? [] : [[path, typeof value === 'string' ? value : toJson(value)]]
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    return rowsOf(inner, at)
  })
}
