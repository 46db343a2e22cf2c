import {
  type Abi,
  concat,
  encodePacked,
  keccak256,
  type LocalAccount,
  numberToHex,
  type PublicClient,
  parseAbi,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Checkpoint } from '../../src/avs/bridge/statements.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { Batch } from '../../src/testnet/batch.ts'
import { type Address, bytesToHex, type Hex } from '../../src/util/hex.ts'

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

const factoryAbi = parseAbi([
  'function deploy(address[] values, uint8 threshold) returns (address)',
  'function getAddress(address[] values, uint8 threshold) view returns (address)',
])

/** A static multisig module of Hyperlane's. @returns its address */
export async function deployMultisig(
  {
    hyperlane,
    client,
    owner,
  }: { readonly hyperlane: Artifacts; readonly client: PublicClient; readonly owner: LocalAccount },
  name: 'MerkleRoot' | 'MessageId',
  validators: readonly Address[],
  threshold: number,
): Promise<Address> {
  const batch = await Batch.open(client, owner)
  const address = batch.deploy(hyperlane, `Static${name}MultisigIsmFactory`, [])
  const args = [validators, threshold] as const
  batch.call({ what: 'a module', address, abi: factoryAbi as Abi, functionName: 'deploy', args, gas: 5_000_000n })
  await batch.land(new AbortController().signal)
  return client.readContract({ address, abi: factoryAbi, functionName: 'getAddress', args })
}

/** Signatures of a checkpoint, of 65 bytes each, as contracts/libs/CheckpointLib.sol and isms/libs/MessageIdMultisigIsmMetadata.sol have it. */
export async function signatures(
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
export function messageIdMetadata(hook: Hex, { root, index }: Pick<Checkpoint, 'root' | 'index'>, signed: Hex): Hex {
  return concat([encodePacked(['bytes32', 'bytes32', 'uint32'], [hook, root, index]), signed])
}

/** Of a StaticMerkleRootMultisigIsm: the proof leads from the message at `leaf` to the checkpoint's root. */
export function merkleRootMetadata(
  hook: Hex,
  { index, messageId }: Pick<Checkpoint, 'index' | 'messageId'>,
  { leaf, proof }: { readonly leaf: number; readonly proof: readonly Uint8Array[] },
  signed: Hex,
): Hex {
  const head = encodePacked(['bytes32', 'uint32', 'bytes32'], [hook, leaf, messageId])
  const parts = [head, ...proof.map(bytesToHex), numberToHex(index, { size: 4 })]
  return concat([...parts, signed])
}
