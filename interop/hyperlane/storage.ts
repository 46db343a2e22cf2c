import assert from 'node:assert/strict'
import { type Abi, concat, parseAbi } from 'viem'
import type { CheckpointValue, Signed } from '../../src/avs/bridge/http/hyperlane.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { Batch } from '../../src/testnet/batch.ts'
import { wordOf } from '../../src/testnet/bridge.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { treeOf } from '../../test/support/bridgeCertificates.ts'
import type { SentMessage } from '../../test/support/bridgeChain.ts'
import { type BridgeDaemons, storageOf } from '../../test/support/bridgeDaemons.ts'
import { deployMultisig, merkleRootMetadata, messageIdMetadata, thresholdOf } from './multisig.ts'

const announceAbi = parseAbi([
  'function announce(address validator, string location, bytes signature) returns (bool)',
  'function getAnnouncedValidators() view returns (address[])',
  'function getAnnouncedStorageLocations(address[] validators) view returns (string[][])',
])
const verifyAbi = parseAbi(['function verify(bytes metadata, bytes message) view returns (bool)'])

/** A file of an operator's storage for relayers of Hyperlane. */
async function file<Content>(storage: string, name: string): Promise<Content> {
  const response = await fetch(`${storage}/${name}.json`)
  assert.equal(response.status, 200, `${storage}/${name}.json`)
  return (await response.json()) as Content
}

/**
 * Goes the way of a relayer of Hyperlane for messages of the chain of the stake: what the operators announce is taken by its
 * ValidatorAnnounce, and its multisig modules on the other chain take signatures of more than two thirds of them, which are read
 * where they announced.
 */
export async function deliverableByStorage({ world, nodes }: BridgeDaemons, hyperlane: Artifacts): Promise<void> {
  const { stake, away, owner } = world
  const hook = wordOf(stake.end.hook)
  const batch = await Batch.open(stake.client, owner)
  const announce = batch.deploy(hyperlane, 'ValidatorAnnounce', [stake.end.mailbox])
  const storages = nodes.map(({ operator }) => storageOf(operator, stake.end.domain))
  for (const storage of storages) {
    const { value, serialized_signature } = await file<Signed<{ validator: Address; storage_location: string }>>(
      storage,
      'announcement',
    )
    const args = [value.validator, value.storage_location, serialized_signature]
    batch.call({
      what: 'an announcement',
      address: announce,
      abi: announceAbi as Abi,
      functionName: 'announce',
      args,
      gas: 500_000n,
    })
  }
  await batch.land(new AbortController().signal)
  const announced = { address: announce, abi: announceAbi } as const
  const validators = await stake.client.readContract({ ...announced, functionName: 'getAnnouncedValidators' })
  const args = [validators] as const
  const found = await stake.client.readContract({ ...announced, functionName: 'getAnnouncedStorageLocations', args })
  assert.deepEqual(
    found,
    storages.map((storage) => [storage]),
  )
  assert.ok(!nodes.some(({ operator }) => validators.includes(operator.account.address)))

  const threshold = thresholdOf(nodes.length)
  const modules = { hyperlane, client: away.client, owner }
  const byRoot = await deployMultisig(modules, 'MerkleRoot', validators, threshold)
  const byId = await deployMultisig(modules, 'MessageId', validators, threshold)
  const verify = (address: Address, metadata: Hex, { encoded }: SentMessage) =>
    away.client
      .readContract({ address, abi: verifyAbi, functionName: 'verify', args: [metadata, encoded] })
      .catch(() => false)
  /** The checkpoint of an index, with as many signatures of it as are needed. @param from the first operator that is asked */
  const signedAt = async (index: number, from: number) => {
    const asked = found.flat().slice(from, from + threshold)
    const files = await Promise.all(asked.map((at) => file<Signed<CheckpointValue>>(at, `checkpoint_${index}_with_id`)))
    const [first] = files
    assert.ok(first !== undefined)
    for (const { value } of files) assert.deepEqual(value, first.value)
    const { checkpoint, message_id: messageId } = first.value
    return { ...checkpoint, messageId, signatures: concat(files.map((each) => each.serialized_signature)) }
  }

  const latest = Math.min(...(await Promise.all(found.flat().map((at) => file<number>(at, 'checkpoint_latest_index')))))
  const messages = await stake.messages()
  assert.ok(latest < messages.length && latest >= messages.length / 2, `${latest} of ${messages.length}`)
  const tree = treeOf(messages.map(({ id }) => id))
  const newest = await signedAt(latest, 0)
  for (const leaf of [0, latest >> 1, latest]) {
    const [message, other] = [messages[leaf], messages[leaf === 0 ? 1 : leaf - 1]]
    assert.ok(message !== undefined && other !== undefined)
    const own = await signedAt(leaf, nodes.length - threshold)
    const ownMetadata = messageIdMetadata(hook, own, own.signatures)
    const proven = { leaf, proof: tree.proof(leaf, latest + 1) }
    const rootMetadata = merkleRootMetadata(hook, newest, proven, newest.signatures)
    assert.equal(own.messageId, message.id)
    assert.deepEqual(
      [await verify(byId, ownMetadata, message), await verify(byRoot, rootMetadata, message)],
      [true, true],
    )
    assert.deepEqual(
      [await verify(byId, ownMetadata, other), await verify(byRoot, rootMetadata, other)],
      [false, false],
    )
  }
}
