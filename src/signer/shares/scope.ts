import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Hex } from '../../util/hex.ts'
import { scopeSchema } from './folder.ts'
import { MAX_EXPORT_BYTES } from './limits.ts'
import { refusal } from './refusal.ts'
import type { VaultScope } from './vault.ts'

const headSchema = z.looseObject({ scope: scopeSchema })

/**
 * Whose vault lies in `folder`, by what its head says; undefined when there is none. Opening it is what checks it.
 * @throws LariatError `shares.invalid`
 */
export async function vaultScopeIn(folder: string): Promise<VaultScope | undefined> {
  const file = join(folder, 'vault.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  return scopeIn(text, file)
}

/** Whose shares an exported file says that it has. Importing is what checks it. @throws LariatError `shares.invalid` */
export function exportedScope(text: string, file: string): VaultScope {
  return scopeIn(text, file)
}

function scopeIn(text: string, file: string): VaultScope {
  let head: unknown
  try {
    head = text.length > MAX_EXPORT_BYTES ? undefined : JSON.parse(text)
  } catch {
    // refused below
  }
  const parsed = headSchema.safeParse(head)
  if (!parsed.success) throw refusal('invalid', `${file}: it holds no shares of lariat's`, { file })
  const { chain_id: chainId, genesis_hash, key_generation, operator } = parsed.data.scope
  return {
    chainId,
    genesisHash: genesis_hash as Hex,
    keyGeneration: key_generation as Hex,
    operator: operator as Hex,
  }
}
