import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Artifacts, loadArtifacts } from '../../src/testnet/artifacts.ts'

/** Compiles the contracts if they have changed, and loads them. */
export async function builtArtifacts(): Promise<Artifacts> {
  const root = join(import.meta.dirname, '..', '..')
  execFileSync(process.execPath, [join(root, 'scripts', 'contracts.ts')], { cwd: root, stdio: 'inherit' })
  return loadArtifacts(join(root, 'build', 'artifacts'))
}
