import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Place, placesOf } from '../../../src/cli/completion/places.ts'
import { completionScript, SHELLS } from '../../../src/cli/completion/scripts.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { inProcess } from '../../support/inProcess.ts'

describe('lariat completion', () => {
  let places: readonly Place[]
  let folder: string

  before(async () => {
    places = await placesOf(await createProgram(() => true))
    folder = mkdtempSync(join(tmpdir(), 'lariat-completion-'))
    mkdirSync(join(folder, 'a folder'))
    writeFileSync(join(folder, 'node.yaml'), '')
    writeFileSync(join(folder, 'bash'), completionScript('bash', places))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** What a real bash offers, once for all lines: the last word of each is the one that is being typed. */
  function offered(...lines: readonly (readonly string[])[]): string[][] {
    const asks = lines.map((words) => {
      const quoted = ['lariat', ...words].map((word) => `'${word}'`).join(' ')
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _lariat; printf '%s\\n' -- "\${COMPREPLY[@]}"`
    })
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-uc', ['source ./bash', ...asks].join('\n')], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.deepEqual([status, stderr], [0, ''])
    // two dashes before the answer to each
    return stdout
      .split(/^--$/m)
      .slice(1)
      .map((text) => text.split('\n').filter((word) => word !== ''))
  }

  it('completes commands, options and values in a real bash', () => {
    const [sta, keys, rotate, long, file, dir, kind, state, code, after, none, deep] = offered(
      ['sta'],
      ['keys', ''],
      ['keys', 'ro'],
      ['operator', 'allocate', 'prices', '--'],
      ['run', '--config', ''],
      ['keys', 'list', '--dir', ''],
      ['keys', 'create', '--kind', ''],
      ['guard', 'accept', 'm'],
      ['explain', 'guard.c'],
      ['status', '--config', 'node.yaml', '--j'],
      ['operator', 'metadata', ''],
      ['randomness', 'share', 'e'],
    )
    assert.deepEqual(sta, ['status', 'stake'])
    assert.deepEqual(keys, ['create', 'import', 'export', 'list', 'rotate', 'backup-check'])
    assert.deepEqual(rotate, ['rotate'])
    assert.ok(['--magnitude', '--strategy', '--config', '--yes', '--help'].every((one) => long?.includes(one)))
    assert.deepEqual(file?.sort(), ['a folder', 'bash', 'node.yaml'])
    assert.deepEqual(dir, ['a folder'])
    assert.deepEqual(kind, ['bn254', 'ecdsa', 'checkpoints'])
    assert.deepEqual(state, ['missing'])
    assert.deepEqual(code, ['guard.conflict'])
    assert.deepEqual(after, ['--json'])
    assert.deepEqual(none, [])
    assert.deepEqual(deep, ['export'])
  })

  it('knows every place and every option of the tree, in every shell', async () => {
    for (const shell of SHELLS) {
      const { code, stdout } = await inProcess('completion', shell)
      assert.equal(code, 0)
      assert.equal(stdout, completionScript(shell, places))
      for (const { path, options } of places) {
        assert.ok(stdout.includes(`"${path}"`) || stdout.includes(`'${path}'`), `${shell}: ${path}`)
        for (const { long } of options)
          assert.ok(stdout.includes(shell === 'fish' ? ` -l ${long.slice(2)}` : long), `${shell}: ${long}`)
      }
      // a description never ends a quotation
      for (const { children, options } of places) {
        for (const { about } of [...children, ...options]) assert.match(about, /^[\p{L}\p{N} ,.%-]+$/u)
      }
    }
    assert.equal((await inProcess('completion', 'tcsh')).code, 2)
  })
})
