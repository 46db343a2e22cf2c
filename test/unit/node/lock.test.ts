import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lockDataFolder } from '../../../src/node/lock.ts'
import type { LariatError } from '../../../src/util/errors.ts'

describe('data-folder lock', () => {
  let folder: string
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'lariat-lock-')), 'data')
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))
  const held = (pid?: number) => (error: LariatError) => {
    assert.equal(error.code, 'lock.held')
    assert.match(error.message, /in use by another lariat process/)
    assert.equal(error.details.pid, pid)
    return true
  }

  it('makes a folder of its own, refuses a second holder and gives back', async () => {
    const release = await lockDataFolder(folder)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    await assert.rejects(lockDataFolder(folder), held())
    await writeFile(join(folder, 'api.json'), '{"pid": 4711}')
    await assert.rejects(lockDataFolder(folder), held(4711))
    release()
    release()
    ;(await lockDataFolder(folder))()
  })

  it('dies with its process, also when that is killed', async () => {
    const module = fileURLToPath(new URL('../../../src/node/lock.ts', import.meta.url))
    const script = `const {lockDataFolder} = await import(${JSON.stringify(module)})
      await lockDataFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000)`
    const child = spawn(
      process.execPath,
      ['--import=tsx', '--conditions=source', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    try {
      await once(child.stdout, 'data')
      await assert.rejects(lockDataFolder(folder), held())
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    ;(await lockDataFolder(folder))()
  })

  it('tells a folder that cannot be used', async () => {
    await writeFile(folder, 'a file')
    await assert.rejects(lockDataFolder(folder), (error: LariatError) => error.code === 'lock.unavailable')
  })
})
