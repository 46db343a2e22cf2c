import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRegistrarKey } from '../../../src/node/keysCommand.ts'
import { openRegistrarKey } from '../../../src/signer/registrarKey.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { silentLog } from '../../../src/util/log.ts'

describe('lariat keys create --kind', function () {
  this.timeout(60_000) // keystores of full strength
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-keys-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  for (const kind of ['bn254', 'ecdsa'] as const) {
    it(`makes a ${kind} key that opens, and never replaces one`, async () => {
      const made = await createRegistrarKey(kind, folder)
      assert.deepEqual(readdirSync(folder).sort(), [`avs-${kind}.json`, `avs-${kind}.password`])
      const key = await openRegistrarKey(kind, made, silentLog)
      assert.equal(key.keyData, made.keyData)
      await assert.rejects(
        createRegistrarKey(kind, folder),
        (error: unknown) => error instanceof LariatError && error.code === 'file.exists',
      )
    })
  }
})
