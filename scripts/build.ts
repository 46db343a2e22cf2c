// npm run build: dist/lariat.js (the command), dist/avs.js (what plug-ins import), dist/web (the status page), dist/artifacts
// (contracts for the testnet) and dist/types. `--no-types` leaves out the last, which nothing needs to run; `--bundle` makes the first
// three alone; `--rest PHASE…` compiles and adds what `buildFirst` has left, phase by phase.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { basename, join } from 'node:path'
import { build, stop } from 'esbuild'
import { PHASES } from './lib/forge.ts'
import { buildPage } from './lib/web.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Native modules find their binary beside their own files, so they stay in node_modules. */
const EXTERNAL = ['better-sqlite3', '@chainsafe/blst']

/**
 * File beside the artifacts while some are still to come: process id of whoever compiles them, then the names of the phases that
 * are not there yet, parted by spaces (src/testnet/artifacts.ts waits for them).
 */
const BUILDING = 'building'
/** What `buildFirst` builds itself, and what it leaves for later. */
const [FIRST = '', ...LATER] = Object.keys(PHASES) as (keyof typeof PHASES)[]

/** CommonJS packages inside the bundle call `require` for Node's own modules. */
const BANNER = `import { createRequire as lariatRequire } from 'node:module'; const require = lariatRequire(import.meta.url);`

async function bundle(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { lariat: 'src/cli/lariat.ts', avs: 'src/avs/api.ts' },
    outdir: dist,
    bundle: true,
    // shared chunks: a plug-in that imports dist/avs.js gets the daemon's own classes
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node22.12',
    conditions: ['source'],
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    banner: { js: BANNER },
    define: { LARIAT_VERSION: JSON.stringify(version) },
    sourcemap: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  })
  removeOthers(Object.keys(metafile.outputs).map((file) => basename(file)))
  await chmod(join(dist, 'lariat.js'), 0o755)
}

/** Chunks of earlier builds. The folder is not simply emptied first, because a running testnet may still load from it. */
function removeOthers(current: readonly string[]): void {
  const chunks = join(dist, 'chunks')
  if (!existsSync(chunks)) return
  for (const file of readdirSync(chunks)) if (!current.includes(file)) rmSync(join(chunks, file))
}

function types(): void {
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', join(root, 'tsconfig.types.json')], {
    stdio: 'inherit',
  })
}

/** Builds into dist/. Contracts whose sources did not change are not compiled again. */
async function buildAll(options: { readonly types: boolean }): Promise<void> {
  await buildWith([])
  if (options.types) types()
}

/**
 * Builds what a testnet needs first, and goes on with the rest in a process of its own, which dist/artifacts/building names
 * until it is done, and which ends with this one. Compiling takes most of the time until a testnet has its first price.
 * @param without a phase that is left out
 */
export async function buildFirst(without?: keyof typeof PHASES): Promise<void> {
  await buildWith([FIRST])
  const later = LATER.filter((phase) => phase !== without)
  const rest = spawn(process.execPath, [import.meta.filename, '--rest', ...later], {
    cwd: root,
    detached: true, // a group of its own, compilers and all
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const { pid } = rest
  if (pid === undefined) throw new Error('the rest of the build could not be started')
  mark(pid, later)
  setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  rest.unref()
  process.on('exit', () => {
    if (rest.exitCode !== null || rest.signalCode !== null) return // the id may be another's by now
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // it has just ended
    }
  })
}

/** Says which phases are still to come. Whoever reads it meanwhile sees the old list or the new one. */
function mark(pid: number, phases: readonly string[]): void {
  const marker = join(dist, 'artifacts', BUILDING)
  writeFileSync(`${marker}.${pid}`, [pid, ...phases].join(' '))
  renameSync(`${marker}.${pid}`, marker)
}

/** Whether the artifacts are still ours to add to: another testnet may have begun anew meanwhile. */
function isOurs(pid: number): boolean {
  const marker = join(dist, 'artifacts', BUILDING)
  return existsSync(marker) && readFileSync(marker, 'utf8').split(' ')[0] === String(pid)
}

function buildRest(later: readonly string[]): void {
  const { pid } = process
  for (const [done, phase] of later.entries()) {
    compile([phase])
    if (!isOurs(pid)) return
    addArtifacts()
    mark(pid, later.slice(done + 1))
  }
  rmSync(join(dist, 'artifacts', BUILDING))
}

/** Adds what is new, each file at once, as the testnet reads the folder. */
function addArtifacts(): void {
  const [from, to] = [join(root, 'build', 'artifacts'), join(dist, 'artifacts')]
  for (const name of readdirSync(from)) {
    if (existsSync(join(to, name))) continue
    copyFileSync(join(from, name), join(to, `${name}.part`))
    renameSync(join(to, `${name}.part`), join(to, name))
  }
}

/** Commands, what plug-ins import, and the status page. */
async function bundleAll(): Promise<void> {
  await Promise.all([bundle(), buildPage(root, join(dist, 'web'))])
}

async function buildWith(what: readonly string[]): Promise<void> {
  rmSync(join(dist, 'cache'), { recursive: true, force: true })
  const bundling = bundleAll()
  compile(what)
  await bundling
  await stop()
  rmSync(join(dist, 'artifacts'), { recursive: true, force: true })
  cpSync(join(root, 'build', 'artifacts'), join(dist, 'artifacts'), { recursive: true })
}

function compile(what: readonly string[]): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'contracts.ts'), ...what], { cwd: root, stdio: 'inherit' })
}

if (import.meta.main) {
  const [, , option, ...later] = process.argv
  if (option === '--rest') buildRest(later)
  else if (option === '--bundle') await bundleAll().finally(stop)
  else await buildAll({ types: !process.argv.includes('--no-types') })
}
