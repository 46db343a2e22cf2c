import { concat, encodePacked, keccak256, numberToHex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Checkpoint } from '../../src/avs/bridge/statements.ts'
import { bytesToHex, type Hex } from '../../src/util/hex.ts'

/** Validators of Hyperlane's, with keys of a test. */
export function validatorsOf(count: number): readonly PrivateKeyAccount[] {
  return Array.from({ length: count }, (_, i) => privateKeyToAccount(keccak256(numberToHex(i + 1))))
}

/** How many of them must sign where more than two thirds must. */
export const thresholdOf = (count: number) => Math.floor((2 * count) / 3) + 1

/** The tree that a checkpoint is of. */
export interface Origin {
  readonly domain: number
  /** 32 bytes. */
  readonly hook: Hex
}

/** Signatures of a checkpoint, of 65 bytes each, as contracts/libs/CheckpointLib.sol and isms/libs/MessageIdMultisigIsmMetadata.sol have it. */
async function signatures(
  { domain, hook }: Origin,
  { root, index, messageId }: Checkpoint,
  signers: readonly PrivateKeyAccount[],
): Promise<Hex> {
  const domainHash = keccak256(encodePacked(['uint32', 'bytes32', 'string'], [domain, hook, 'HYPERLANE']))
  const fields = [domainHash, root, index, messageId] as const
  const raw = keccak256(encodePacked(['bytes32', 'bytes32', 'uint32', 'bytes32'], fields))
  return concat(await Promise.all(signers.map((signer) => signer.signMessage({ message: { raw } }))))
}

/** Of a StaticMessageIdMultisigIsm: the checkpoint is the message's own. */
export async function messageIdMetadata(
  origin: Origin,
  checkpoint: Checkpoint,
  signers: readonly PrivateKeyAccount[],
): Promise<Hex> {
  const { root, index } = checkpoint
  const fields = encodePacked(['bytes32', 'bytes32', 'uint32'], [origin.hook, root, index])
  return concat([fields, await signatures(origin, checkpoint, signers)])
}

/** Of a StaticMerkleRootMultisigIsm: the proof leads from the message at `leaf` to the checkpoint's root. */
export async function merkleRootMetadata(
  origin: Origin,
  checkpoint: Checkpoint,
  { leaf, proof }: { readonly leaf: number; readonly proof: readonly Uint8Array[] },
  signers: readonly PrivateKeyAccount[],
): Promise<Hex> {
  const { index, messageId } = checkpoint
  const head = encodePacked(['bytes32', 'uint32', 'bytes32'], [origin.hook, leaf, messageId])
  const parts = [head, ...proof.map(bytesToHex), numberToHex(index, { size: 4 })]
  return concat([...parts, await signatures(origin, checkpoint, signers)])
}
