import type { Address, Certificate, FollowedChain, Hex } from 'lariat/avs'
import type { Source } from '../ports.ts'
import type { Checkpoint, HandedEpoch } from '../statements.ts'

/** A verified certificate that this node has. */
export interface Kept {
  readonly certificate: Certificate
  /** As contracts take it: bitmap of rows, and the signature as G2 in EIP-2537's form, 256 bytes. */
  readonly onChain: { readonly absent: Hex; readonly signature: Hex }
  /** ms since the epoch. */
  readonly verifiedAt: number
}

/** Certificates of this node. */
export interface Certificates {
  /** Newest slot first, inclusive bounds. */
  list(query: {
    readonly service: Hex
    readonly fromSlot?: bigint
    readonly toSlot?: bigint
    readonly limit: number
  }): readonly Kept[]
}

/** Who signs, by epoch; as the ServiceManager has it. */
export interface Epochs {
  /** @param time Unix seconds */
  at(time: number): { readonly members: readonly { readonly operator: Address }[] } | undefined
}

/** A mailbox that messages are delivered to, and the BridgeIsm that judges them. */
export interface Destination {
  /** Of its chain, u32. */
  readonly domain: number
  readonly mailbox: Address
  readonly ism: Address
  readonly chain: FollowedChain
  /** First block that can have deliveries. */
  readonly from: bigint
}

/** Rows of an epoch that lost their weight, with the word of a quorum. */
export interface Revocation {
  readonly epoch: bigint
  /** Block of the chain of the stake after which they had none. */
  readonly atBlock: bigint
  /** Bitmap of rows as `Certificate.absent`. */
  readonly revoked: Uint8Array
  readonly certificate: Kept
}

/** A finalized checkpoint that a fast one of the same index contradicted. */
export interface Correction {
  /** Domain of the tree. */
  readonly origin: number
  readonly finalized: Checkpoint
  readonly certificate: Kept
}

/** What a relayer takes from the rest of the bridge. */
export interface RelayPorts {
  /** By domain. */
  readonly sources: ReadonlyMap<number, Source>
  readonly certificates: Certificates
  readonly epochs: Epochs
  /** What a hand-over of this epoch says; undefined when it is not known here. */
  handedEpoch(number: bigint): HandedEpoch | undefined
  /** The newest of each epoch. */
  revocations(): readonly Revocation[]
  corrections(): readonly Correction[]
  /** The certificate that pauses the module of a domain, or opens it again. @param number of the pause */
  votes(domain: number, isPause: boolean, number: bigint): Kept | undefined
}
