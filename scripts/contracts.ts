// npm run contracts [-- PHASE]: compiles the contracts, or those of the phases up to one (scripts/lib/forge.ts), and writes
// build/artifacts/<Contract>.json for whoever deploys them:
// {abi, bytecode (0x…, with solc's placeholders where a library is to be linked), linkReferences}.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildContracts, DEPLOYED, deployedContracts, foldersUpTo, ROOT, readArtifact } from './lib/forge.ts'

const folder = join(ROOT, 'build', 'artifacts')

const [, , phase] = process.argv
const folders = phase === undefined ? DEPLOYED : foldersUpTo(phase)
buildContracts(folders)
mkdirSync(folder, { recursive: true })
const artifacts = deployedContracts(folders).map((name) => ({ name, ...readArtifact(name) }))
/** Libraries that are linked by their address. */
const linked = new Set(
  artifacts.flatMap(({ bytecode }) => Object.values(bytecode.linkReferences).flatMap((byName) => Object.keys(byName))),
)
const written = new Set<string>()
for (const { name, abi, bytecode } of artifacts) {
  // A library whose functions are all inlined is not deployed: it has no ABI, and neither has one that only creates contracts.
  if (abi.length === 0 && !linked.has(name)) continue
  const artifact = { abi, bytecode: bytecode.object, linkReferences: bytecode.linkReferences }
  write(`${name}.json`, JSON.stringify(artifact))
}
for (const name of readdirSync(folder)) if (name.endsWith('.json') && !written.has(name)) rmSync(join(folder, name))

/** What is the same is left alone, and what is not is replaced at once: tests of another process may be reading it. */
function write(name: string, text: string): void {
  const path = join(folder, name)
  written.add(name)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  const half = `${path}.${process.pid}`
  writeFileSync(half, text)
  renameSync(half, path)
}
