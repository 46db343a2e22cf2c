import type { Command } from 'commander'

/** What a command line tool owes whoever reads its help, beside a description. */
export interface About {
  /** Whole command lines, as they are typed. */
  readonly examples: readonly string[]
  /** Shape of the one JSON value that `--json` prints; the option is added. */
  readonly json?: string
  /** Instead, the shape of each line of those that it prints. */
  readonly jsonLines?: string
  /** What the first argument can be, for completion. */
  readonly values?: () => Promise<readonly string[]>
  /** Instead, why there is no result to print as JSON. */
  readonly noResult?: string
  /** What it does until it has something to show: told on a terminal once that has taken a second. */
  readonly progress?: string
  /** Instead, why nobody waits for it, or how it shows by itself that it goes on. */
  readonly noProgress?: string
}

const abouts = new WeakMap<Command, About>()

/** Adds examples to the help of `command`, and `--json` where it has a result. */
export function about<C extends Command>(command: C, given: About): C {
  abouts.set(command, given)
  if (given.json !== undefined) command.option('--json', 'print one JSON value instead of text')
  if (given.jsonLines !== undefined) command.option('--json', 'print JSON instead of text, one object a line')
  command.addHelpText('after', () => examplesText(given.examples))
  return command
}

/** What was said of a command; undefined for one that only holds others. */
export function aboutOf(command: Command): About | undefined {
  return abouts.get(command)
}

/** All commands below `command`, depth first, with the words that lead there; the one that prints help is left out. */
export function commandsBelow(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((child) => {
    const here = [...path, child.name()]
    return [[here.join(' '), child] as const, ...commandsBelow(child, here)]
  })
}

/** The first example of each command below a group, which has none of its own. */
export function addGroupExamples(group: Command): void {
  group.addHelpText('after', () =>
    examplesText(group.commands.flatMap((child) => aboutOf(child)?.examples.slice(0, 1) ?? [])),
  )
}

function examplesText(examples: readonly string[]): string {
  if (examples.length === 0) return ''
  return `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((line) => `  ${line}`).join('\n')}`
}
