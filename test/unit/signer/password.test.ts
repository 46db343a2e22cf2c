import assert from 'node:assert/strict'
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  choosePassword,
  createPasswordFile,
  readPassword,
  readSecretText,
} from '../../../src/signer/keystore/password.ts'
import { silentLog } from '../../../src/util/log.ts'
import { scriptedPrompt } from '../../support/prompt.ts'
import { type LogLine, recordingLog } from './fixtures.ts'

const WHAT = 'key.json'
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lariat-password-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
function write(text: string, mode = 0o600): string {
  writeFileSync(path('p'), text, { mode })
  chmodSync(path('p'), mode)
  return path('p')
}

describe('password files', () => {
  it('lose one trailing newline and nothing else', async () => {
    const texts = { 'a b\n': 'a b', 'a\r\n': 'a', 'a\n\n': 'a\n', ' a ': ' a ', 'é🔑\n': 'é🔑' }
    for (const [text, expected] of Object.entries(texts)) {
      assert.equal((await readPassword({ passwordFile: write(text) }, WHAT, silentLog)).reveal(), expected)
    }
  })

  it('that others may read give a warning that names file and mend', async () => {
    for (const mode of [0o644, 0o640, 0o604]) {
      const lines: LogLine[] = []
      await readPassword({ passwordFile: write('hunter2', mode) }, WHAT, recordingLog(lines))
      assert.equal(lines.length, 1)
      assert.equal(lines[0]?.level, 'warn')
      assert.match(lines[0]?.message ?? '', /chmod 600/)
      assert.equal(lines[0]?.fields.file, path('p'))
    }
    const lines: LogLine[] = []
    await readPassword({ passwordFile: write('hunter2', 0o600) }, WHAT, recordingLog(lines))
    await readPassword({ passwordFile: write('hunter2', 0o400) }, WHAT, recordingLog(lines))
    assert.deepEqual(lines, [])
  })

  it('are made with mode 0600 and a password of their own', async () => {
    const made = await createPasswordFile(path('one'))
    const other = await createPasswordFile(path('two'))
    assert.equal(statSync(path('one')).mode & 0o777, 0o600)
    assert.equal((await readPassword({ passwordFile: path('one') }, WHAT, silentLog)).reveal(), made.reveal())
    assert.notEqual(made.reveal(), other.reveal())
    assert.ok(made.reveal().length >= 43)
    await assert.rejects(createPasswordFile(path('one')), { code: 'file.exists' })
  })
})

describe('passwords from a file descriptor', () => {
  it('are read to the end, once', async () => {
    const passwordFd = openSync(write('from a pipe\n'), 'r')
    assert.equal((await readPassword({ passwordFd }, WHAT, silentLog)).reveal(), 'from a pipe')
    await assert.rejects(readPassword({ passwordFd }, WHAT, silentLog), { code: 'keystore.unreadable' })
  })

  it('are refused when it is closed, empty, or gives too much', async () => {
    const closed = openSync(write('x'), 'r')
    closeSync(closed)
    await assert.rejects(readPassword({ passwordFd: closed }, WHAT, silentLog), {
      code: 'keystore.unreadable',
      message: /file descriptor \d+: cannot be read \(EBADF\)/,
    })
    const empty = openSync(write('\n'), 'r')
    await assert.rejects(readPassword({ passwordFd: empty }, WHAT, silentLog), { code: 'keystore.invalid' })
    const much = openSync(write('x'.repeat(70_000)), 'r')
    await assert.rejects(readPassword({ passwordFd: much }, WHAT, silentLog), { code: 'keystore.invalid' })
  })
})

describe('passwords from a prompt', () => {
  it('are asked for without an echo', async () => {
    const { prompt, hidden, shown } = scriptedPrompt(['typed secret'])
    assert.equal((await readPassword({}, WHAT, silentLog, prompt)).reveal(), 'typed secret')
    assert.deepEqual(hidden, ['Password of key.json: '])
    assert.ok(!shown.join('').includes('typed'))
  })

  it('are refused when nobody is at a terminal', async () => {
    const { prompt } = scriptedPrompt([], { interactive: false })
    await assert.rejects(readPassword({}, WHAT, silentLog, prompt), {
      code: 'keystore.missing-password',
      message: /nobody is at a terminal: name a password file, or a file descriptor/,
    })
  })

  it('for a new keystore are long enough and typed twice', async () => {
    const good = await choosePassword({}, WHAT, silentLog, scriptedPrompt(['long enough', 'long enough']).prompt)
    assert.equal(good.reveal(), 'long enough')
    await assert.rejects(choosePassword({}, WHAT, silentLog, scriptedPrompt(['long enough', 'other']).prompt), {
      code: 'keystore.wrong-password',
    })
    await assert.rejects(choosePassword({}, WHAT, silentLog, scriptedPrompt(['1234567']).prompt), {
      code: 'keystore.weak-password',
    })
    await assert.rejects(choosePassword({ passwordFile: write('🔑'.repeat(7)) }, WHAT, silentLog), {
      code: 'keystore.weak-password',
    })
    await choosePassword({ passwordFile: write('🔑'.repeat(8)) }, WHAT, silentLog)
  })
})

describe('secret texts', () => {
  it('come from a file, with a warning when others may read it, or from a descriptor', async () => {
    const lines: LogLine[] = []
    const file = write('words words\n', 0o644)
    const log = recordingLog(lines)
    assert.equal((await readSecretText({ file }, 'mnemonic', log)).reveal(), 'words words')
    assert.match(lines[0]?.message ?? '', /mnemonic file is open to other users/)
    assert.equal((await readSecretText({ fd: openSync(file, 'r') }, 'mnemonic', log)).reveal(), 'words words')
    await assert.rejects(readSecretText({ file: path('none') }, 'mnemonic', log), { code: 'keystore.missing-file' })
  })
})
