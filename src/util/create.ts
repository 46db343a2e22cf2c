import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LariatError } from './errors.ts'

/**
 * Creates `file` with `content` in one step, durably, and never replaces one that is there: for keys and passwords, which
 * cannot be made again. Makes missing folders with mode 0700.
 * @throws LariatError `file.exists`
 */
export async function createFile(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(temporary, file) // unlike rename, fails when the file exists
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new LariatError(
        'file.exists',
        `${file} exists and is not replaced: choose another name, or move it away`,
        { file },
        error,
      )
    }
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
}

/** Puts the folder's entries on disk, so that a file made or renamed in it is there after a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
