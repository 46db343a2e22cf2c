import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFile } from '../../../src/util/create.ts'

describe('createFile', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-create-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('makes the file and its folders for their owner only', async () => {
    const file = join(folder, 'a', 'b', 'key.json')
    await createFile(file, 'content')
    assert.equal(readFileSync(file, 'utf8'), 'content')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(join(folder, 'a', 'b')), ['key.json'])
    await createFile(join(folder, 'public'), Uint8Array.of(1), 0o644)
    assert.equal(statSync(join(folder, 'public')).mode & 0o777, 0o644)
  })

  it('never replaces a file, and of many makers one wins', async () => {
    const file = join(folder, 'key')
    const texts = ['a', 'b', 'c', 'd']
    const results = await Promise.allSettled(texts.map((text) => createFile(file, text)))
    const winners = texts.filter((_, i) => results[i]?.status === 'fulfilled')
    assert.equal(winners.length, 1)
    assert.equal(readFileSync(file, 'utf8'), winners[0])
    for (const result of results) {
      if (result.status === 'rejected') assert.equal(result.reason.code, 'file.exists')
    }
    assert.deepEqual(readdirSync(folder), ['key'])
  })

  it('leaves nothing behind when it fails', async () => {
    mkdirSync(join(folder, 'taken'))
    await assert.rejects(createFile(join(folder, 'taken'), 'x'), { code: 'file.exists' })
    assert.deepEqual(readdirSync(folder), ['taken'])
  })
})
