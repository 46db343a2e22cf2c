import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeMetadata, encodeMetadata, type Metadata } from '../../../../src/avs/bridge/metadata.ts'
import { bytesToHex } from '../../../../src/util/hex.ts'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash = bytesOf(32).map(bytesToHex)
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const plain = { noNullPrototype: true } as const
const parts = {
  epoch: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  checkpoint: fc.record({ root: hash, index: u32, messageId: hash }, plain),
  leaf: u32,
  proof: fc.array(bytesOf(32), { minLength: 32, maxLength: 32 }),
}
const certificate = fc.record({ signature: bytesOf(256), absent: fc.uint8Array({ maxLength: 25 }) }, plain)
const metadata: fc.Arbitrary<Metadata> = fc.oneof(fc.record(parts, plain), fc.record({ ...parts, certificate }, plain))

describe('metadata of messages', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(metadata, (one) => {
        assert.deepEqual(decodeMetadata(encodeMetadata(one)), one)
      }),
    )
  })

  it('is refused when it is none', () => {
    const refused = { code: 'bridge.metadata' }
    const [one] = fc.sample(fc.record({ ...parts, certificate }, plain), { numRuns: 1, seed: 7 })
    assert.ok(one)
    const bytes = encodeMetadata(one)
    for (const length of [0, 1_104, 1_106, 1_360]) {
      assert.throws(() => decodeMetadata(bytes.subarray(0, length)), refused)
    }
    assert.throws(() => decodeMetadata(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte))), refused)
    assert.throws(() => encodeMetadata({ ...one, proof: one.proof.slice(1) }), refused)
    assert.throws(() => encodeMetadata({ ...one, proof: one.proof.map(() => new Uint8Array(31)) }), refused)
    const short = { signature: new Uint8Array(96), absent: new Uint8Array() }
    assert.throws(() => encodeMetadata({ ...one, certificate: short }), refused)
    assert.throws(() => encodeMetadata({ ...one, checkpoint: { ...one.checkpoint, root: '0x12' } }), refused)
  })
})
