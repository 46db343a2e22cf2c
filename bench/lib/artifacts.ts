import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Artifacts, loadArtifacts } from '../../src/testnet/artifacts.ts'

/** Compiles the contracts if they have changed, and loads them. @param phase those up to it; all but what is apart when left out */
export async function builtArtifacts(...phase: readonly string[]): Promise<Artifacts> {
  const root = join(import.meta.dirname, '..', '..')
  execFileSync(process.execPath, [join(root, 'scripts', 'contracts.ts'), ...phase], { cwd: root, stdio: 'inherit' })
  return loadArtifacts(join(root, 'build', 'artifacts'))
}
