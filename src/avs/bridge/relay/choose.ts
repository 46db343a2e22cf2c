import { hexToBytes } from 'lariat/avs'
import { encodeMetadata } from '../metadata.ts'
import type { TreeView } from '../ports.ts'
import { type Checkpoint, checkpointPayload } from '../statements.ts'
import type { Certificates, Kept } from './ports.ts'
import type { Reason } from './reasons.ts'

/** Certificates of one stream that are looked at: those that a module may have no epoch for are the newest few. */
const LOOKED_AT = 64

/** A certificate, and the checkpoint that it certifies. */
export interface Chosen {
  readonly kept: Kept
  readonly checkpoint: Checkpoint
}

export interface Choice {
  /** The tree as far as its certificates may be believed: its final leaves, or all where fast checkpoints are. */
  readonly tree: Pick<TreeView, 'count' | 'checkpoint'>
  readonly certificates: Certificates
  /** Of the stream. */
  readonly service: Kept['certificate']['statement']['service']
  /** The message’s. */
  readonly leaf: number
  /** Whether the module accepts something of an epoch now. */
  readonly isLive: (epoch: bigint) => Promise<boolean>
}

/** The newest certificate that covers a leaf and is accepted at the destination, or why there is none. */
export async function choose({ tree, certificates, service, leaf, isLive }: Choice): Promise<Chosen | Reason> {
  let why: Reason = 'not-attested'
  let toSlot = BigInt(tree.count) - 1n
  const fromSlot = BigInt(leaf)
  // most often it is the newest
  for (const limit of [1, LOOKED_AT]) {
    if (toSlot < fromSlot) return why
    for (const kept of certificates.list({ service, fromSlot, toSlot, limit })) {
      const { slot, epoch, payload } = kept.certificate.statement
      toSlot = slot - 1n
      const checkpoint = tree.checkpoint(Number(slot))
      if (checkpoint === undefined) continue
      if (checkpointPayload(checkpoint) !== payload) why = 'contradicted'
      else if (await isLive(epoch)) return { kept, checkpoint }
      else if (why === 'not-attested') why = 'epoch-not-here'
    }
  }
  return why
}

/**
 * What proves a message under a certificate; without `isBare` for whoever does not remember its root.
 * @throws LariatError `bridge.tree`, `bridge.metadata`
 */
export function metadataOf(tree: Pick<TreeView, 'proof'>, chosen: Chosen, leaf: number, isBare: boolean): Uint8Array {
  const { kept, checkpoint } = chosen
  const { absent, signature } = kept.onChain
  return encodeMetadata({
    ...{ epoch: kept.certificate.statement.epoch, checkpoint, leaf },
    proof: tree.proof(leaf, checkpoint.index + 1),
    ...(isBare ? {} : { certificate: { absent: hexToBytes(absent), signature: hexToBytes(signature) } }),
  })
}
