import assert from 'node:assert/strict'
import type { Command } from 'commander'
import { lariatArguments, problemOf, simpleCommands } from '../../../scripts/lib/commandLines.ts'
import { shapesIn } from '../../../scripts/lib/jsonShape.ts'
import { aboutOf, commandsBelow } from '../../../src/cli/about.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { PLUGINS } from '../../../src/node/plugins.ts'
import { inProcess } from '../../support/inProcess.ts'

/** Where `--json` names a file, as the screen is for people. */
const JSON_FILE = ['testnet']

describe('the tree of commands', () => {
  let program: Command
  let all: readonly (readonly [string, Command])[]

  before(async () => {
    program = await createProgram(() => true)
    all = commandsBelow(program)
  })
  const leaves = () => all.filter(([, { commands }]) => commands.length === 0)

  it('has a description for every command, argument and option', () => {
    assert.ok(leaves().length > 40, `${leaves().length} commands`)
    for (const [path, command] of all) {
      assert.match(command.description(), /^[^A-Z].{8,}[^.]$/, path)
      for (const argument of command.registeredArguments)
        assert.notEqual(argument.description, '', `${path} ${argument.name()}`)
      for (const { flags, description } of command.options) assert.ok(description.length > 5, `${path} ${flags}`)
    }
  })

  it('has an example in the help of every command, and each parses', async () => {
    for (const [path, command] of all) {
      let help = ''
      const writeOut = (text: string) => {
        help += text
      }
      command.configureOutput({ writeOut })
      command.outputHelp()
      const [, shown = ''] = help.split(/^Examples?:$/m)
      const lines = shown.split('\n').filter((line) => line.startsWith('  lariat '))
      assert.ok(lines.length > 0, `${path}: no example`)
      for (const line of lines) {
        const parts = simpleCommands(line)
        const [words = []] = parts
        const args = lariatArguments(words)
        assert.ok(parts.length === 1 && args !== undefined, line)
        assert.ok(
          args.join(' ').startsWith(command.commands.length === 0 ? path.replace(/^signer run$/, 'signer') : path),
          line,
        )
        assert.equal(await problemOf(args), undefined, line)
      }
    }
  })

  it('has --json for every command with a result, and says its shape', () => {
    for (const [path, command] of leaves()) {
      const { json, jsonLines, noResult } = aboutOf(command) ?? {}
      const given = [json, jsonLines, noResult].filter((one) => one !== undefined)
      assert.equal(given.length, 1, `${path}: one of json, jsonLines and noResult`)
      const flag = command.options.find(({ long }) => long === '--json')
      if (JSON_FILE.includes(path)) assert.ok(flag?.required, path)
      else assert.equal(flag !== undefined, noResult === undefined, path)
      for (const shape of [json, jsonLines]) assert.ok(shape === undefined || shapesIn(shape).length > 0, path)
    }
  })

  it('tells of every command what it does while one waits, or why nobody waits', () => {
    for (const [path, command] of leaves()) {
      const { progress, noProgress } = aboutOf(command) ?? {}
      assert.equal([progress, noProgress].filter((one) => one !== undefined).length, 1, path)
      assert.match(progress ?? noProgress ?? '', /^[a-z].{7,}[^.]$/, path)
    }
  })

  it('shows on a terminal what a command does once it has taken a second', async () => {
    const { write } = process.stderr
    const { isTTY } = process.stderr
    const asked = Promise.withResolvers<void>()
    const one = await createProgram(() => true)
    const status = one.commands.find((command) => command.name() === 'status')
    status?.action(() => asked.promise)
    let shown = ''
    const seen = Promise.withResolvers<void>()
    process.stderr.isTTY = true
    process.stderr.write = ((text: string) => {
      shown += text
      seen.resolve()
      return true
    }) as typeof write
    try {
      const running = one.parseAsync(['status', '--config', 'node.yaml'], { from: 'user' })
      await seen.promise
      asked.resolve()
      await running
      assert.match(shown, /asking the node \(1 s\)/)
      assert.ok(shown.endsWith('\r\u001b[K'))
    } finally {
      process.stderr.write = write
      process.stderr.isTTY = isTTY
    }
  })

  it('says the same of the same option everywhere', () => {
    const said = new Map<string, Set<string>>()
    for (const [, { options }] of all) {
      for (const { long, flags, description } of options) {
        if (['--config', '--yes', '--calldata'].includes(long ?? '')) {
          said.set(flags, (said.get(flags) ?? new Set()).add(description))
        }
      }
    }
    assert.deepEqual([...said.keys()].sort(), ['--calldata', '--config <file>', '--yes'])
    assert.equal(said.get('--calldata')?.size, 1)
    // of a node; of a remote signer; of a staker
    assert.equal(said.get('--config <file>')?.size, 3)
  })

  it('names every plug-in with commands, and loads it only when it is asked for', async () => {
    const lazy = await createProgram((name) => name === 'bridge')
    for (const [name, { commands }] of Object.entries(PLUGINS)) {
      const found = lazy.commands.find((command) => command.name() === name)
      assert.equal(found !== undefined, commands !== undefined, name)
      if (found !== undefined) assert.equal(found.commands.length > 0, name === 'bridge', name)
    }
  })

  it('answers --help with 0, and mistakes with 2 and one sentence', async () => {
    for (const args of [['--help'], ['keys', '--help'], ['randomness', 'get', '--help'], ['help', 'bridge', 'trace']]) {
      const { code, stdout, stderr } = await inProcess(...args)
      assert.deepEqual([code, stderr], [0, ''], args.join(' '))
      assert.match(stdout, /^Usage: lariat [\s\S]*\nExamples?:\n {2}lariat /, args.join(' '))
    }
    for (const args of [
      ['walk'],
      ['run'],
      ['keys', 'crate'],
      ['status', '--config'],
      ['bridge', 'trace'],
      ['explain', 'x', 'y'],
    ]) {
      const { code, stdout, stderr } = await inProcess(...args)
      assert.deepEqual([code, stdout], [2, ''], args.join(' '))
      assert.match(stderr, /^lariat: /, args.join(' '))
    }
  })

  it('prints results as text, or as JSON when asked', async () => {
    assert.match((await inProcess('version')).stdout, /^\S+\n$/)
    assert.deepEqual(Object.keys(JSON.parse((await inProcess('version', '--json')).stdout)), [
      'version',
      'node',
      'platform',
      'arch',
    ])
    const unknown = await inProcess('explain', 'guard.conflikt')
    assert.deepEqual([unknown.code, unknown.stdout], [2, ''])
    assert.match(unknown.stderr, /^lariat: there is no code .*did you mean guard\.conflict/)
    assert.equal(JSON.parse((await inProcess('explain', 'guard.conflict', '--json')).stdout).step, 'guard')
    assert.ok(JSON.parse((await inProcess('explain', '--json')).stdout).length > 250)
  })
})

