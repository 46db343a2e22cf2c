import { encodeMetadata } from '../../src/avs/bridge/metadata.ts'
import { type Checkpoint, checkpointPayload, Level, streamService } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import { encodeG2 } from '../../src/bls/eip2537.ts'
import { decodeSignature } from '../../src/bls/keys.ts'
import { signerOf } from '../../src/bls/secret/key.ts'
import { aggregateSignatures } from '../../src/bls/verify.ts'
import { type BridgeEnd, wordOf } from '../../src/testnet/bridge.ts'
import { statementDigest } from '../../src/types/digest.ts'
import { type Domain, Kind, type Statement } from '../../src/types/statement.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'
import type { Secret } from '../../src/util/secret.ts'

/** A certificate as contracts take it. */
export interface OnChainCertificate {
  /** Bitmap of rows. */
  readonly absent: Uint8Array
  /** EIP-2537, 256 bytes. */
  readonly signature: Uint8Array
}

/** A certificate made with the operators' keys in hand. @param rows their secrets, in the order of the table; undefined for who is absent */
export function certifyWith(
  domain: Pick<Domain, 'chainId' | 'serviceManager'>,
  statement: Statement,
  rows: readonly (Secret<Uint8Array> | undefined)[],
): OnChainCertificate {
  const digest = statementDigest(domain, statement)
  const absentRows = rows.flatMap((secret, row) => (secret === undefined ? [row] : []))
  const absent = new Uint8Array(absentRows.length === 0 ? 0 : (Math.max(...absentRows) >> 3) + 1)
  for (const row of absentRows) absent[row >> 3] = (absent[row >> 3] ?? 0) | (1 << (row & 7))
  const signed = rows.flatMap((secret) =>
    secret === undefined ? [] : [decodeSignature(signerOf(secret.reveal())(digest))],
  )
  return { absent, signature: encodeG2(aggregateSignatures(signed)) }
}

/** The statement that a checkpoint of an end's tree is signed as. */
export function checkpointStatement(
  { domain, hook }: Pick<BridgeEnd, 'domain' | 'hook'>,
  checkpoint: Checkpoint,
  epoch: bigint,
  level: Level = Level.finalized,
): Statement {
  return {
    service: streamService({ domain, hook: wordOf(hook) }, level),
    kind: Kind.certify,
    epoch,
    slot: BigInt(checkpoint.index),
    attempt: 0,
    payload: checkpointPayload(checkpoint),
  }
}

/** The tree of messages, and what it was when `count` of them were there. */
export function treeOf(ids: readonly Hex[]): MessageTree {
  const tree = new MessageTree()
  for (const id of ids) tree.append(hexToBytes(id))
  return tree
}

export function checkpointOf(tree: MessageTree, count = tree.count): Checkpoint {
  return { root: bytesToHex(tree.root(count)), index: count - 1, messageId: bytesToHex(tree.leaf(count - 1)) }
}

/** What message `leaf` is delivered with under the checkpoint of `count` leaves. @param certificate left out for a root that is remembered */
export function metadataFor(
  tree: MessageTree,
  leaf: number,
  epoch: bigint,
  certificate?: OnChainCertificate,
  count = tree.count,
): Uint8Array {
  const checkpoint = checkpointOf(tree, count)
  const proof = tree.proof(leaf, count)
  return encodeMetadata({ epoch, checkpoint, leaf, proof, ...(certificate === undefined ? {} : { certificate }) })
}
