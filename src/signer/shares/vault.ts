import type { Dealing, DealingFault, Dealt, PartialRound, Proof, Schedule, Session } from '../../bls/threshold/types.ts'
import type { Address, Hex } from '../../util/hex.ts'
import type { Secret } from '../../util/secret.ts'

/** Whose secrets a vault holds; a vault of one is not opened as that of another. */
export interface VaultScope {
  readonly chainId: number
  readonly genesisHash: Hex
  readonly keyGeneration: Address
  readonly operator: Address
}

/** What `KeyGeneration.registerEncryptionKey` takes. */
export interface EncryptionRegistration extends Proof {
  /** G1, `x ‖ y`, 96 bytes. */
  readonly publicKey: Uint8Array
}

/** What `KeyGeneration.complainShare` takes beside the dealing. */
export interface ShareComplaint extends Proof {
  readonly dealer: Address
  /** As the contract counts it: 0..P-1 within the dealing. */
  readonly polynomial: number
  readonly shareIndex: number
  /** S = sk·R, G1, `x ‖ y`, 96 bytes. */
  readonly sharedPoint: Uint8Array
}

/** How a session ended well, as `SharingStarted` says. */
export interface SharingOutcome {
  readonly sharing: bigint
  /** First round that is signed with this sharing. */
  readonly switchRound: bigint
  /** A_0..A_{t-1}, 192 bytes each. */
  readonly polynomial: Uint8Array
  readonly schedule: Schedule
}

/** A sharing of which this vault holds shares. */
export interface HeldSharing {
  readonly sharing: bigint
  readonly session: bigint
  readonly sessionId: Hex
  readonly threshold: number
  readonly switchRound: bigint
  readonly schedule: Schedule
  /** Share indices held, ascending. */
  readonly indices: readonly number[]
  /** A_0, 192 bytes. */
  readonly groupKey: Uint8Array
}

/** What an import added. */
export interface ImportReport {
  readonly encryptionKeys: number
  readonly dealings: number
  readonly sharings: number
}

/** Why the vault refuses; `shares.<VaultRefusal>` is the error's code. A bounded metric label. */
export type VaultRefusal =
  | 'too-early' // the round's time has not come by our clock or by our peers'
  | 'peers-unknown' // no peer's clock is known, so nobody confirms ours
  | 'no-share' // of this sharing this operator holds nothing
  | 'no-secret' // the encryption secret that a session's table names is not here
  | 'not-member' // this operator neither deals nor receives in the session
  | 'other-session' // another session of this number is on record
  | 'share-is-good' // a complaint about it would convict ourselves
  | 'dealing-is-bad' // a dealing of QUAL does not open: we have no share that signs
  | 'other-scope' // the vault is of another chain, contract or operator
  | 'limit' // more records than a vault holds
  | 'wrong-password'
  | 'invalid' // a file that is damaged, or not one of ours
  | 'contradiction' // an import says otherwise than what is here
  | 'closed'

/**
 * The secrets of threshold signing of one operator: encryption secrets, seeds of dealings, shares. Everything is on disk,
 * encrypted, before what follows from it is given out. All that it returns may be published.
 */
export interface ShareVault {
  readonly scope: VaultScope
  /**
   * The encryption key to register: made and put on disk at the first call, the same until it is spent.
   * @throws LariatError `shares.limit`
   */
  encryptionKey(): Promise<EncryptionRegistration>
  /** Public keys (96 bytes) whose secret is here. */
  encryptionKeys(): readonly Uint8Array[]
  /**
   * This key served `session`, which succeeded: `encryptionKey` gives another from now on. The secret stays until `retire`.
   * `assemble` does it too.
   */
  spend(publicKey: Uint8Array, session: bigint): Promise<void>

  /**
   * This operator's dealing in `session`: the same one at every call, also after a kill, as the seed is on disk before it is made.
   * @throws LariatError `shares.not-member`, `shares.no-share` (a resharing of what is not held here), `shares.other-session`
   */
  deal(session: Session): Promise<Dealing>
  /**
   * What is wrong with each dealing, the sealed shares for this operator included, in the order given; undefined where nothing is.
   * `share` faults are told of members with shares in the session only.
   * @throws LariatError `shares.no-secret`
   */
  examine(session: Session, dealt: readonly Dealt[]): Promise<readonly (DealingFault | undefined)[]>
  /** Proof that a share for this operator is wrong. @throws LariatError `shares.share-is-good`, `shares.no-secret` */
  complain(session: Session, dealt: Dealt, fault: { polynomial: number; shareIndex: number }): Promise<ShareComplaint>
  /**
   * Makes this operator's shares of the sharing that `session` ended in, checks them against its polynomial, and puts them on
   * disk. Undefined when this operator has no share in it. The same again is allowed.
   * @param qualified the dealings that count: fresh, all of QUAL; resharing, those of QUAL that have one of the first t_old indices
   * @throws LariatError `shares.no-secret`, `shares.dealing-is-bad`, `shares.other-session`, `shares.limit`
   */
  assemble(session: Session, qualified: readonly Dealt[], outcome: SharingOutcome): Promise<HeldSharing | undefined>

  sharings(): readonly HeldSharing[]
  /**
   * Partials of `round`, one for each share index held of `sharing`. Any sharing of the group gives the same signature in the end,
   * so a later one may sign what an earlier one missed.
   * @throws LariatError `shares.too-early`, `shares.peers-unknown`, `shares.no-share`
   */
  sign(sharing: bigint, round: bigint): Promise<readonly PartialRound[]>

  /**
   * Destroys what nobody needs after the switch to `sharing`, which `session` ended in: shares of earlier ones, seeds of the sessions
   * up to that one, encryption secrets that were spent in them. What was destroyed is not taken back by `import`.
   * @throws LariatError `shares.too-early` before the time of its switch round, when it is held here
   */
  retire(sharing: bigint, session: bigint): Promise<void>

  /** All of it as versioned JSON, encrypted with `password`. */
  export(password: Secret<string>): Promise<string>
  /**
   * Adds what the file has. Nothing that is here is replaced, what was retired here is left out, and when anything contradicts what
   * is here nothing is changed.
   * @throws LariatError `shares.wrong-password`, `shares.invalid`, `shares.contradiction`, `shares.other-scope`, `shares.limit`
   */
  import(text: string, password: Secret<string>): Promise<ImportReport>
  /** Forgets the secrets in memory. */
  close(): Promise<void>
}

/** The peers' clocks, as far as they are known. */
export interface PeerTime {
  /** ms since the epoch by the median of the peers' clocks, now: an upper estimate (their time, plus the way here). Undefined when none is known. */
  now(): number | undefined
}
