import assert from 'node:assert/strict'
import { keccak256, padHex, recoverMessageAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import {
  announcementDigest,
  type CheckpointSigner,
  checkpointDigest,
  signedCheckpoint,
} from '../../../../../src/avs/bridge/http/hyperlane.ts'
import { ValidatorStorage } from '../../../../../src/avs/bridge/http/validator.ts'
import type { Address, Hex } from '../../../../../src/util/hex.ts'
import { HOOK } from '../../../../support/bridge.ts'
import { get, ORIGIN, ORIGIN_MAILBOX, viewWorld } from '../../../../support/bridgeView.ts'

const RECIPIENT: Address = `0x${'ee'.repeat(20)}`
const account = privateKeyToAccount(keccak256('0x01'))
const LOCATION = 's3://checkpoints/eu-north-1'
function signer(): CheckpointSigner & { readonly signed: Hex[] } {
  const signed: Hex[] = []
  return {
    ...{ address: account.address, storageLocation: LOCATION, signed },
    signCheckpoint(digest) {
      signed.push(digest)
      return account.signMessage({ message: { raw: digest } })
    },
  }
}
interface File {
  value: Record<string, unknown>
  signature: { r: string; s: string; v: number }
  serialized_signature: Hex
}

describe('storage of a validator for Hyperlane’s multisig modules', () => {
  it('signs announcements as validators of Hyperlane’s networks do', async () => {
    // announcement.json of a validator on Goerli, from Hyperlane's documentation
    const signature: Hex =
      '0x2c23ffdc7173019fe2255fddbfa027dc99d5812b7c6595303792efe145c7f2cb229da4a683f4785a766cd8fce668741b78acaa7eed95eea9d09b14883de51b831b'
    const mailbox = padHex('0xcc737a94fecaec165abcf12ded095bb13f037685', { size: 32 })
    const raw = announcementDigest(5, mailbox, 's3://hyperlane-testnet3-goerli-validator-0/us-east-1')
    const who = await recoverMessageAddress({ message: { raw }, signature })
    assert.equal(who.toLowerCase(), '0xf43fbd072fd38e1121d4b3b0b8a35116bbb01ea9')
  })

  it('has a digest of checkpoints that a change of anything changes', () => {
    const stream = { domain: 1_000, hook: HOOK }
    const checkpoint = { root: keccak256('0x02'), index: 7, messageId: keccak256('0x03') }
    const digests = new Set([
      checkpointDigest(stream, checkpoint),
      checkpointDigest({ ...stream, domain: 1_001 }, checkpoint),
      checkpointDigest({ ...stream, hook: keccak256('0x04') }, checkpoint),
      checkpointDigest(stream, { ...checkpoint, root: keccak256('0x05') }),
      checkpointDigest(stream, { ...checkpoint, index: 8 }),
      checkpointDigest(stream, { ...checkpoint, messageId: keccak256('0x06') }),
    ])
    assert.equal(digests.size, 6)
  })

  it('serves the three files in their shapes, signed by the validator', async () => {
    const { source, view } = viewWorld()
    const key = signer()
    const served = { view, validator: new ValidatorStorage(key) }
    const file = (name: string) => get(served, `/v1/bridge/validator/${ORIGIN}/${name}`)
    assert.equal((await file('checkpoint_latest_index.json')).status, 404)
    const [first] = source.dispatch({ recipient: RECIPIENT }, { recipient: RECIPIENT })
    assert.ok(first)
    const latest = await file('checkpoint_latest_index.json')
    assert.deepEqual([latest.status, latest.body], [200, 1])
    assert.match(latest.headers?.['cache-control'] ?? '', /no-cache/)

    const found = await file('checkpoint_0_with_id.json')
    const { value, signature, serialized_signature: serialized } = found.body as File
    const checkpoint = source.checkpoint(0)
    assert.ok(checkpoint)
    assert.deepEqual(value, {
      checkpoint: { merkle_tree_hook_address: HOOK, mailbox_domain: ORIGIN, root: checkpoint.root, index: 0 },
      message_id: first.id,
    })
    const raw = checkpointDigest({ domain: ORIGIN, hook: HOOK }, checkpoint)
    assert.equal(await recoverMessageAddress({ message: { raw }, signature: serialized }), account.address)
    assert.equal(BigInt(signature.r), BigInt(serialized.slice(0, 66)))
    assert.equal(BigInt(signature.s), BigInt(`0x${serialized.slice(66, 130)}`))
    assert.equal(signature.v, Number(`0x${serialized.slice(130)}`))
    assert.match(found.headers?.['cache-control'] ?? '', /immutable/)
    await file('checkpoint_0_with_id.json')
    assert.equal(key.signed.length, 1)

    const { value: announced, serialized_signature: announcement } = (await file('announcement.json')).body as File
    assert.deepEqual(announced, {
      ...{ validator: account.address.toLowerCase(), mailbox_address: padHex(ORIGIN_MAILBOX, { size: 32 }) },
      ...{ mailbox_domain: ORIGIN, storage_location: LOCATION },
    })
    const location = announcementDigest(ORIGIN, padHex(ORIGIN_MAILBOX, { size: 32 }), LOCATION)
    assert.equal(await recoverMessageAddress({ message: { raw: location }, signature: announcement }), account.address)
  })

  it('signs what is final and followed alone', async () => {
    const { source, view } = viewWorld()
    const key = signer()
    const served = { view, validator: new ValidatorStorage(key) }
    source.dispatch({ recipient: RECIPIENT })
    const statusOf = async (path: string) => (await get(served, `/v1/bridge/validator/${path}`)).status
    for (const none of ['1_with_id', '00_with_id', '-1_with_id', '0', '4294967296_with_id', '99999999999_with_id']) {
      assert.equal(await statusOf(`${ORIGIN}/checkpoint_${none}.json`), 404, none)
    }
    assert.equal(await statusOf('7/checkpoint_0_with_id.json'), 404)
    source.halt('its tree shrank')
    assert.equal(await statusOf(`${ORIGIN}/checkpoint_0_with_id.json`), 404)
    assert.deepEqual(key.signed, [])
    source.halt(undefined)
    const unsigned = await get({ view, validator: undefined }, `/v1/bridge/validator/${ORIGIN}/announcement.json`)
    assert.equal(unsigned.status, 404)
  })

  it('refuses a signature of another form', async () => {
    const checkpoint = { root: keccak256('0x02'), index: 7, messageId: keccak256('0x03') }
    for (const signature of ['0x', `0x${'11'.repeat(64)}00`, `0x${'11'.repeat(64)}`] as const) {
      const wrong = { ...signer(), signCheckpoint: async () => signature }
      await assert.rejects(signedCheckpoint(wrong, { domain: 1, hook: HOOK }, checkpoint), { code: 'bridge.signature' })
    }
  })
})
