import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { problemOf } from '../../../scripts/lib/commandLines.ts'
import {
  commandsIn,
  inlineCommands,
  inlineProblem,
  NOT_RUN,
  OTHERS,
  pages,
  pathOf,
  RUN,
} from '../../../scripts/lib/docsCommands.ts'
import { commandsBelow } from '../../../src/cli/about.ts'
import { createProgram } from '../../../src/cli/program.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe('commands in the documentation', () => {
  let program: Command
  let paths: readonly string[]
  before(async () => {
    program = await createProgram(() => true)
    paths = commandsBelow(program).flatMap(([path, { commands }]) => (commands.length === 0 ? [path] : []))
  })

  it('are ones that there are, with options that there are', async () => {
    const all = Object.entries(pages()).flatMap(([page, text]) => commandsIn(page, text))
    assert.ok(all.filter(({ args }) => args !== undefined).length > 80, `${all.length}`)
    for (const { page, words, args } of all) {
      if (args !== undefined) assert.equal(await problemOf(args), undefined, `${page}: ${words.join(' ')}`)
    }
  })

  it('are run on a testnet, or it is said where instead; other programs too', () => {
    for (const [page, text] of Object.entries(pages())) {
      for (const { words, args } of commandsIn(page, text)) {
        const line = words.join(' ')
        if (args === undefined)
          assert.ok(
            Object.keys(OTHERS).some((begin) => line.startsWith(begin)),
            `${page}: ${line}`,
          )
        else {
          const path = pathOf(args, paths) ?? ''
          const known = (RUN as readonly string[]).includes(path) || Object.hasOwn(NOT_RUN, path)
          assert.ok(known || args.includes('--help'), `${page}: ${line}`)
        }
      }
    }
    assert.deepEqual(
      [...RUN, ...Object.keys(NOT_RUN)].sort(),
      [...paths].sort(),
      'every command is in one of the lists',
    )
    const lines = Object.entries(pages()).flatMap(([page, text]) =>
      commandsIn(page, text).flatMap(({ words, args }) => (args === undefined ? [words.join(' ')] : [])),
    )
    for (const begin of Object.keys(OTHERS)) {
      assert.ok(
        lines.some((line) => line.startsWith(begin)),
        `no page has ${begin}`,
      )
    }
    for (const [path, why] of Object.entries({ ...NOT_RUN, ...OTHERS })) {
      for (const [file] of why.matchAll(/test\/[\w/]+(\.test\.ts)?/g))
        assert.ok(existsSync(join(ROOT, file)), `${path}: ${file}`)
    }
  })

  it('in running text are ones that there are', () => {
    const problems = Object.entries(pages()).flatMap(([page, text]) =>
      inlineCommands(text).flatMap((line) => {
        const problem = inlineProblem(line, program)
        return problem === undefined ? [] : [`${page}: ${problem}`]
      }),
    )
    assert.deepEqual(problems, [])
    assert.match(inlineProblem('lariat operator alocate X', program) ?? '', /no command alocate/)
    assert.match(inlineProblem('lariat status --jason', program) ?? '', /no option --jason/)
    assert.equal(inlineProblem('lariat keys create\\|import --dir X', program), undefined)
  })

  it('stand in blocks of shell, so that they are looked at', () => {
    for (const [page, text] of Object.entries(pages())) {
      if (page === 'docs/cli.md') continue
      for (const [, language, block = ''] of text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)) {
        if (language !== 'sh') assert.doesNotMatch(block, /^ *(lariat|npm run|node dist)\b/m, page)
      }
      const prose = text.replace(/^ *```[\s\S]*?^ *```$/gm, '')
      assert.doesNotMatch(prose, /^ {4,}(lariat|npm run) /m, page)
    }
  })
})
