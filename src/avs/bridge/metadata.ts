import { bytesToHex, hexToBytes, LariatError } from 'lariat/avs'
import type { Checkpoint } from './statements.ts'
import { TREE_DEPTH } from './tree.ts'

/** Version of the layout of contracts/bridge/lib/Metadata.sol. */
export const METADATA_VERSION = 1
const PROOF_AT = 81
const CERTIFICATE_AT = PROOF_AT + 32 * TREE_DEPTH
const SIGNATURE_BYTES = 256

/** What a message is delivered with. */
export interface Metadata {
  readonly epoch: bigint
  readonly checkpoint: Checkpoint
  /** The message's place in the tree. */
  readonly leaf: number
  /** 32 siblings, from below, that lead to the checkpoint's root. */
  readonly proof: readonly Uint8Array[]
  /** Left out for a root that is remembered. */
  readonly certificate?: {
    /** G2 as EIP-2537 has it, 256 bytes. */
    readonly signature: Uint8Array
    /** Bitmap of rows. */
    readonly absent: Uint8Array
  }
}

/**
 * version u8 ‖ epoch u64 ‖ index u32 ‖ root ‖ message id ‖ leaf u32 ‖ proof ‖ [signature ‖ absent].
 * @throws LariatError `bridge.metadata` for parts of another length
 */
export function encodeMetadata({ epoch, checkpoint, leaf, proof, certificate }: Metadata): Uint8Array {
  const { signature = new Uint8Array(), absent = new Uint8Array() } = certificate ?? {}
  if (proof.length !== TREE_DEPTH || proof.some(({ length }) => length !== 32)) throw invalid('a proof has 32 hashes')
  if (certificate !== undefined && signature.length !== SIGNATURE_BYTES) {
    throw invalid(`a signature has ${SIGNATURE_BYTES} bytes, not ${signature.length}`)
  }
  const bytes = Buffer.alloc(CERTIFICATE_AT + signature.length + absent.length)
  bytes.writeUInt8(METADATA_VERSION, 0)
  bytes.writeBigUInt64BE(epoch, 1)
  bytes.writeUInt32BE(checkpoint.index, 9)
  bytes.set(word(hexToBytes(checkpoint.root)), 13)
  bytes.set(word(hexToBytes(checkpoint.messageId)), 45)
  bytes.writeUInt32BE(leaf, 77)
  for (const [i, sibling] of proof.entries()) bytes.set(sibling, PROOF_AT + 32 * i)
  bytes.set(signature, CERTIFICATE_AT)
  bytes.set(absent, CERTIFICATE_AT + signature.length)
  return bytes
}

/** @throws LariatError `bridge.metadata` for what `encodeMetadata` would not produce */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isBare = bytes.length === CERTIFICATE_AT
  if (!isBare && bytes.length < CERTIFICATE_AT + SIGNATURE_BYTES) throw invalid(`it has ${bytes.length} bytes`)
  if (view[0] !== METADATA_VERSION) throw invalid(`its version is ${view[0]}, not ${METADATA_VERSION}`)
  const slice = (from: number, to?: number) => Uint8Array.from(bytes.subarray(from, to))
  return {
    epoch: view.readBigUInt64BE(1),
    checkpoint: {
      index: view.readUInt32BE(9),
      root: bytesToHex(bytes.subarray(13, 45)),
      messageId: bytesToHex(bytes.subarray(45, 77)),
    },
    leaf: view.readUInt32BE(77),
    proof: Array.from({ length: TREE_DEPTH }, (_, i) => slice(PROOF_AT + 32 * i, PROOF_AT + 32 * (i + 1))),
    ...(isBare
      ? {}
      : {
          certificate: {
            signature: slice(CERTIFICATE_AT, CERTIFICATE_AT + SIGNATURE_BYTES),
            absent: slice(CERTIFICATE_AT + SIGNATURE_BYTES),
          },
        }),
  }
}

function word(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 32) return bytes
  throw invalid(`a hash has 32 bytes, not ${bytes.length}`)
}

function invalid(why: string): LariatError<'bridge.metadata'> {
  return new LariatError('bridge.metadata', `metadata of a message was refused: ${why}`)
}
