import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSealedFolder } from '../../src/signer/shares/folder.ts'
import type { VaultOptions } from '../../src/signer/shares/open.ts'
import { VaultState } from '../../src/signer/shares/state.ts'

/** All that an operator's vault has on disk, opened: what it would bring to a conspiracy. The vault may be open meanwhile. */
export async function stateOnDisk(
  options: Pick<VaultOptions, 'folder' | 'scope' | 'password' | 'strength'>,
): Promise<VaultState> {
  const copy = mkdtempSync(join(tmpdir(), 'lariat-vault-'))
  try {
    cpSync(options.folder, copy, { recursive: true })
    return await VaultState.load(await openSealedFolder({ strength: 'devnet', ...options, folder: copy }))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
