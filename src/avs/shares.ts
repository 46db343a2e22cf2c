import type { ShareVault } from '../signer/shares/vault.ts'

export type { PartialRound as RoundPartial } from '../bls/threshold/types.ts'
export type { PeerTime } from '../signer/shares/vault.ts'

/**
 * The share vault as a plug-in may use it: it makes dealings, complaints and partials, and gives no secret away. Backups are
 * the operator's own matter.
 */
export type Shares = Omit<ShareVault, 'export' | 'import' | 'close'>
