import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { decodeFrame, encodeFrame, frameSplitter } from '../../src/p2p/framing.ts'
import { areInConflict } from '../../src/types/evidence.ts'
import { Kind, type Statement } from '../../src/types/statement.ts'
import { decodeEnvelope, encodeMessage, type WireMessage } from '../../src/types/wire/codec.ts'
import {
  MAX_ABSENT_BYTES,
  MAX_ATTEMPT,
  MAX_AUTHOR,
  MAX_BODY_BYTES,
  MAX_UINT64,
  MAX_VALUE_BYTES,
} from '../../src/types/wire/limits.ts'
import { LariatError } from '../../src/util/errors.ts'
import { fuzz } from '../support/fuzz.ts'
import { anyMessage } from '../unit/types/wire/arbitrary.ts'

const CODES = new Set(['wire.too-large', 'wire.malformed', 'wire.version', 'wire.field'])
const KIND_OF = {
  observation: Kind.observe,
  proposal: Kind.propose,
  partial: Kind.certify,
  certificate: Kind.certify,
} as const

/** What the decoder makes of `bytes`; undefined when it refuses them in one of its four ways. Anything else fails. */
function decode(bytes: Uint8Array): WireMessage | undefined {
  try {
    return decodeEnvelope(bytes)
  } catch (error) {
    assert.ok(error instanceof LariatError && CODES.has(error.code), String(error))
    return undefined
  }
}

/** A message that was accepted keeps every promise of the format, and has no second form. */
function checkAccepted(message: WireMessage, bytes: Uint8Array): void {
  assert.deepEqual(encodeMessage(message), bytes, 'accepted, but not in its one canonical form')
  if (message.type === 'evidence') {
    const { first, second } = message
    for (const { statement, signature } of [first, second]) checkSigned(statement, signature)
    assert.ok(areInConflict(first.statement, second.statement), 'evidence of nothing')
    assert.ok(first.statement.payload < second.statement.payload, 'evidence that has a second form')
    return
  }
  checkSigned(message.statement, message.signature)
  assert.equal(message.statement.kind, KIND_OF[message.type], 'the kind of the statement is not that of the message')
  if ('author' in message) assert.ok(message.author >= 0 && message.author <= MAX_AUTHOR)
  if (message.type === 'observation') assert.ok(message.body.length <= MAX_BODY_BYTES)
  if (message.type === 'certificate') {
    assert.ok(message.absent.length <= MAX_ABSENT_BYTES && message.value.length <= MAX_VALUE_BYTES)
    assert.notEqual(message.absent.at(-1), 0)
  }
  if (message.type === 'proposal') {
    assert.ok(message.observations.length > 0)
    for (const { author, body } of message.observations) {
      assert.ok(author <= MAX_AUTHOR && body.length <= MAX_BODY_BYTES)
    }
  }
}

function checkSigned({ service, payload, epoch, slot, attempt }: Statement, signature: Uint8Array): void {
  for (const hash of [service, payload]) assert.match(hash, /^0x[0-9a-f]{64}$/)
  for (const value of [epoch, slot]) assert.ok(value >= 0n && value <= MAX_UINT64)
  assert.ok(attempt >= 0 && attempt <= MAX_ATTEMPT)
  assert.equal(signature.length, 96)
}

/** What happens to bytes on their way. */
type Mutation = readonly [place: number, value: number, how: 'flip' | 'cut' | 'insert' | 'repeat' | 'end']
const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.tuple(
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
    fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'end' as const),
  ) as fc.Arbitrary<Mutation>,
  { minLength: 1, maxLength: 4 },
)

function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let now = Buffer.from(bytes)
  for (const [place, value, how] of changes) {
    const at = place % (now.length + 1)
    const [head, tail] = [now.subarray(0, at), now.subarray(at)]
    if (how === 'flip') now = Buffer.concat([head, Uint8Array.of((tail[0] ?? 0) ^ value), tail.subarray(1)])
    else if (how === 'cut') now = Buffer.concat([head, tail.subarray(value)])
    else if (how === 'insert') now = Buffer.concat([head, Uint8Array.of(value), tail])
    else if (how === 'repeat') now = Buffer.concat([now, tail.subarray(0, value)])
    else now = Buffer.from(head)
  }
  return Uint8Array.from(now)
}

