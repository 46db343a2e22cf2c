import type { Address, Hex } from '../../util/hex.ts'

/**
 * Forms of points here: G2 public keys, commitments and polynomials are unpadded affine, `x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1`, 192 bytes
 * a point; encryption keys, ephemerals and shared points are `x ‖ y`, 96 bytes; round signatures and partials are G1 compressed,
 * 48 bytes. All big-endian, infinity is refused everywhere.
 */

/** An operator in a sharing. Members own consecutive share indices in the order of the table. */
export interface Member {
  readonly operator: Address
  /** G1, `x ‖ y`, 96 bytes: what shares are sealed to. */
  readonly encryptionKey: Uint8Array
  /** uint64, in units of the epoch table. */
  readonly weight: bigint
  /** Number of share indices, 0..64. */
  readonly shares: number
}

/** One split of the group's secret: the public side of it. */
export interface Sharing {
  /** Number from 1. */
  readonly sharing: bigint
  readonly members: readonly Member[]
  readonly threshold: number
  /** A_0..A_{t-1}, 192 bytes each; A_0 is the group key. */
  readonly polynomial: Uint8Array
}

/** What opens a run of key generation: fresh without `previous`, a resharing of `previous` with it. */
export interface SessionFacts {
  readonly chainId: number
  /** The contract KeyGeneration. */
  readonly keyGeneration: Address
  /** uint64 from 1; the slot of its `deal` statements. */
  readonly session: bigint
  readonly epoch: bigint
  readonly attempt: number
  readonly members: readonly Member[]
  readonly threshold: number
  readonly previous?: Sharing | undefined
}

/** A session with what follows from its facts. `describeSession` makes one. */
export interface Session extends SessionFacts {
  /** Session id, 32 bytes: binds all the facts. */
  readonly id: Hex
  readonly membersHash: Hex
  /** m: share indices in all. */
  readonly shares: number
}

/** What a dealer publishes; P polynomials: one in a fresh session, one for each old share index of the dealer in a resharing. */
export interface Dealing {
  /** P·t·192 bytes, polynomial-major, C_0 first. */
  readonly commitments: Uint8Array
  /** R, 96 bytes. */
  readonly ephemeral: Uint8Array
  /** P·m·32 bytes, polynomial-major, by share index. */
  readonly sealedShares: Uint8Array
  /** (c, z) of R, then (c, z) of each polynomial's C_0: 64·(1 + P) bytes. */
  readonly proofs: Uint8Array
}

export interface Dealt {
  readonly dealer: Address
  readonly dealing: Dealing
}

/** A Schnorr or Chaum–Pedersen proof: challenge and response, both in [0, r). */
export interface Proof {
  readonly c: bigint
  readonly z: bigint
}

/** What everybody can see to be wrong with a dealing. `commitment` is for `complainCommitment`; the contract itself refuses the others. */
export type PublicFault =
  | { readonly kind: 'not-dealer' }
  | { readonly kind: 'length'; readonly field: keyof Dealing; readonly bytes: number; readonly expected: number }
  | { readonly kind: 'commitment'; readonly polynomial: number; readonly k: number }
  | { readonly kind: 'ephemeral' }
  | { readonly kind: 'ephemeral-proof' }
  | { readonly kind: 'constant-proof'; readonly polynomial: number }
  /** C_0 is not the value of the old public polynomial. */
  | { readonly kind: 'constant'; readonly polynomial: number }

/** A share for this operator that does not lie on its dealer's polynomial: for `complainShare`. */
export interface ShareFault {
  readonly kind: 'share'
  readonly polynomial: number
  readonly shareIndex: number
}

export type DealingFault = PublicFault | ShareFault

/** One operator's part of a round's signature. */
export interface PartialRound {
  /** Share index, 0-based; the evaluation point is one more. */
  readonly index: number
  /** G1 compressed, 48 bytes. */
  readonly signature: Uint8Array
}

/** When rounds are: round n at `genesis` + (n − 1)·`period`. */
export interface Schedule {
  /** Unix seconds of round 1. */
  readonly genesis: bigint
  /** Seconds. */
  readonly period: number
}
