import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSeen, readSeen, type Seen } from '../../../src/store/seen.ts'
import { eventually } from '../../support/eventually.ts'

const seen = (slot: bigint, generation = 0n): Seen => ({
  recordId: new Uint8Array(16).fill(1),
  generation,
  last: {
    chainId: 31337,
    serviceManager: new Uint8Array(20).fill(2),
    operator: new Uint8Array(20).fill(3),
    service: new Uint8Array(32).fill(4),
    kind: 1,
    slot,
    attempt: 0,
    payload: new Uint8Array(32).fill(5),
  },
})

describe('memory of how new a record was', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-seen-'))
    path = join(folder, 'guard.seen')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('takes the first statement at once, what follows closely soon after, and the last when it is closed', async () => {
    const file = openSeen(path)
    file.write(seen(1n))
    assert.deepEqual(readSeen(path), seen(1n))
    file.write(seen(2n))
    file.write(seen(3n))
    assert.deepEqual(readSeen(path), seen(1n), 'one write a statement, each of which makes the next commit slower')
    await eventually(() => readSeen(path)?.last?.slot === 3n, 'what waited was not written', 5_000)
    file.write(seen(4n))
    file.write(seen(5n))
    file.close()
    assert.deepEqual(readSeen(path), seen(5n))
  })

  it('takes another generation at once: an import must not be undone unnoticed', () => {
    const file = openSeen(path)
    file.write(seen(1n))
    file.write(seen(2n, 1n))
    assert.deepEqual(readSeen(path), seen(2n, 1n))
    file.close()
  })
})
