import fc from 'fast-check'
import { Kind, type Statement } from '../../../../src/types/statement.ts'
import type { SignedBody, WireMessage } from '../../../../src/types/wire/codec.ts'
import { MAX_ABSENT_BYTES, MAX_ATTEMPT, MAX_AUTHOR, MAX_UINT64 } from '../../../../src/types/wire/limits.ts'
import { bytesToHex } from '../../../../src/util/hex.ts'

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
    absent: fc.uint8Array({ maxLength: MAX_ABSENT_BYTES }).filter((bitmap) => bitmap.at(-1) !== 0),
    signature,
    value: fc.uint8Array({ maxLength: 600 }),
  }),
)
