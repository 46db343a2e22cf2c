import type { Command } from 'commander'
import { aboutOf, commandsBelow } from '../about.ts'

/** What can follow: names of files or folders, one of some words, or something that nobody can guess. */
export type Follows = 'file' | 'folder' | 'none' | readonly string[]

/** An option of a place: its long name; undefined where it takes no value. */
export interface CompletedOption {
  readonly long: string
  readonly about: string
  readonly follows: Follows | undefined
}

/** One place in the tree of commands: the words after `lariat` that lead there, and what can be typed next. */
export interface Place {
  readonly path: string
  /** Commands below, with what they are for. */
  readonly children: readonly { readonly name: string; readonly about: string }[]
  readonly options: readonly CompletedOption[]
  /** What its first argument can be. */
  readonly argument: Follows
}

/** Every place of the tree, the root first. */
export async function placesOf(program: Command): Promise<readonly Place[]> {
  return Promise.all(
    [['', program] as const, ...commandsBelow(program)].map(([path, command]) => placeOf(path, command)),
  )
}

async function placeOf(path: string, command: Command): Promise<Place> {
  const [first] = command.registeredArguments
  const known = await aboutOf(command)?.values?.()
  return {
    path,
    children: command.commands.map((child) => ({ name: child.name(), about: shortOf(child.description()) })),
    options: [
      ...command.options.map(({ long, flags, description, argChoices }) => ({
        long: long ?? flags,
        about: shortOf(description),
        follows: /[<[]/.test(flags) ? (argChoices ?? followsOf(flags)) : undefined,
      })),
      { long: '--help', about: 'display help for command', follows: undefined },
    ],
    argument: known ?? first?.argChoices ?? (first === undefined ? 'none' : followsOf(`<${first.name()}>`)),
  }
}

/** By the name of the value, which is the same everywhere: `<file>`, `<folder>`. */
function followsOf(flags: string): Follows {
  if (/[<[](file|keystore)[\].>]/.test(flags)) return 'file'
  return /[<[]folder[\].>]/.test(flags) ? 'folder' : 'none'
}

/** Up to the first pause, as a shell shows it beside the word; only what needs no quoting. */
function shortOf(description: string): string {
  const [first = ''] = description.split(/[;:(]/)
  return first.replace(/[^\p{L}\p{N} ,.%-]/gu, '').trim()
}
