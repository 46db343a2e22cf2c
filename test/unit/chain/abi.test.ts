import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderAbis } from '../../../scripts/lib/abis.ts'
import { buildContracts, ROOT } from '../../../scripts/lib/forge.ts'

describe('generated ABIs', function () {
  // A first compilation takes half a minute on two busy cores.
  this.timeout(180_000)

  it('are those of the contracts (npm run abi writes them)', () => {
    buildContracts()
    const abis = renderAbis()
    assert.ok(abis.size > 0)
    for (const [file, text] of abis) assert.equal(readFileSync(join(ROOT, file), 'utf8'), text, `${file} is stale`)
  })
})
