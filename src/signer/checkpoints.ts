import type { LocalAccount } from 'viem'
import { concat, isHex, keccak256, numberToHex, stringToHex, zeroAddress } from 'viem'
import { type Domain, Kind, type Statement } from '../types/statement.ts'
import { LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { openEcdsaAccount } from './ecdsa.ts'
import type { Gate } from './gate.ts'
import { Guard, type GuardOptions, KEEP_SLOTS } from './guard.ts'
import type { KeystoreLocation } from './keystore/files.ts'
import { signerMetrics } from './metrics.ts'

// What validators of Hyperlane's multisig modules sign, with an account that does nothing else:
// https://docs.hyperlane.xyz/docs/protocol/agents/validators

/** A tree of messages when its newest leaf had this index. */
export interface TreeCheckpoint {
  /** Of the tree's chain, u32. */
  readonly domain: number
  /** The contract of the tree, 32 bytes. */
  readonly hook: Hex
  /** 32 bytes. */
  readonly root: Hex
  /** u32 */
  readonly index: number
  /** The newest leaf, 32 bytes. */
  readonly messageId: Hex
}

/** Where a validator says that its checkpoints are. */
export interface Announcement {
  /** Of the mailbox's chain, u32. */
  readonly domain: number
  /** 32 bytes. */
  readonly mailbox: Hex
  /** `s3://bucket/region`, `gs://bucket`, `file:///folder`; printable ASCII, at most `MAX_LOCATION` characters. */
  readonly location: string
}

/** Of each tree so many checkpoints can be signed, the newest: what the guard keeps a record of. */
export const CHECKPOINTS_KEPT = Number(KEEP_SLOTS)

/** Characters of a location: names of buckets and folders are shorter. */
export const MAX_LOCATION = 256

/** Checkpoints to be signed now: indices, inclusive. */
export interface CheckpointWindow {
  readonly from: bigint
  readonly to: bigint
}

/** Signs under EIP-191 checkpoints that are on record, and announcements: nothing else. */
export interface CheckpointSigner {
  readonly address: Address
  /**
   * Records the checkpoint durably, then signs it. One index of a tree has one root, ever; the same checkpoint again is signed again.
   * @returns r ‖ s ‖ v, 65 bytes, v 27 or 28
   * @throws LariatError `checkpoint.invalid`, `guard.…`, `signer.closed`; what a gate says
   */
  sign(checkpoint: TreeCheckpoint, window: CheckpointWindow): Promise<Hex>
  /** @returns as `sign`. @throws LariatError `checkpoint.invalid`, `signer.closed` */
  announce(announcement: Announcement): Promise<Hex>
}

export interface CheckpointSignerOptions extends Omit<GuardOptions, 'domain'> {
  /** The chain that the operator's record is of. */
  readonly chain: Pick<Domain, 'chainId' | 'genesisHash'>
  /** Asked before the guard. */
  readonly gates: readonly Gate[]
}

/** The open key; its secret never leaves the account's closure. */
export interface CheckpointKey {
  readonly address: Address
  /** The key behind the operator's guard. */
  signer(options: CheckpointSignerOptions): CheckpointSigner
  /** Lets go of the key: nothing is signed any more. */
  close(): void
}

/** The account in a v3 keystore, as a key of checkpoints. @throws LariatError `keystore.…` */
export async function openCheckpointKey(location: KeystoreLocation, log: Log): Promise<CheckpointKey> {
  return checkpointKey(await openEcdsaAccount(location, log))
}

/** @param account is used for nothing else */
export function checkpointKey(account: LocalAccount): CheckpointKey {
  let open: LocalAccount | undefined = account
  const { address } = account
  async function sign(digest: Hex): Promise<Hex> {
    if (open === undefined) throw new LariatError('signer.closed', 'the key of checkpoints is closed: the node stops')
    return open.signMessage({ message: { raw: digest } })
  }
  return {
    address,
    signer: ({ gates, chain, ...options }) => {
      // of no ServiceManager: an operator whose service moves to another contract must not sign another root either
      const guard = new Guard({ ...options, domain: { ...chain, serviceManager: zeroAddress } })
      const { signatures } = signerMetrics(options.metrics)
      return {
        address,
        async sign(checkpoint, window) {
          const request = { statement: checkpointStatement(checkpoint), window, triggeredAt: options.clock.now() }
          for (const gate of gates) {
            const refusal = gate(request)
            if (refusal !== undefined) throw refusal
          }
          // the payload on record is what is signed, whatever became of the caller's object since
          const { statement } = await guard.authorize(request)
          const signature = await sign(statement.payload)
          signatures.inc({ kind: 'checkpoint' })
          return signature
        },
        announce: async (announcement) => sign(announcementDigest(announcement)),
      }
    },
    close() {
      open = undefined
    },
  }
}

/**
 * As what a checkpoint is on record. No key of BLS ever signs it: its service is that of the tree for this purpose alone, so that for
 * one index of it there is one payload.
 */
export function checkpointStatement(checkpoint: TreeCheckpoint): Statement {
  const payload = checkpointDigest(checkpoint)
  const service = keccak256(
    concat([stringToHex('lariat/bridge/hyperlane'), numberToHex(checkpoint.domain, { size: 4 }), checkpoint.hook]),
  )
  return { service, kind: Kind.certify, epoch: 0n, slot: BigInt(checkpoint.index), attempt: 0, payload }
}

/** What is signed of a checkpoint: keccak256(domainHash ‖ root ‖ index u32 ‖ message id). @throws LariatError `checkpoint.invalid` */
export function checkpointDigest({ domain, hook, root, index, messageId }: TreeCheckpoint): Hex {
  const hashes = [bytes32(hook, 'hook'), bytes32(root, 'root'), bytes32(messageId, 'message id')] as const
  const domainHash = keccak256(concat([u32(domain, 'domain'), hashes[0], stringToHex('HYPERLANE')]))
  return keccak256(concat([domainHash, hashes[1], u32(index, 'index'), hashes[2]]))
}

/** What is signed of where checkpoints are. @throws LariatError `checkpoint.invalid` */
export function announcementDigest({ domain, mailbox, location }: Announcement): Hex {
  if (location.length > MAX_LOCATION || !/^[!-~]+$/.test(location)) {
    throw invalid(`a location is printable ASCII without spaces, at most ${MAX_LOCATION} characters`)
  }
  const of = [u32(domain, 'domain'), bytes32(mailbox, 'mailbox'), stringToHex('HYPERLANE_ANNOUNCEMENT')]
  return keccak256(concat([keccak256(concat(of)), stringToHex(location)]))
}

function bytes32(value: Hex, what: string): Hex {
  // fields are joined without their lengths: another one could move bytes of one field into the next
  if (!isHex(value, { strict: true }) || value.length !== 66) throw invalid(`its ${what} has not 32 bytes`)
  return value
}

function u32(value: number, what: string): Hex {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw invalid(`its ${what} is no u32`)
  return numberToHex(value, { size: 4 })
}

function invalid(why: string): LariatError<'checkpoint.invalid'> {
  return new LariatError('checkpoint.invalid', `this is no checkpoint or announcement of Hyperlane’s form: ${why}`)
}
