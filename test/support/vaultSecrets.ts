import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSealedFolder } from '../../src/signer/shares/folder.ts'
import { VaultState } from '../../src/signer/shares/state.ts'
import type { VaultScope } from '../../src/signer/shares/vault.ts'
import type { Secret } from '../../src/util/secret.ts'

/** Every secret in a share vault, read with its password from a copy: a node may be at work in the folder. */
export async function secretsInVault(
  folder: string,
  scope: VaultScope,
  password: Secret<string>,
): Promise<{ readonly encryption: Uint8Array[]; readonly seeds: Uint8Array[]; readonly shares: Uint8Array[] }> {
  const copy = mkdtempSync(join(tmpdir(), 'lariat-vault-'))
  try {
    // a record that is being written or destroyed has another name
    cpSync(folder, copy, { recursive: true, filter: (file) => !file.endsWith('.tmp') })
    const sealed = await openSealedFolder({ folder: copy, scope, password, strength: 'devnet' })
    const state = await VaultState.load(sealed)
    return {
      encryption: state.encryption.map(({ secret }) => secret.reveal()),
      seeds: state.seeds.map(({ seed }) => seed.reveal()),
      shares: state.sharings.flatMap(({ shares }) => [...shares.values()].map((share) => share.reveal())),
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
