import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { generateIdentity, loadOrCreateIdentity, peerIdBytes, peerIdFromBytes } from '../../../src/p2p/identity.ts'

describe('identity', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-p2p-'))
    file = join(folder, 'data', 'p2p.key')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made once, readable by its owner only, and found again', async () => {
    const made = await loadOrCreateIdentity(file)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const found = await loadOrCreateIdentity(file)
    assert.equal(found.peerId, made.peerId)
    assert.deepEqual(found.key.reveal(), made.key.reveal())
    assert.ok(!inspect(made, { depth: 5 }).includes(Buffer.from(made.key.reveal()).toString('hex')))
  })

  it('is refused when others may read it', async () => {
    await loadOrCreateIdentity(file)
    chmodSync(file, 0o640)
    await assert.rejects(loadOrCreateIdentity(file), { code: 'p2p.key-permissions', message: /chmod 600/ })
  })

  it('is refused, and left alone, when the file is no Ed25519 key', async () => {
    const other = privateKeyToProtobuf(await generateKeyPair('secp256k1'))
    await loadOrCreateIdentity(file)
    for (const content of [Buffer.from('rubbish'), Buffer.of(), other]) {
      writeFileSync(file, content)
      await assert.rejects(loadOrCreateIdentity(file), { code: 'p2p.key' })
      assert.deepEqual(readFileSync(file), Buffer.from(content))
    }
  })
})

describe('peer ids on chain', () => {
  it('are the multihash bytes of the text form, both ways', async () => {
    const { peerId } = await generateIdentity()
    const bytes = peerIdBytes(peerId)
    assert.equal(bytes.length, 38)
    assert.equal(peerIdFromBytes(bytes), peerId)
  })

  it('agree with the test vectors of the peer id specification', async () => {
    // libp2p/specs peer-ids/peer-ids.md: Ed25519 private key and public key in protobuf form
    const publicHalf = '1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e'
    const secretHalf = '7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d'
    const folder = mkdtempSync(join(tmpdir(), 'lariat-p2p-'))
    try {
      const file = join(folder, 'p2p.key')
      writeFileSync(file, Buffer.from(`08011240${secretHalf}${publicHalf}`, 'hex'), { mode: 0o600 })
      const { peerId } = await loadOrCreateIdentity(file)
      assert.equal(Buffer.from(peerIdBytes(peerId)).toString('hex'), `002408011220${publicHalf}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are refused when they are anything else', () => {
    const valid = peerIdBytes('12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA')
    const wrong = Uint8Array.from(valid)
    wrong[1] = 0x25
    for (const bytes of [new Uint8Array(), valid.subarray(1), Uint8Array.from([...valid, 0]), wrong]) {
      assert.throws(() => peerIdFromBytes(bytes), { code: 'p2p.peer-id' })
    }
    for (const text of ['', 'rubbish', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N']) {
      assert.throws(() => peerIdBytes(text), { code: 'p2p.peer-id' })
    }
  })
})
