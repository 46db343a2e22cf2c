import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { lariatArguments, simpleCommands } from './commandLines.ts'

const ROOT = join(import.meta.dirname, '../..')

/** One command of a block of shell in the documentation. */
export interface DocsCommand {
  readonly page: string
  readonly words: readonly string[]
  /** What it gives to lariat; undefined when it runs another program. */
  readonly args: readonly string[] | undefined
}

/** Pages for people, by path. */
export function pages(): Record<string, string> {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name))
  const names = [
    'README.md',
    'CONTRIBUTING.md',
    ...docs.filter((name) => name.endsWith('.md')).sort(),
    'docker/operator/README.md',
  ]
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]))
}

/** Commands of all blocks that are fenced as `sh`. */
export function commandsIn(page: string, text: string): DocsCommand[] {
  const blocks = [...text.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)]
  return blocks.flatMap(([, , block = '']) =>
    simpleCommands(block).map((words) => ({ page, words, args: lariatArguments(words) })),
  )
}

/** `lariat …` in running text. */
export function inlineCommands(text: string): string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```$/gm, '')
  return [...prose.matchAll(/`(lariat [^`]+)`/g)].map(([, line = '']) => line.replaceAll(/\s+/g, ' '))
}

/**
 * What is wrong with a command in running text, where arguments are left out or stand for others: a command or an option that
 * there is not. Undefined when nothing is.
 */
export function inlineProblem(line: string, program: Command): string | undefined {
  const [, ...words] = line.split('<')[0]?.trim().split(' ') ?? []
  let reached: readonly Command[] = [program]
  let options = false
  for (const word of words) {
    if (word.startsWith('-')) {
      options = true
      const flag = word.replace(/[=,.)\]].*$/, '')
      const has = ({ options }: Command) =>
        options.some(({ long, short }) => long === flag || short === flag || flag.endsWith('…'))
      // a group's own options are those of the command that it runs when none is named
      if (flag !== '--help' && !reached.some((one) => has(one) || one.commands.some(has)))
        return `${line}: no option ${flag}`
    } else if (!options && reached.some(({ commands }) => commands.length > 0)) {
      if (/^([A-Z<[…]|\.\.\.)/.test(word)) return undefined
      const names = word.replace(/[,.;:)]+$/, '').split(/\\?\|/)
      const found = names.map(
        (name) => reached.flatMap(({ commands }) => commands.filter((one) => one.name() === name))[0],
      )
      const missing = names.find((_, i) => found[i] === undefined)
      if (missing !== undefined) return `${line}: no command ${missing}`
      reached = found.filter((one) => one !== undefined)
    }
  }
  return undefined
}

/** Other programs in blocks of shell: by the words that they begin with, why they are not run here, or by what they are run. */
export const OTHERS: Readonly<Record<string, string>> = {
  'npm ci': 'npm run check:readme and .ci/run run it as written',
  'npm test': '.ci/run runs it as written',
  'npm run build': 'npm test runs it',
  'install -d': 'makes folders of the machine that a node gets',
  sudo: 'gives files to user 1000 on the machine of an operator: npm run check:docker does the same as root',
  cd: 'goes to a folder of this repository',
  touch: 'makes files of the machine of an operator',
  docker: 'needs an engine: npm run check:docker',
}

/** Commands of lariat in blocks of shell that `npm run check:docs` runs on a testnet. */
export const RUN = [
  ...['status', 'doctor', 'explain', 'init', 'version', 'completion', 'support-bundle'],
  ...['operator status', 'rewards show', 'evidence list', 'guard show', 'guard verify', 'keys list', 'stake show'],
] as const

