import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { placesOf } from '../../src/cli/completion/places.ts'
import { completionScript } from '../../src/cli/completion/scripts.ts'
import { createProgram } from '../../src/cli/program.ts'

/** Typed words, the last of which is being typed, and what must be among the answers and what not. */
const CASES: readonly (readonly [words: readonly string[], has: readonly string[], hasNot: readonly string[]])[] = [
  [[''], ['status', 'keys', 'bridge'], ['create']],
  [['keys', ''], ['create', 'rotate'], ['status']],
  [['randomness', 'share', ''], ['export', 'import'], ['get']],
  [['status', '--'], ['--config', '--json', '--help'], ['--yes']],
  [['guard', 'accept', ''], ['missing', 'retired'], ['node.yaml']],
  [['keys', 'create', '--kind', ''], ['bn254', 'ecdsa'], ['node.yaml']],
  [['explain', 'guard.c'], ['guard.conflict'], ['keys']],
  [['run', '--config', ''], ['node.yaml'], ['status']],
]

describe('completion in real shells', () => {
  let folder: string

  before(async () => {
    const places = await placesOf(await createProgram(() => true))
    folder = mkdtempSync(join(tmpdir(), 'lariat-shells-'))
    mkdirSync(join(folder, 'a folder'))
    writeFileSync(join(folder, 'node.yaml'), '')
    for (const shell of ['zsh', 'fish'] as const) writeFileSync(join(folder, shell), completionScript(shell, places))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function run(command: string, ...args: readonly string[]): string {
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder }
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env })
    assert.deepEqual([error, status, stderr], [undefined, 0, ''], `${command}: ${stderr}`)
    return stdout
  }

  function check(words: readonly string[], offered: readonly string[], has: readonly string[], not: readonly string[]) {
    for (const word of has) assert.ok(offered.includes(word), `${words.join(' ')}: no ${word} in ${offered.join(' ')}`)
    for (const word of not) assert.ok(!offered.includes(word), `${words.join(' ')}: ${word}`)
  }

  it('offers in fish what can follow', () => {
    for (const [words, has, hasNot] of CASES) {
      const line = ['lariat', ...words].join(' ')
      const out = run('fish', '--no-config', '-c', `source ./fish; complete -C '${line}'`)
      check(
        words,
        out.split('\n').map((row) => row.split('\t')[0] ?? ''),
        has,
        hasNot,
      )
    }
  })

  it('offers in zsh what can follow', () => {
    for (const [words, has, hasNot] of CASES) {
      // what zsh has only while somebody types is told instead of shown
      const script = [
        'compdef() { }',
        'compadd() { shift; print -rl -- "$@" }',
        '_files() { print -rl -- *(N) }',
        `_describe() { local name=$2; print -rl -- \${\${(P)name}%%:*} }`,
        'source ./zsh',
        `words=(lariat ${words.map((word) => `'${word}'`).join(' ')}) CURRENT=${words.length + 1}`,
        '_lariat',
      ]
      check(words, run('zsh', '-f', '-c', script.join('\n')).split('\n'), has, hasNot)
    }
  })
})
