// npm run docs: writes what comes from code: the reference pages of docs/, and the JSON Schemas of config/.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages, schemaFiles } from './lib/pages.ts'

const root = join(import.meta.dirname, '..')
for (const [name, text] of Object.entries(await referencePages())) writeFileSync(join(root, 'docs', name), text)
for (const [name, text] of Object.entries(await schemaFiles())) writeFileSync(join(root, 'config', name), text)
