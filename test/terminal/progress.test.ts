import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeInterchange } from '../../src/signer/interchange/format.ts'
import { BUNDLE, needBundle } from '../support/bundle.ts'

/** Statements of which looking at them takes some seconds. */
const STATEMENTS = 60_000
const hex = (byte: string, size: number) => `0x${byte.repeat(size)}` as const

describe('progress at a terminal', function () {
  this.timeout(180_000)
  let folder: string

  before(() => {
    needBundle()
    folder = mkdtempSync(join(tmpdir(), 'lariat-terminal-'))
    mkdirSync(join(folder, 'data'))
    mkdirSync(join(folder, 'other'))
    const signed = Array.from({ length: STATEMENTS }, (_, i) => ({
      ...{ slot: String(i + 1), attempt: '0', epoch: '1' },
      payload: hex((i % 256).toString(16).padStart(2, '0'), 32),
    }))
    const metadata = {
      ...({ interchange_format: 'lariat-guard', interchange_format_version: '1', retired: true } as const),
      ...{ exported_at: '2026-01-31T12:00:00Z', record_id: hex('01', 16), not_before_ms: '0' },
    }
    const stream = {
      ...{ chain_id: '1', genesis_hash: hex('02', 32), service_manager: hex('03', 20), operator: hex('04', 20) },
      ...{ service: hex('05', 32), kind: '1', low_watermark: '0', signed },
    }
    writeFileSync(join(folder, 'record.json'), writeInterchange({ metadata, data: [stream] }))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Standard output and error of a command at a terminal of 80 columns; `redirect` is shell. */
  function atTerminal(args: string, redirect = ''): string {
    const line = `stty cols 80; exec '${process.execPath}' '${BUNDLE}' ${args} ${redirect}`
    const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, stdout)
    return stdout
  }
  const DRAWN = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /

  it('of guard import and verify says how far they are, within the line, and is gone before the result', () => {
    const imported = atTerminal('guard import record.json --data-dir data')
    assert.match(imported, /merging the file into the record, reading statement \d+ of a stream \(\d+ s\)/)
    const verified = atTerminal('guard verify record.json --data-dir data')
    assert.match(verified, /looking at the record, (\w+ )+of a stream \(\d+ s\)/)
    for (const shown of [imported, verified]) {
      const drawings = shown.split('\r\u001b[K')
      assert.ok(drawings.length > 3, shown)
      const result = drawings.pop() ?? ''
      assert.doesNotMatch(result, DRAWN)
      assert.match(result, /statements, all in order|60000 new/)
      for (const drawing of drawings) assert.ok(drawing.length < 80, drawing)
    }
  })

  it('is not there with --json, nor where standard error is no terminal', () => {
    assert.doesNotMatch(atTerminal('guard verify record.json --data-dir data --json'), DRAWN)
    assert.doesNotMatch(atTerminal('guard verify record.json --data-dir data', '2>errors'), DRAWN)
    const { stdout, stderr } = spawnSync(process.execPath, [BUNDLE, 'guard', 'verify', '--data-dir', 'data'], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.equal(stderr, '')
    assert.match(stdout, /60000 statements, all in order/)
  })

  it('has colours beside it at a terminal alone, unless NO_COLOR forbids them', () => {
    const doctor = (shell: string) => {
      const line = `${shell} '${process.execPath}' '${BUNDLE}' doctor --config none.yaml`
      return spawnSync('script', ['-qec', line, '/dev/null'], { cwd: folder, encoding: 'utf8' }).stdout
    }
    assert.ok(doctor('env -u NO_COLOR -u FORCE_COLOR TERM=xterm').includes('\u001b[31mfail\u001b[0m'))
    assert.match(doctor('env NO_COLOR=1 TERM=xterm'), /^ {2}fail {2}/m)
    const { stdout } = spawnSync(process.execPath, [BUNDLE, 'doctor', '--config', 'none.yaml'], {
      ...{ cwd: folder, encoding: 'utf8' },
      env: { ...process.env, FORCE_COLOR: undefined },
    })
    assert.match(stdout, /^ {2}fail {2}/m)
  })

  it('leaves nothing of itself in the result of keys create', () => {
    const shown = atTerminal('keys create --dir keys --random')
    const [, result = ''] = /([\s\S]*operator {2,}0x[\s\S]*)/.exec(shown.split('\r\u001b[K').at(-1) ?? '') ?? []
    assert.match(result, /blsPublicKey/)
    assert.doesNotMatch(result, DRAWN)
  })
})
