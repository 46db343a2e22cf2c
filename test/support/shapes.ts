import assert from 'node:assert/strict'
import type { Command } from 'commander'
import { pathOf } from '../../scripts/lib/docsCommands.ts'
import { differences } from '../../scripts/lib/jsonShape.ts'
import { aboutOf, commandsBelow } from '../../src/cli/about.ts'
import { createProgram } from '../../src/cli/program.ts'

let tree: Promise<ReadonlyMap<string, Command>> | undefined

/** All commands, those of plug-ins too, by the words that lead there. */
export function commandTree(): Promise<ReadonlyMap<string, Command>> {
  tree ??= createProgram(() => true).then((program) => new Map(commandsBelow(program)))
  return tree
}

/**
 * Sees that what a command printed with `--json` has the shape that it declares. Nothing is said of commands that were given
 * another option which decides what is printed, or that printed nothing.
 * @returns the words that lead to the command, when it was looked at
 */
export async function checkShape(args: readonly string[], stdout: string): Promise<string | undefined> {
  if (!args.includes('--json') || args.includes('--calldata') || stdout.trim() === '') return undefined
  const commands = await commandTree()
  const path = pathOf(args, [...commands.keys()]) ?? assert.fail(`no command: ${args.join(' ')}`)
  const { json, jsonLines } = aboutOf(commands.get(path) ?? assert.fail(path)) ?? {}
  const shape = json ?? jsonLines
  if (shape === undefined) return undefined
  const values = json === undefined ? stdout.trim().split('\n') : [stdout]
  for (const value of values) {
    const found = differences(JSON.parse(value), shape)
    assert.deepEqual(found, [], `lariat ${args.join(' ')} printed ${value.slice(0, 2_000)}`)
  }
  return path
}
