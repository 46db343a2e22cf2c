import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Bundles a program of a test, so that it starts in a tenth of a second. @returns its path, under build/, where packages are found */
export async function buildChild(entry: URL, name: string): Promise<string> {
  const outfile = `${ROOT}build/test/${name}-${process.pid}.mjs`
  await build({
    absWorkingDir: ROOT,
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.12',
    conditions: ['source'],
    mainFields: ['module', 'main'],
    external: ['better-sqlite3', '@chainsafe/blst'],
    banner: {
      js: `import { createRequire as hostRequire } from 'node:module'; const require = hostRequire(import.meta.url);`,
    },
    logLevel: 'warning',
  })
  return outfile
}
