import { CommanderError } from 'commander'
import { commandsBelow } from '../../src/cli/about.ts'
import { createProgram } from '../../src/cli/program.ts'

/**
 * The simple commands of a piece of shell, each as its words: comments, redirections and assignments before a command are left
 * out; quotes and line continuations are resolved. Substitutions stay as they are written.
 */
export function simpleCommands(shell: string): string[][] {
  const commands: string[][] = []
  let words: string[] = []
  const end = () => {
    const skipped = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
    if (skipped >= 0) commands.push(words.slice(skipped))
    words = []
  }
  let redirected = false
  for (const token of tokens(shell)) {
    if (token.operator) {
      if (/[<>]/.test(token.text)) redirected = !/&\d$/.test(token.text)
      else end()
    } else if (redirected) redirected = false
    else words.push(token.text)
  }
  end()
  return commands
}

interface Token {
  readonly text: string
  readonly operator: boolean
}

function tokens(shell: string): Token[] {
  const found: Token[] = []
  const pattern =
    /\\\n|[ \t]+|#[^\n]*|(\d?[<>]{1,2}&?\d?|&&|\|\||[|;&\n])|((?:'[^']*'|"(?:\\.|[^"\\])*"|\$\([^)]*\)|\\[^\n]|[^\s'"\\|;&<>])+)/y
  while (pattern.lastIndex < shell.length) {
    const match = pattern.exec(shell)
    if (match === null) throw new SyntaxError(`shell: ${shell.slice(0, 80)}`)
    const [, operator, word] = match
    if (operator !== undefined) found.push({ text: operator, operator: true })
    else if (word !== undefined) found.push({ text: unquote(word), operator: false })
  }
  return found
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
    (_, single?: string, double?: string, escaped?: string) =>
      single !== undefined ? single : double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (escaped ?? ''),
  )
}

/** The arguments that a simple command gives to lariat; undefined when it runs another program. */
export function lariatArguments(words: readonly string[]): readonly string[] | undefined {
  const [program = '', ...rest] = words
  if (program === 'sudo') return lariatArguments(rest[0] === '-u' ? rest.slice(2) : rest)
  if (program === 'lariat') return rest
  if (program === 'node' && /(^|\/)dist\/lariat\.js$/.test(rest[0] ?? '')) return rest.slice(1)
  if (program === 'npm' && rest[0] === 'run' && rest[1] === 'testnet')
    return ['testnet', ...rest.slice(rest[2] === '--' ? 3 : 2)]
  return undefined
}

/** What is wrong with a command line of lariat, by the command tree: undefined when nothing is. It runs nothing. */
export async function problemOf(args: readonly string[]): Promise<string | undefined> {
  const program = await createProgram(() => true)
  let said = ''
  const tell = (text: string) => {
    said += text
  }
  for (const command of [program, ...commandsBelow(program).map(([, one]) => one)]) {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: tell })
    if (command.commands.length === 0) command.action(() => {})
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? undefined : said.trim() || `there is no command "${args.join(' ')}"`
  }
}
