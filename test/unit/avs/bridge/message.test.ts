import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { decodeMessage, encodeMessage, type Message, messageId } from '../../../../src/avs/bridge/message.ts'
import { bytesToHex, type Hex } from '../../../../src/util/hex.ts'

const file = new URL('../../../vectors/hyperlane.json', import.meta.url)
const { message: published }: { message: Message & { readonly id: Hex } } = JSON.parse(readFileSync(file, 'utf8'))

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const messages: fc.Arbitrary<Message> = fc.record(
  {
    nonce: u32,
    origin: u32,
    sender: bytesOf(32),
    destination: u32,
    recipient: bytesOf(32),
    body: fc.uint8Array({ maxLength: 300 }).map(bytesToHex),
  },
  { noNullPrototype: true },
)

describe('messages of Hyperlane', () => {
  it('have the published id', () => {
    assert.equal(messageId(encodeMessage(published)), published.id)
  })

  it('come back as they went in', () => {
    fc.assert(
      fc.property(messages, (message) => {
        assert.deepEqual(decodeMessage(encodeMessage(message)), message)
      }),
    )
  })

  it('are refused when they are none', () => {
    const refused = { code: 'bridge.message' }
    const bytes = encodeMessage(published)
    assert.throws(() => decodeMessage(bytes.subarray(0, 76)), refused)
    assert.throws(() => decodeMessage(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte))), refused)
    for (const wrong of [{ nonce: -1 }, { origin: 2 ** 32 }, { destination: 1.5 }, { sender: '0x12' as const }]) {
      assert.throws(() => encodeMessage({ ...published, ...wrong }), refused)
    }
    assert.throws(() => encodeMessage({ ...published, recipient: `0x${'00'.repeat(33)}` }), refused)
  })
})
