import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createMetrics } from '../metrics/registry.ts'
import type { PasswordSource } from '../signer/keystore/files.ts'
import { choosePassword, readPassword } from '../signer/keystore/password.ts'
import { MAX_EXPORT_BYTES } from '../signer/shares/limits.ts'
import { exportedScope, vaultScopeIn } from '../signer/shares/scope.ts'
import type { ImportReport, ShareVault, VaultScope } from '../signer/shares/vault.ts'
import { lockDataDir } from '../store/lock.ts'
import { systemClock } from '../util/clock.ts'
import { createFile } from '../util/create.ts'
import { LariatError } from '../util/errors.ts'
import { type LoadedConfig, loadConfig, type Plugins } from './config/load.ts'
import { files } from './files.ts'
import type { KeysIo } from './keys/make.ts'
import { PLUGINS } from './plugins.ts'
import { openNodeShares } from './shares.ts'

/** `passwordFile` and `passwordFd` are of the backup; the vault's own is in the configuration. */
export interface ShareBackupOptions extends PasswordSource {
  readonly config: string
  /** Name of the service whose shares they are. */
  readonly service: string
  /** The built-in ones unless given. */
  readonly plugins?: Plugins
}

/** What was exported, for the command's result. */
export interface ExportedShares {
  readonly file: string
  readonly sharings: readonly bigint[]
  readonly encryptionKeys: number
}

/**
 * Writes all key shares of a service into a file (mode 0600, never replacing one), encrypted with a password of its own. The node
 * must be stopped.
 * @throws LariatError `config.…`, `store.locked`, `file.exists`, `shares.…`, `keystore.…`
 */
export async function exportNodeShares(
  options: ShareBackupOptions & { readonly out: string },
  io: KeysIo,
): Promise<ExportedShares> {
  const { config, folder } = await placeOf(options)
  const scope = await vaultScopeIn(folder)
  if (scope === undefined) {
    throw new LariatError('shares.none', `${folder}: there are no key shares here yet, so there is nothing to export`)
  }
  const file = resolve(options.out)
  return withVault(config, folder, scope, io, async (vault) => {
    const password = await choosePassword(options, file, io.log, io.prompt)
    await createFile(file, await vault.export(password))
    return {
      file,
      sharings: vault.sharings().map(({ sharing }) => sharing),
      encryptionKeys: vault.encryptionKeys().length,
    }
  })
}

/**
 * Adds what an exported file has to the key shares of a service; replaces nothing. The node must be stopped. Of an empty data folder
 * the file says whose it will be: the node refuses at its start what is of another contract.
 * @throws LariatError `config.…`, `store.locked`, `shares.…`, `keystore.…`
 */
export async function importNodeShares(
  options: ShareBackupOptions & { readonly file: string },
  io: KeysIo,
): Promise<ImportReport> {
  const { config, folder } = await placeOf(options)
  const file = resolve(options.file)
  const text = await readExport(file)
  const told = exportedScope(text, file)
  const { chain, operator } = config
  if (told.chainId !== chain.id || told.operator.toLowerCase() !== operator.address.toLowerCase()) {
    throw new LariatError(
      'shares.other-scope',
      `${file}: it has shares of operator ${told.operator} on chain ${told.chainId}, and this node is of ${operator.address} on ${chain.id}`,
      { file },
    )
  }
  const scope = (await vaultScopeIn(folder)) ?? told
  return withVault(config, folder, scope, io, async (vault) =>
    vault.import(text, await readPassword(options, file, io.log, io.prompt)),
  )
}

async function placeOf(options: ShareBackupOptions): Promise<{ config: LoadedConfig; folder: string }> {
  const config = await loadConfig(options.config, options.plugins ?? PLUGINS, { ecdsa: false })
  const found = config.services.find(({ definition }) => definition.name === options.service)
  if (found?.definition.shares === undefined) {
    throw new LariatError(
      'config.mismatch',
      `${config.file}: this node does not serve ${options.service}: name the configuration of one that does`,
    )
  }
  return { config, folder: join(files(config.dataDir).shares, options.service) }
}

async function withVault<T>(
  { dataDir, keys }: LoadedConfig,
  folder: string,
  scope: VaultScope,
  { log }: KeysIo,
  work: (vault: ShareVault) => Promise<T>,
): Promise<T> {
  const lock = await lockDataDir(dataDir)
  try {
    // nothing is signed here, so that nobody's time is needed
    const peerTime = { now: () => undefined }
    const metrics = createMetrics()
    const common = { folder, scope, peerTime, clock: systemClock, log, metrics }
    const vault = await openNodeShares({ ...common, password: keys.shares })
    try {
      return await work(vault)
    } finally {
      await vault.close()
    }
  } finally {
    await lock.release()
  }
}

async function readExport(file: string): Promise<string> {
  try {
    if ((await stat(file)).size <= MAX_EXPORT_BYTES) return await readFile(file, 'utf8')
  } catch (error) {
    throw new LariatError('shares.invalid', `${file}: cannot be read`, { file }, error)
  }
  throw new LariatError('shares.invalid', `${file}: it is too large for a file of shares`, { file })
}
