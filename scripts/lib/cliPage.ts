import type { Argument, Command, Option } from 'commander'
import { aboutOf, commandsBelow } from '../../src/cli/about.ts'
import { createProgram } from '../../src/cli/program.ts'
import { EXIT_CODES } from '../../src/node/exit.ts'
import { PLUGINS } from '../../src/node/plugins.ts'
import { cell, page } from './pages.ts'

/** docs/cli.md, from the command tree. */
export async function cliPage(): Promise<string> {
  const program = await createProgram(() => true)
  const leaves = commandsBelow(program).filter(([, { commands }]) => commands.length === 0)
  const facts = await factShapes()
  const groups = program.commands.map((command) => {
    const own = leaves.filter(([path]) => path === command.name() || path.startsWith(`${command.name()} `))
    const about = command.commands.length === 0 ? [] : [`${capital(command.description())}.`]
    return [
      `## ${command.name()}`,
      ...about,
      ...own.map(([path, one]) => section(path, one, command.commands.length > 0)),
      ...(command.name() === 'status' ? facts : []),
    ]
  })
  return page(
    'The command line',
    INTRODUCTION,
    `## Exit codes\n\n${exitCodes()}`,
    ['| command | does |', '|---|---|', ...leaves.map(([path, one]) => overview(path, one))].join('\n'),
    ...groups.flat(),
  )
}

const INTRODUCTION = [
  'Verbs mean the same everywhere: `show` prints one thing, `list` many, `status` how something is, `create` makes what was not',
  'there, `export` and `import` carry it between machines, `verify` and `check` look and change nothing. What sends transactions',
  'shows its plan, asks, and takes `--yes`, `--calldata` and `--json`. Nothing ever replaces a file.',
  '',
  '- Results go to standard output, everything else to standard error: questions, progress (of what takes more than a second: a',
  '  line that moves, on a terminal alone, and never with `--json`), warnings and errors (`lariat: …`).',
  '- `--json` prints the result for programs; below is its shape for each command: `name?` may be left out, a name alone stands for a',
  '  text, a number, a boolean or null, `{ [name]: … }` has any names. Integers of the chain are decimal strings.',
  '  Fields may be added; one that is taken away or changes its meaning is told in the changelog.',
  '- Colours are for terminals. `NO_COLOR=1` forbids them, `FORCE_COLOR=1` wants them everywhere.',
  '- `lariat COMMAND --help` has examples; `lariat explain CODE` says what a code in a message or a log means.',
].join('\n')

function exitCodes(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, what, again }) => `| ${code} | ${cell(what)} | ${cell(again)} |`)
  return ['| code | means | start again? |', '|---|---|---|', ...rows].join('\n')
}

function overview(path: string, command: Command): string {
  return `| [\`lariat ${path}\`](#${anchor(path, command)}) | ${cell(command.description())} |`
}

/** As the pages' readers make it of a heading. */
function anchor(path: string, command: Command): string {
  return `${command.parent?.parent == null ? '' : 'lariat-'}${path.replaceAll(' ', '-')}`
}

function section(path: string, command: Command, nested: boolean): string {
  const { examples = [], json, jsonLines } = aboutOf(command) ?? {}
  const args = command.registeredArguments.map(argumentRow)
  const options = command.options.filter(({ hidden }) => !hidden).map(optionRow)
  return [
    ...(nested ? [`### lariat ${path}`] : []),
    `${capital(command.description())}.`,
    ...(args.length + options.length === 0
      ? []
      : [['| argument or option | |', '|---|---|', ...args, ...options].join('\n')]),
    ...shapes(json, jsonLines),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n')
}

/** What plug-ins tell of their services beside what all have. */
async function factShapes(): Promise<string[]> {
  const plugins = await Promise.all(
    Object.entries(PLUGINS).map(async ([name, load]) => [name, (await load()).status?.json] as const),
  )
  return plugins.flatMap(([name, json]) => (json === undefined ? [] : [`\`facts\` of ${name}:\n\n    ${json}`]))
}

/** A shape may be followed by words about it. */
function shapes(json: string | undefined, jsonLines: string | undefined): string[] {
  const shape = json ?? jsonLines
  if (shape === undefined) return []
  return [`With \`--json\`${jsonLines === undefined ? '' : ', a line for each'}:\n\n    ${shape}`]
}

function argumentRow(argument: Argument): string {
  const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
  const choices = argument.argChoices === undefined ? '' : ` (${argument.argChoices.join(', ')})`
  return `| \`${name}\` | ${cell(argument.description)}${choices} |`
}

function optionRow(option: Option): string {
  const fallback = option.defaultValueDescription ?? defaultOf(option.defaultValue)
  const facts = [...(option.mandatory ? ['required'] : []), ...(fallback === undefined ? [] : [`default ${fallback}`])]
  return `| \`${option.flags}\` | ${cell(option.description)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`} |`
}

/** A switch that is on, and a list that is empty, say nothing. */
function defaultOf(value: unknown): string | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? `\`${value}\`` : undefined
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