/** The others, and where each is carried out instead. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  testnet: 'npm run check:readme runs it as README.md has it; check:docs runs one itself',
  run: 'the nodes of the testnet are started so; test/e2e/node.test.ts stops them',
  'acknowledge reorg': 'needs a chain that undid a final block: test/integration/node/chains.test.ts',
  'acknowledge slashed': 'needs a slashed operator: test/integration/cli/evidence.test.ts',
  'bridge trace': 'needs a message on its way: test/processes/testnetBridge.test.ts',
  'devnet chain': 'npm run check:docker runs the containers that it is for',
  'devnet deploy': 'npm run check:docker runs the containers that it is for',
  'devnet life': 'npm run check:docker runs the containers that it is for',
  'devnet operator': 'npm run check:docker runs the containers that it is for',
  'devnet venues': 'npm run check:docker runs the containers that it is for',
  'evidence show': 'needs an operator that signed twice: test/integration/cli/evidence.test.ts',
  'evidence submit': 'needs an operator that signed twice: test/integration/cli/evidence.test.ts',
  'guard accept': 'needs a record that is refused: test/integration/signer',
  'guard create': 'needs an operator that signed nothing: test/unit/node/guard',
  'guard export': 'needs a stopped node: test/integration/signer and test/unit/node/guard',
  'guard import': 'needs a stopped node: test/integration/signer and test/unit/node/guard',
  'keys backup-check': 'asks for a mnemonic at a terminal: test/unit/node/keys',
  'keys create': 'shows a mnemonic at a terminal: test/unit/node/keys',
  'keys export': 'test/unit/node/keys',
  'keys import': 'asks for a mnemonic at a terminal: test/unit/node/keys',
  'keys rotate': 'sends transactions: test/processes/keys.test.ts',
  'operator allocate': 'sends transactions: test/e2e/operatorLife.test.ts',
  'operator allocation-delay': 'sends transactions: test/e2e/operatorCommands.test.ts',
  'operator deallocate': 'sends transactions: test/e2e/operatorLife.test.ts',
  'operator exit': 'sends transactions: test/e2e/operatorLife.test.ts',
  'operator metadata': 'sends transactions: test/e2e/operatorCommands.test.ts',
  'operator opt-in': 'sends transactions: test/e2e/operatorLife.test.ts',
  'operator opt-out': 'sends transactions: test/e2e/operatorLife.test.ts',
  'operator register': 'sends transactions: test/e2e/operatorLife.test.ts',
  'operator rewards claim': 'sends transactions: test/e2e/rewards.test.ts',
  'operator rewards show': 'is rewards show under another name',
  'randomness encrypt': 'needs a beacon: test/processes/beacon.test.ts',
  'randomness get': 'needs a beacon: test/processes/beacon.test.ts',
  'randomness info': 'needs a beacon: test/processes/beacon.test.ts',
  'randomness share export': 'needs a stopped node with shares: test/unit/node/shares.test.ts',
  'randomness share import': 'needs a stopped node: test/unit/node/shares.test.ts',
  'randomness verify': 'needs a beacon: test/unit/avs/randomness/commands.test.ts',
  resume: 'needs a node that saw another instance: test/processes/secondSelf.test.ts',
  'rewards claim': 'sends transactions: test/e2e/rewards.test.ts',
  'signer certificates': 'test/unit/signer',
  'signer run': 'the testnet starts it with --remote-signers: test/e2e/remoteSigner.test.ts',
  'stake claim': 'sends transactions: test/e2e/testnet.test.ts walks the whole way',
  'stake deposit': 'sends transactions: test/e2e/testnet.test.ts walks the whole way',
  'stake request-withdrawal': 'sends transactions: test/e2e/testnet.test.ts walks the whole way',
  'stake restake': 'sends transactions: test/e2e/testnet.test.ts walks the whole way',
}

/** The words of a command line that name the command: `operator status`. */
export function pathOf(args: readonly string[], paths: readonly string[]): string | undefined {
  const words = args.filter((word) => !word.startsWith('-'))
  const fits = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((path) => paths.includes(path))
  return args[0] === 'signer' && fits === undefined ? 'signer run' : fits
}
