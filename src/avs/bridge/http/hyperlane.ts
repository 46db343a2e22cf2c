import { type Address, bytesToHex, type Hex, hexToBytes, LariatError } from 'lariat/avs'
import { concat, keccak256, numberToHex, stringToHex } from 'viem'
import type { Checkpoint, Stream } from '../statements.ts'

// What validators of Hyperlane's multisig modules sign, and the files that its relayer reads of it:
// https://docs.hyperlane.xyz/docs/protocol/agents/validators

/** Signs 32 bytes as EIP-191 has it (`personal_sign`), with the key of the validator’s account. */
export interface CheckpointSigner {
  /** Of the validator. */
  readonly address: Address
  /** Where relayers find the files, as it is announced: `s3://bucket/region`, `gs://bucket`, `file:///folder`. */
  readonly storageLocation: string
  /** @returns r ‖ s ‖ v, 65 bytes, v 27 or 28 */
  signCheckpoint(digest: Hex): Promise<Hex>
}

/** A value with a validator’s signature of it, as Hyperlane’s agents write it. */
export interface Signed<Value> {
  readonly value: Value
  /** Numbers in hex without leading zeros. */
  readonly signature: { readonly r: string; readonly s: string; readonly v: number }
  readonly serialized_signature: Hex
}

export interface CheckpointValue {
  readonly checkpoint: {
    readonly merkle_tree_hook_address: Hex
    readonly mailbox_domain: number
    readonly root: Hex
    readonly index: number
  }
  readonly message_id: Hex
}

export interface AnnouncementValue {
  readonly validator: Hex
  readonly mailbox_address: Hex
  readonly mailbox_domain: number
  readonly storage_location: string
}

/** What is signed, under EIP-191, for a checkpoint: keccak256(domainHash ‖ root ‖ index u32 ‖ message id). */
export function checkpointDigest({ domain, hook }: Stream, { root, index, messageId }: Checkpoint): Hex {
  return keccak256(concat([domainHash(domain, hook, 'HYPERLANE'), root, numberToHex(index, { size: 4 }), messageId]))
}

/**
 * What is signed, under EIP-191, for where checkpoints are found.
 * @param mailbox 32 bytes
 */
export function announcementDigest(domain: number, mailbox: Hex, storageLocation: string): Hex {
  return keccak256(concat([domainHash(domain, mailbox, 'HYPERLANE_ANNOUNCEMENT'), stringToHex(storageLocation)]))
}

/** Content of `checkpoint_{index}_with_id.json`. @throws LariatError `bridge.signature`; whatever the signer throws */
export async function signedCheckpoint(
  signer: CheckpointSigner,
  stream: Stream,
  checkpoint: Checkpoint,
): Promise<Signed<CheckpointValue>> {
  const { root, index, messageId } = checkpoint
  const value = {
    checkpoint: { merkle_tree_hook_address: stream.hook, mailbox_domain: stream.domain, root, index },
    message_id: messageId,
  }
  return signed(value, await signer.signCheckpoint(checkpointDigest(stream, checkpoint)))
}

/** Content of `announcement.json`. @param mailbox 32 bytes @throws as `signedCheckpoint` */
export async function signedAnnouncement(
  signer: CheckpointSigner,
  domain: number,
  mailbox: Hex,
): Promise<Signed<AnnouncementValue>> {
  const { address, storageLocation } = signer
  const value = {
    validator: address.toLowerCase() as Hex,
    mailbox_address: mailbox,
    mailbox_domain: domain,
    storage_location: storageLocation,
  }
  return signed(value, await signer.signCheckpoint(announcementDigest(domain, mailbox, storageLocation)))
}

function signed<Value>(value: Value, signature: Hex): Signed<Value> {
  const bytes = hexToBytes(signature)
  const v = bytes[64] ?? 0
  if (bytes.length !== 65 || (v !== 27 && v !== 28)) {
    throw new LariatError('bridge.signature', 'a signature of a checkpoint has r, s and a v of 27 or 28: 65 bytes')
  }
  const number = (from: number) => `0x${BigInt(bytesToHex(bytes.subarray(from, from + 32))).toString(16)}`
  return { value, signature: { r: number(0), s: number(32), v }, serialized_signature: signature }
}

function domainHash(domain: number, contract: Hex, name: string): Hex {
  return keccak256(concat([numberToHex(domain, { size: 4 }), contract, stringToHex(name)]))
}
