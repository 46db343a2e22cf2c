import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFileAtomic } from '../../../src/util/files.ts'

describe('atomic files', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-files-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('replaces a file, sets its mode and leaves nothing else behind', async () => {
    const file = join(folder, 'a.json')
    await writeFile(file, 'old')
    await writeFileAtomic(file, 'new', 0o600)
    assert.equal(await readFile(file, 'utf8'), 'new')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(folder), ['a.json'])
  })

  it('leaves nothing behind when it fails', async () => {
    const file = join(folder, 'taken')
    await import('node:fs/promises').then((fs) => fs.mkdir(join(file, 'inside'), { recursive: true }))
    await assert.rejects(writeFileAtomic(file, 'text'))
    assert.deepEqual((await readdir(folder)).sort(), ['a.json', 'taken'])
  })
})
