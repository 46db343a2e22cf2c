import type { PeerTime, Shares } from '../avs/shares.ts'
import type { Metrics } from '../metrics/registry.ts'
import type { PasswordSource } from '../signer/keystore/files.ts'
import { readPassword } from '../signer/keystore/password.ts'
import { openShareVault } from '../signer/shares/open.ts'
import type { ShareVault, VaultScope } from '../signer/shares/vault.ts'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { SelfChecks } from './selfcheck/monitor.ts'

export interface NodeSharesOptions {
  readonly folder: string
  /** `keys.shares` of the configuration. */
  readonly password: PasswordSource | undefined
  readonly scope: VaultScope
  readonly peerTime: PeerTime
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Opens the vault of one service's key shares. @throws LariatError `config.invalid`, `keystore.…`, `shares.…` */
export async function openNodeShares(options: NodeSharesOptions): Promise<ShareVault> {
  const { folder, scope, peerTime, clock, log, metrics } = options
  if (options.password === undefined) {
    // the configuration is checked for this when it is loaded
    throw new LariatError('config.invalid', 'keys.shares is not configured')
  }
  const password = await readPassword(options.password, `the key shares in ${folder}`, log)
  return openShareVault({ folder, scope, password, clock, peers: peerTime, log, metrics })
}

/** The vault as a service may use it: while a self-check that bears on signing fails it makes no partials either. */
export function sharesOf(vault: ShareVault, checks: Pick<SelfChecks, 'refusal'>, service: string): Shares {
  // by name, so that a backup, which a plug-in could open with a password of its own, is not within its reach
  const { export: _export, import: _import, close: _close, ...usable } = vault
  return {
    ...usable,
    async sign(sharing, round) {
      const why = checks.refusal(service)
      if (why !== undefined) {
        throw new LariatError('sign.halted', `no partials are made for ${service}: ${why}`, { service, round })
      }
      return vault.sign(sharing, round)
    },
  }
}