/** Protobuf by hand: fields with numbers that there are and are not, right and wrong types, lengths that lie. */
const varint = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: (1n << 70n) - 1n }),
  fc.constantFrom(0n, 1n, 2n, 127n, 128n, 65_535n, 65_536n, MAX_UINT64, MAX_UINT64 + 1n),
)
const { soup } = fc.letrec<{ soup: Uint8Array; field: Uint8Array }>((tie) => ({
  soup: fc.array(tie('field'), { maxLength: 8 }).map((parts) => Uint8Array.from(Buffer.concat(parts))),
  field: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(fc.nat({ max: 9 }), varint).map(([field, value]) => Buffer.concat([tag(field, 0), encodeVarint(value)])),
    fc
      .tuple(
        fc.nat({ max: 9 }),
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          fc.constantFrom(32, 96).map((n) => new Uint8Array(n)),
        ),
      )
      .map(([field, bytes]) => Buffer.concat([tag(field, 2), encodeVarint(BigInt(bytes.length)), bytes])),
    fc
      .tuple(fc.nat({ max: 9 }), fc.nat({ max: 7 }), varint)
      .map(([field, type, n]) => Buffer.concat([tag(field, type), encodeVarint(n)])),
    fc
      .tuple(fc.integer({ min: 1, max: 7 }), tie('soup'), fc.integer({ min: -2, max: 2 }))
      .map(([field, inner, lie]) =>
        Buffer.concat([tag(field, 2), encodeVarint(BigInt(Math.max(0, inner.length + lie))), inner]),
      ),
  ),
}))

function tag(field: number, type: number): Uint8Array {
  return encodeVarint(BigInt((field << 3) | type))
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

describe('fuzzing the wire decoder', () => {
  fuzz(
    'gives back every message that may be sent',
    1_500,
    fc.property(anyMessage, (message) => {
      const bytes = encodeMessage(message)
      assert.deepEqual(decode(bytes), message)
      checkAccepted(message, bytes)
    }),
  )

  fuzz(
    'refuses random bytes in its own words',
    1_500,
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      const message = decode(bytes)
      if (message !== undefined) checkAccepted(message, bytes)
    }),
  )

  fuzz(
    'accepts of messages that were damaged only what is whole',
    3_000,
    fc.property(anyMessage, mutations, (message, changes) => {
      const bytes = mutate(encodeMessage(message), changes)
      const decoded = decode(bytes)
      if (decoded !== undefined) checkAccepted(decoded, bytes)
    }),
  )

  fuzz(
    'accepts of hand-made protobuf only what is canonical',
    1_500,
    fc.property(soup, (bytes) => {
      const decoded = decode(bytes)
      if (decoded !== undefined) checkAccepted(decoded, bytes)
    }),
  )

  const LIMITS = { messageBytes: 512, topicBytes: 32 }
  fuzz(
    'cuts a stream into the same frames, whatever pieces it comes in and whatever follows',
    500,
    fc.property(
      fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.uint8Array({ maxLength: 300 })), {
        maxLength: 5,
      }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      fc.uint8Array({ maxLength: 20 }),
      (frames, sizes, rubbish) => {
        const stream = Buffer.concat([...frames.map(([topic, data]) => encodeFrame(topic, data)), rubbish])
        const splitter = frameSplitter(LIMITS)
        const found: { topic: string; data: Uint8Array }[] = []
        try {
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length] ?? 1
            for (const frame of splitter.decode(new Uint8ArrayList(Uint8Array.from(stream.subarray(at, at + size))))) {
              const decoded = decodeFrame(frame, LIMITS)
              if (decoded === undefined) break
              found.push(decoded)
            }
            at += size
          }
        } catch (error) {
          assert.ok(error instanceof Error) // a length that is too long or broken: the stream ends there
        }
        assert.ok(found.length >= frames.length)
        for (const [i, [topic, data]] of frames.entries()) assert.deepEqual(found[i], { topic, data })
        for (const { topic, data } of found) {
          assert.ok(topic.length > 0 && Buffer.byteLength(topic) <= LIMITS.topicBytes)
          assert.ok(data.length <= LIMITS.messageBytes)
        }
      },
    ),
  )

  fuzz(
    'takes no frame beyond the limits, from any stream',
    500,
    fc.property(
      fc.oneof(
        soup,
        fc.uint8Array({ maxLength: 400 }),
        fc
          .tuple(varint, fc.uint8Array({ maxLength: 100 }))
          .map(([n, rest]) => Uint8Array.from([...encodeVarint(n), ...rest])),
      ),
      (bytes) => {
        const splitter = frameSplitter(LIMITS)
        try {
          for (const frame of splitter.decode(new Uint8ArrayList(bytes))) {
            const decoded = decodeFrame(frame, LIMITS)
            if (decoded === undefined) continue
            assert.ok(Buffer.byteLength(decoded.topic) <= LIMITS.topicBytes && decoded.topic.length > 0)
            assert.ok(decoded.data.length <= LIMITS.messageBytes)
          }
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error))
        }
      },
    ),
  )
})
