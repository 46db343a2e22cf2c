import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { referencePages, schemaFiles } from '../../../scripts/lib/pages.ts'

describe('generated pages of docs', () => {
  it('are as the code says; npm run docs writes them', async () => {
    for (const [name, text] of Object.entries(await referencePages())) {
      const file = new URL(`../../../docs/${name}`, import.meta.url)
      assert.equal(await readFile(file, 'utf8'), text, `docs/${name} is old: run npm run docs`)
    }
  })

  it('and the schemas of config', async () => {
    for (const [name, text] of Object.entries(await schemaFiles())) {
      const file = new URL(`../../../config/${name}`, import.meta.url)
      assert.equal(await readFile(file, 'utf8'), text, `config/${name} is old: run npm run docs`)
    }
  })
})
