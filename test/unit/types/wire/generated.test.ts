import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../../..')

describe('code generated from the protobuf schemas', function () {
  this.timeout(60_000) // it starts the generator
  it('is what `npm run proto` writes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lariat-proto-'))
    try {
      execFileSync(process.execPath, [join(ROOT, 'scripts/proto.ts'), folder])
      for (const file of ['src/types/wire/lariat.ts', 'src/p2p/frame.ts']) {
        assert.equal(
          readFileSync(join(ROOT, file), 'utf8'),
          readFileSync(join(folder, file), 'utf8'),
          `${file} drifted`,
        )
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
