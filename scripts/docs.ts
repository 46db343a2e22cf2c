// npm run docs: writes what comes from code: the reference pages of docs/, the JSON Schemas of config/, and Grafana's dashboards.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DASHBOARDS_FOLDER, dashboardFiles } from './dashboards/all.ts'
import { referencePages, schemaFiles } from './lib/pages.ts'

const ROOT = join(import.meta.dirname, '..')

function write(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(ROOT, folder), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(ROOT, folder, name), text)
}

write('docs', await referencePages())
write('config', await schemaFiles())
write(DASHBOARDS_FOLDER, dashboardFiles())
