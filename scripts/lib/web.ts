import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Browsers of the last three years. */
const TARGETS = ['chrome120', 'firefox121', 'safari17.4']

/**
 * Builds the status page of web/ into `folder`: script, style sheet and icon by names that hold the hash of their content, and
 * index.html, which names them.
 */
export async function buildPage(root: string, folder: string): Promise<void> {
  const web = join(root, 'web')
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'web/src/main.ts', style: 'web/style.css' },
    outdir: folder,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: TARGETS,
    legalComments: 'none',
    logLevel: 'warning',
  })
  const sources = new Map(outputFiles.map(({ path, contents }) => [path.slice(folder.length + 1), contents]))
  sources.set('icon.svg', readFileSync(join(web, 'icon.svg')))
  const named = new Map([...sources].map(([name, content]) => [name, { name: hashed(name, content), content }]))
  const index = readFileSync(join(web, 'index.html'), 'utf8').replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const file = named.get(name)
    if (file === undefined) throw new Error(`web/index.html wants ${name}, which is not built`)
    return file.name
  })
  mkdirSync(folder, { recursive: true })
  for (const { name, content } of named.values()) writeFileSync(join(folder, name), content)
  writeFileSync(join(folder, 'index.html'), index)
  const current = new Set(['index.html', ...[...named.values()].map(({ name }) => name)])
  for (const name of readdirSync(folder)) if (!current.has(name)) rmSync(join(folder, name))
}

function hashed(name: string, content: Uint8Array): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return name.replace(/\.(\w+)$/, `-${hash}.$1`)
}