describe('pieces of shell', () => {
  it('are taken apart as a shell does', () => {
    assert.deepEqual(simpleCommands('A=1 lariat run --config "my file.yaml" # why\n'), [
      ['lariat', 'run', '--config', 'my file.yaml'],
    ])
    assert.deepEqual(simpleCommands("npm ci && npm run testnet -- --slash '10%' | tee out > log 2>&1; echo a\\ b"), [
      ['npm', 'ci'],
      ['npm', 'run', 'testnet', '--', '--slash', '10%'],
      ['tee', 'out'],
      ['echo', 'a b'],
    ])
    assert.deepEqual(simpleCommands('lariat guard \\\n  show'), [['lariat', 'guard', 'show']])
    assert.throws(() => simpleCommands("echo 'open"), SyntaxError)
  })

  it('are told to be commands of lariat or of others', () => {
    assert.deepEqual(lariatArguments(['sudo', '-u', 'op', 'lariat', 'status']), ['status'])
    assert.deepEqual(lariatArguments(['node', '/opt/lariat/dist/lariat.js', 'version']), ['version'])
    assert.deepEqual(lariatArguments(['npm', 'run', 'testnet', '--', '--operators', '7']), [
      'testnet',
      '--operators',
      '7',
    ])
    assert.equal(lariatArguments(['curl', 'lariat']), undefined)
  })

  it('are told to be wrong by the tree', async () => {
    assert.equal(await problemOf(['status', '--config', 'node.yaml']), undefined)
    assert.match((await problemOf(['status'])) ?? '', /--config/)
    assert.match((await problemOf(['status', '--config', 'a', '--jason'])) ?? '', /unknown option '--jason'/)
    assert.match((await problemOf(['testnet', '--operators', '3'])) ?? '', /from 4 to 64/)
    assert.match((await problemOf(['guard'])) ?? '', /there is no command "guard"/)
  })
})
