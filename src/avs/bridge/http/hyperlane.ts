import { type Address, type Announcement, bytesToHex, type Hex, hexToBytes, LariatError } from 'lariat/avs'
import type { Checkpoint, Stream } from '../statements.ts'

// The files that a relayer of Hyperlane reads from the storage of a multisig module's validators:
// https://docs.hyperlane.xyz/docs/protocol/agents/validators

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

/** Content of `checkpoint_{index}_with_id.json`. @param signature 65 bytes. @throws LariatError `bridge.signature` */
export function signedCheckpoint({ domain, hook }: Stream, of: Checkpoint, signature: Hex): Signed<CheckpointValue> {
  const { root, index, messageId } = of
  const checkpoint = { merkle_tree_hook_address: hook, mailbox_domain: domain, root, index }
  return signed({ checkpoint, message_id: messageId }, signature)
}

/** Content of `announcement.json`. @param signature 65 bytes. @throws LariatError `bridge.signature` */
export function signedAnnouncement(
  validator: Address,
  { domain, mailbox, location }: Announcement,
  signature: Hex,
): Signed<AnnouncementValue> {
  const value = {
    validator: validator.toLowerCase() as Hex,
    mailbox_address: mailbox,
    mailbox_domain: domain,
    storage_location: location,
  }
  return signed(value, signature)
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
