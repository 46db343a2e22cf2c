import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Kind, type Statement } from '../../../../src/types/statement.ts'
import { decodeEnvelope, encodeMessage, type WireMessage } from '../../../../src/types/wire/codec.ts'
import { Envelope } from '../../../../src/types/wire/lariat.ts'
import {
  MAX_ABSENT_BYTES,
  MAX_BODY_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_OBSERVATIONS,
  MAX_UINT64,
  MAX_VALUE_BYTES,
  WIRE_VERSION,
} from '../../../../src/types/wire/limits.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { bytesToHex, type Hex } from '../../../../src/util/hex.ts'
import { anyMessage } from './arbitrary.ts'

const hash = (byte: number): Hex => bytesToHex(new Uint8Array(32).fill(byte))
const signature = new Uint8Array(96).fill(7)
const statement = (kind: Kind): Statement => ({
  service: hash(1),
  kind,
  epoch: 3n,
  slot: MAX_UINT64,
  attempt: 1,
  payload: hash(2),
})
const partial: WireMessage = { type: 'partial', statement: statement(Kind.certify), author: 2, signature }
const body = new Uint8Array([1, 2, 3])
const observation: WireMessage = {
  type: 'observation',
  statement: statement(Kind.observe),
  author: 0,
  signature,
  body,
}
const proposal = {
  type: 'proposal',
  statement: statement(Kind.propose),
  author: 1,
  signature,
  observations: [{ author: 0, signature, body }],
} as const
const certificate = {
  type: 'certificate',
  statement: statement(Kind.certify),
  absent: new Uint8Array([4]),
  signature,
  value: new Uint8Array([9]),
} as const
const evidence = {
  type: 'evidence',
  first: { form: 'signature', statement: statement(Kind.deal), author: 3, signature },
  second: {
    form: 'certificate',
    statement: { ...statement(Kind.deal), epoch: 4n, payload: hash(3) },
    absent: new Uint8Array([2]),
    signature,
  },
} as const

/** The code of what `act` throws; anything but a LariatError fails the test. */
function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof LariatError, `not a LariatError: ${error}`)
    return error.code
  }
  return 'nothing'
}

/** Encodes without the codec's checks. */
function raw(change: (envelope: Envelope) => void, message: WireMessage): Uint8Array {
  const envelope = Envelope.decode(encodeMessage(message))
  change(envelope)
  return Envelope.encode(envelope)
}

const CODES = new Set(['wire.too-large', 'wire.malformed', 'wire.version', 'wire.field'])

