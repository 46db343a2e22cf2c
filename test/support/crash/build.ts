import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Bundles the host, so that it starts in a tenth of a second. @returns its path, under build/, where packages are found */
export async function buildHost(): Promise<string> {
  const outfile = `${ROOT}build/test/guard-host-${process.pid}.mjs`
  await build({
    absWorkingDir: ROOT,
    entryPoints: [fileURLToPath(new URL('./host.ts', import.meta.url))],
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
