// npm run docs: writes the reference pages that come from code: docs/configuration.md, docs/metrics.md, docs/reasons.md.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages } from './lib/pages.ts'

for (const [name, text] of Object.entries(await referencePages())) {
  writeFileSync(join(import.meta.dirname, '..', 'docs', name), text)
}