describe('wire codec', () => {
  it('gives back any message that it encoded', () => {
    fc.assert(fc.property(anyMessage, (message) => assert.deepEqual(decodeEnvelope(encodeMessage(message)), message)))
  })

  it('throws nothing but its four codes on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) =>
        assert.ok(CODES.has(codeOf(() => decodeEnvelope(bytes)))),
      ),
      { numRuns: 2_000 },
    )
  })

  it('throws nothing but its codes on mutated messages, and what it accepts has one encoding only', () => {
    const mutation = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'insert'))
    fc.assert(
      fc.property(anyMessage, fc.array(mutation, { minLength: 1, maxLength: 4 }), (message, mutations) => {
        let bytes = encodeMessage(message)
        for (const [at, value, how] of mutations) {
          const place = at % (bytes.length + 1)
          const tail = bytes.subarray(how === 'insert' ? place : place + 1)
          const middle = how === 'cut' ? [] : [how === 'flip' ? (bytes[place] ?? 0) ^ value : value]
          bytes = Uint8Array.from([...bytes.subarray(0, place), ...middle, ...tail])
        }
        let decoded: WireMessage
        try {
          decoded = decodeEnvelope(bytes)
        } catch (error) {
          assert.ok(error instanceof LariatError && CODES.has(error.code), String(error))
          return
        }
        assert.deepEqual(encodeMessage(decoded), bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  it('survives deeply nested groups', () => {
    assert.equal(
      codeOf(() => decodeEnvelope(new Uint8Array(MAX_MESSAGE_BYTES).fill(0x7b))),
      'wire.malformed',
    )
  })

  it('refuses more bytes than a message may have before it looks at them', () => {
    assert.equal(
      codeOf(() => decodeEnvelope(new Uint8Array(MAX_MESSAGE_BYTES + 1))),
      'wire.too-large',
    )
    const observations = Array.from({ length: 400 }, () => ({ author: 0, signature, body: new Uint8Array(3_000) }))
    assert.equal(
      codeOf(() => encodeMessage({ ...proposal, observations })),
      'wire.too-large',
    )
  })

  it('refuses another version', () => {
    const bytes = raw((envelope) => {
      envelope.version = WIRE_VERSION + 1
    }, partial)
    assert.equal(
      codeOf(() => decodeEnvelope(bytes)),
      'wire.version',
    )
    assert.equal(
      codeOf(() => decodeEnvelope(new Uint8Array())),
      'wire.version',
    )
  })

  it('refuses no body and two bodies', () => {
    const none = Envelope.encode({ version: WIRE_VERSION })
    const two = Envelope.decode(encodeMessage(partial))
    const other = Envelope.decode(encodeMessage(certificate)).certificate
    assert.ok(other !== undefined)
    two.certificate = other
    assert.equal(
      codeOf(() => decodeEnvelope(none)),
      'wire.field',
    )
    assert.equal(
      codeOf(() => decodeEnvelope(Envelope.encode(two))),
      'wire.field',
    )
  })

  it('refuses unknown, repeated and padded fields', () => {
    const bytes = encodeMessage(partial)
    const withUnknown = Uint8Array.from([...bytes, 0x78, 0x01])
    const withRepeated = Uint8Array.from([...bytes, 0x08, WIRE_VERSION])
    const withPadded = Uint8Array.from([0x08, 0x80 | WIRE_VERSION, 0x00, ...bytes.subarray(2)])
    assert.deepEqual([bytes[0], bytes[1]], [0x08, WIRE_VERSION])
    for (const changed of [withUnknown, withRepeated, withPadded]) {
      assert.equal(
        codeOf(() => decodeEnvelope(changed)),
        'wire.malformed',
      )
    }
  })

  const bad: readonly [string, WireMessage][] = [
    ['a kind that does not match', { ...partial, statement: statement(Kind.observe) }],
    ['a short service', { ...partial, statement: { ...statement(Kind.certify), service: '0x11' } }],
    ['a service that is not hexadecimal', { ...partial, statement: { ...statement(Kind.certify), service: '0xzz' } }],
    ['a long payload', { ...partial, statement: { ...statement(Kind.certify), payload: `${hash(2)}00` } }],
    ['an epoch beyond 64 bits', { ...partial, statement: { ...statement(Kind.certify), epoch: 2n ** 64n } }],
    ['a negative slot', { ...partial, statement: { ...statement(Kind.certify), slot: -1n } }],
    ['an attempt beyond 16 bits', { ...partial, statement: { ...statement(Kind.certify), attempt: 65_536 } }],
    ['an author beyond 16 bits', { ...partial, author: 65_536 }],
    ['a fractional author', { ...partial, author: 0.5 }],
    ['a short signature', { ...partial, signature: signature.subarray(1) }],
    ['a long body', { ...observation, body: new Uint8Array(MAX_BODY_BYTES + 1) }],
    ['a proposal of nothing', { ...proposal, observations: [] }],
    [
      'a long body in a proposal',
      { ...proposal, observations: [{ author: 0, signature, body: new Uint8Array(5_000) }] },
    ],
    ['a short signature in a proposal', { ...proposal, observations: [{ author: 0, signature: body, body }] }],
    ['a long value', { ...certificate, value: new Uint8Array(MAX_VALUE_BYTES + 1) }],
    ['a long bitmap', { ...certificate, absent: new Uint8Array(MAX_ABSENT_BYTES + 1).fill(1) }],
    ['a bitmap with a trailing zero byte', { ...certificate, absent: new Uint8Array([1, 0]) }],
    ['evidence with its sides swapped', { ...evidence, first: evidence.second, second: evidence.first }],
    ['evidence of one payload', { ...evidence, second: evidence.first }],
    ...(['service', 'kind', 'slot', 'attempt'] as const).map((field): [string, WireMessage] => {
      const other = { ...evidence.second.statement, service: hash(9), kind: Kind.certify, slot: 1n, attempt: 2 }
      const changed = { ...evidence.second.statement, [field]: other[field] }
      return [`evidence of two ${field}s`, { ...evidence, second: { ...evidence.second, statement: changed } }]
    }),
    [
      'evidence with a bitmap that has a trailing zero byte',
      { ...evidence, second: { ...evidence.second, absent: new Uint8Array([1, 0]) } },
    ],
    ['evidence with a short signature', { ...evidence, first: { ...evidence.first, signature: body } }],
  ]
  for (const [what, message] of bad) {
    it(`does not encode ${what}`, () =>
      assert.equal(
        codeOf(() => encodeMessage(message)),
        'wire.field',
      ))
  }

  it('does not decode what it would not encode', () => {
    const envelope = Envelope.decode(encodeMessage(partial))
    assert.ok(envelope.partial?.statement !== undefined)
    const { statement: valid, ...rest } = envelope.partial
    const changes = [
      { ...envelope.partial, statement: { ...valid, kind: Kind.propose } },
      { ...envelope.partial, statement: { ...valid, payload: new Uint8Array(31) } },
      { ...envelope.partial, statement: { ...valid, attempt: 70_000 } },
      { ...envelope.partial, author: 70_000 },
      { ...envelope.partial, signature: new Uint8Array(97) },
      rest,
    ]
    for (const changed of changes) {
      const bytes = Envelope.encode({ version: WIRE_VERSION, partial: changed })
      assert.equal(
        codeOf(() => decodeEnvelope(bytes)),
        'wire.field',
      )
    }
  })

  it('refuses evidence without a side, of an unknown kind, and with an author and a bitmap at once', () => {
    const envelope = Envelope.decode(encodeMessage(evidence))
    const { first, second } = envelope.evidence ?? {}
    assert.ok(first?.statement !== undefined && second?.statement !== undefined)
    const kind = (side: typeof first) => ({ ...side, statement: { ...side.statement, kind: 5 } })
    for (const changed of [
      { first },
      { second },
      { first: kind(first as never), second: kind(second as never) },
      { first: { ...first, absent: new Uint8Array([1]) }, second },
    ]) {
      const bytes = Envelope.encode({ version: WIRE_VERSION, evidence: changed as never })
      assert.equal(
        codeOf(() => decodeEnvelope(bytes)),
        'wire.field',
      )
    }
    assert.deepEqual(decodeEnvelope(encodeMessage(evidence)), evidence)
  })

  it('refuses more observations than an epoch has operators', () => {
    const envelope = Envelope.decode(encodeMessage(proposal))
    assert.ok(envelope.proposal?.observations[0] !== undefined)
    const one = envelope.proposal.observations[0]
    envelope.proposal.observations = Array.from({ length: MAX_OBSERVATIONS + 1 }, () => one)
    const bytes = Envelope.encode(envelope)
    assert.equal(
      codeOf(() => decodeEnvelope(bytes)),
      'wire.malformed',
    )
    envelope.proposal.observations.length = MAX_OBSERVATIONS
    assert.equal(
      codeOf(() => decodeEnvelope(Envelope.encode(envelope))),
      'nothing',
    )
  })

  it('gives messages that share no memory with what they were decoded from', () => {
    const bytes = encodeMessage(observation)
    const decoded = decodeEnvelope(bytes)
    bytes.fill(0)
    assert.deepEqual(decoded, observation)
  })

  it('keeps its bytes from one version of the code to the next', () => {
    // made with protobufjs 7.6.6 from lariat.proto: {version: 2, partial: {statement, author: 2, signature: 96 × 07}}
    const inner = `0a20${'01'.repeat(32)}1001180320ffffffffffffffffff0128013220${'02'.repeat(32)}`
    const expected = `080222bb010a55${inner}10021a60${'07'.repeat(96)}`
    assert.equal(Buffer.from(encodeMessage(partial)).toString('hex'), expected)
  })
})
