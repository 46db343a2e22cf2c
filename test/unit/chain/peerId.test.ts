import assert from 'node:assert/strict'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { decodeAbiParameters } from 'viem'
import { peerIdToBytes, peerIdToText } from '../../../src/chain/peerId.ts'
import { encodeRegistration } from '../../../src/chain/registration.ts'

describe('peer ids', () => {
  it('are those of libp2p, both ways', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const peer = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)))
      assert.equal(peerIdToText(peer.toMultihash().bytes), peer.toString())
      assert.deepEqual(Buffer.from(peerIdToBytes(peer.toString())), Buffer.from(peer.toMultihash().bytes))
    }
    // RSA, from the libp2p specification of peer ids
    const rsa = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
    assert.equal(peerIdToText(peerIdToBytes(rsa)), rsa)
  })

  it('that are no multihash are refused', () => {
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(34),
      Uint8Array.of(0x12, 0x20, 1),
      Uint8Array.of(0x11, 1, 1),
    ]) {
      assert.throws(() => peerIdToText(bytes), { code: 'peer-id.invalid' })
    }
    assert.throws(() => peerIdToBytes('not base58: 0OIl'), { code: 'peer-id.invalid' })
  })
})

describe('a registration', () => {
  it('is encoded as abi.encode of the struct', () => {
    const peerId = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
    const data = encodeRegistration({
      publicKey: new Uint8Array(128).fill(1),
      proofOfPossession: new Uint8Array(256).fill(2),
      peerId,
      addresses: ['/ip4/127.0.0.1/tcp/4001', '/dns4/a.example/tcp/1'],
    })
    // One dynamic struct: an offset to its start comes first.
    assert.equal(data.slice(2, 66), '20'.padStart(64, '0'))
    const [decoded] = decodeAbiParameters(
      [{ type: 'tuple', components: [{ type: 'bytes' }, { type: 'bytes' }, { type: 'bytes' }, { type: 'string[]' }] }],
      data,
    )
    assert.deepEqual(decoded, [
      `0x${'01'.repeat(128)}`,
      `0x${'02'.repeat(256)}`,
      `0x${Buffer.from(peerIdToBytes(peerId)).toString('hex')}`,
      ['/ip4/127.0.0.1/tcp/4001', '/dns4/a.example/tcp/1'],
    ])
  })
})
