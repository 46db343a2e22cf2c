import fc from 'fast-check'
import { Kind, type Statement } from '../../../../src/types/statement.ts'
import type { EvidenceWire, SignedBody, WireMessage } from '../../../../src/types/wire/codec.ts'
import { MAX_ABSENT_BYTES, MAX_ATTEMPT, MAX_AUTHOR, MAX_UINT64 } from '../../../../src/types/wire/limits.ts'
import { bytesToHex, type Hex } from '../../../../src/util/hex.ts'

/** A record with the prototype that object literals have. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true })
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash = exactly(32).map(bytesToHex)
const author = fc.integer({ min: 0, max: MAX_AUTHOR })
const signature = exactly(96)
const body = fc.uint8Array({ maxLength: 300 })
const uint64 = fc.bigInt({ min: 0n, max: MAX_UINT64 })

const statement = (kind: Kind): fc.Arbitrary<Statement> =>
  plain({
    service: hash,
    kind: fc.constant(kind),
    epoch: uint64,
    slot: uint64,
    attempt: fc.integer({ min: 0, max: MAX_ATTEMPT }),
    payload: hash,
  })

const signedBody: fc.Arbitrary<SignedBody> = plain({ author, signature, body })

const absent = fc.uint8Array({ maxLength: MAX_ABSENT_BYTES }).filter((bitmap) => bitmap.at(-1) !== 0)
const testimony = (of: Statement, payload: Hex) =>
  fc.oneof(
    plain({
      form: fc.constant('signature'),
      statement: uint64.map((epoch) => ({ ...of, epoch, payload })),
      author,
      signature,
    }),
    plain({
      form: fc.constant('certificate'),
      statement: uint64.map((epoch) => ({ ...of, epoch, payload })),
      absent,
      signature,
    }),
  )
const evidence: fc.Arbitrary<EvidenceWire> = fc
  .tuple(fc.constantFrom(...Object.values(Kind)).chain(statement), fc.uniqueArray(hash, { minLength: 2, maxLength: 2 }))
  .chain(([of, payloads]) => {
    const [low = '0x', high = '0x'] = payloads.sort()
    return plain({
      type: fc.constant('evidence' as const),
      first: testimony(of, low),
      second: testimony(of, high),
    }) as fc.Arbitrary<EvidenceWire>
  })

/** Any message that may be sent. */
export const anyMessage: fc.Arbitrary<WireMessage> = fc.oneof(
  plain({ type: fc.constant('observation'), statement: statement(Kind.observe), author, signature, body }),
  plain({
    type: fc.constant('proposal'),
    statement: statement(Kind.propose),
    author,
    signature,
    observations: fc.array(signedBody, { minLength: 1, maxLength: 8 }),
  }),
  plain({ type: fc.constant('partial'), statement: statement(Kind.certify), author, signature }),
  plain({
    type: fc.constant('certificate'),
    statement: statement(Kind.certify),
    absent,
    signature,
    value: fc.uint8Array({ maxLength: 600 }),
  }),
  evidence,
)
