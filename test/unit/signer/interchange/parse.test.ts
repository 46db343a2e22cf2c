import assert from 'node:assert/strict'
import {
  dataHash,
  FORMAT,
  FORMAT_VERSION,
  type InterchangeJson,
  writeInterchange,
} from '../../../../src/signer/interchange/format.ts'
import { parseInterchange } from '../../../../src/signer/interchange/parse.ts'
import { statementDigest } from '../../../../src/types/digest.ts'
import { hexToBytes } from '../../../../src/util/hex.ts'
import { bytes32, domain, operator, statement } from '../fixtures.ts'

const A = bytes32(0xa)
const entry = (slot: number, payload: `0x${string}` | null = A, changes = {}) => ({
  ...{ slot: String(slot), attempt: '0', epoch: '1', payload },
  ...changes,
})
const stream = (changes = {}) => ({
  chain_id: '31337',
  genesis_hash: domain.genesisHash,
  service_manager: domain.serviceManager,
  operator,
  service: bytes32(1),
  kind: '1',
  low_watermark: '5',
  signed: [entry(100), entry(101, null), entry(101, A, { attempt: '1' })],
  ...changes,
})
const metadata = (changes = {}) => ({
  interchange_format: FORMAT,
  interchange_format_version: FORMAT_VERSION,
  exported_at: '2026-11-22T10:00:00.123Z',
  record_id: `0x${'ab'.repeat(16)}`,
  retired: true,
  not_before_ms: '1700000000000',
  ...changes,
})
const bytes = (text: string) => new TextEncoder().encode(text)
const parse = (value: unknown) =>
  parseInterchange(bytes(typeof value === 'string' ? value : JSON.stringify(value)), 'file.json')
const refused = (value: unknown, message: RegExp, code = 'interchange.invalid') =>
  assert.throws(
    () => parse(value),
    (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error)
      assert.equal(error.code, code, error.message)
      assert.match(error.message, message)
      assert.match(error.message, /^file\.json/)
      return true
    },
  )

describe('interchange file', () => {
  const json = { metadata: metadata(), data: [stream()] } as unknown as InterchangeJson

  it('is read as it was written, with the digests of its statements', () => {
    const text = writeInterchange(json)
    const read = parse(text)
    const key = { ...domain, serviceManager: domain.serviceManager.toLowerCase(), operator: operator.toLowerCase() }
    const digest = (changes: Parameters<typeof statement>[0]) => statementDigest(domain, statement(changes))
    assert.deepEqual(read, {
      exportedAt: '2026-11-22T10:00:00.123Z',
      recordId: `0x${'ab'.repeat(16)}`,
      retired: true,
      notBeforeMs: 1_700_000_000_000,
      streams: [
        {
          key: { ...key, service: bytes32(1), kind: 1 },
          watermark: 5n,
          entries: [
            { slot: 100n, attempt: 0, epoch: 1n, payload: hexToBytes(A), digest: digest({}) },
            { slot: 101n, attempt: 0, epoch: 1n, payload: undefined, digest: undefined },
            { slot: 101n, attempt: 1, epoch: 1n, payload: hexToBytes(A), digest: digest({ slot: 101n, attempt: 1 }) },
          ],
        },
      ],
    })
    assert.deepEqual(parse(writeInterchange({ ...json, data: [] })).streams, [])
    assert.deepEqual(JSON.parse(text).metadata.data_sha256, dataHash(json.data))
  })

  it('may be written by other hands: any order of keys, any letter case, no hash', () => {
    const turned = Object.fromEntries(Object.entries(stream()).reverse())
    const upper = { ...turned, service: `0x${'AB'.repeat(32)}` }
    assert.equal(parse({ data: [upper], metadata: metadata() }).streams[0]?.key.service, `0x${'ab'.repeat(32)}`)
  })

  it('is refused when data was changed and the hash was not', () => {
    const text = writeInterchange(json)
    refused(text.replace('"low_watermark":"5"', '"low_watermark":"4"'), /metadata.data_sha256 is not the hash of data/)
    parse(text.replace('"low_watermark":"5"', '"low_watermark":"4"').replace(/,"data_sha256":"0x\w+"/, ''))
  })

  it('is refused when it is of another format or a newer version', () => {
    refused(
      { metadata: metadata({ interchange_format: 'complete' }), data: [] },
      /is complete: it must be lariat-guard/,
    )
    refused(
      { metadata: metadata({ interchange_format_version: '2' }), data: [] },
      /has version 2 of the format, this lariat knows 1/,
      'interchange.version',
    )
  })

  it('is refused when it contradicts itself, however that is hidden', () => {
    const two = (signed: unknown[]) => ({ metadata: metadata(), data: [stream({ signed })] })
    const code = 'interchange.contradiction'
    refused(two([entry(7), entry(7, bytes32(0xb))]), /data\[0\].signed\[1\] .*slot 7 attempt 0 has two payloads/, code)
    refused(two([entry(7), entry(7, null)]), /has two payloads/, code)
    refused(two([entry(7), entry(7, A, { epoch: '2' })]), /is the second entry of slot 7 attempt 0/)
    const strange = stream({ genesis_hash: bytes32(9), kind: '2' })
    refused({ metadata: metadata(), data: [stream(), strange] }, /chain 31337 has two genesis hashes/, code)
    const twice = stream({ operator: operator.toLowerCase(), signed: [] })
    refused({ metadata: metadata(), data: [stream(), twice] }, /data\[1\] is the second one/)
    // JSON itself takes the last of equal keys
    const text = JSON.stringify(json)
    for (const [key, value] of [
      ['"payload":null', `"payload":null,"payload":"${A}"`],
      ['"low_watermark":"5"', '"low_watermark":"500","low_watermark":"5"'],
      ['"slot":"100"', '"slot" \n: "99","slot":"100"'],
      ['"retired":true', '"retired":false,"retired":true'],
    ] as const) {
      assert.ok(text.includes(key))
      refused(text.replace(key, value), /names a key twice/)
    }
    refused(text.replace('"payload":null', `"payload":null,"pay\\u006coad":"${A}"`), /has an escaped character/)
  })

  const harm: readonly (readonly [string, unknown, RegExp])[] = [
    [
      'is cut short',
      JSON.stringify({ metadata: metadata(), data: [stream()] }).slice(0, -1),
      /it is not JSON, or is cut short/,
    ],
    ['is empty', '', /is not JSON/],
    ['is a list', [], /it is no object: it must have the keys metadata, data/],
    ['has no data', { metadata: metadata() }, /it has no data/],
    ['has an unknown key', { metadata: metadata(), data: [stream({ note: 1 })] }, /data\[0\] has the key note/],
    [
      'has a number for a string',
      { metadata: metadata(), data: [stream({ low_watermark: 5 })] },
      /low_watermark is no such number/,
    ],
    [
      'has a negative slot',
      { metadata: metadata(), data: [stream({ signed: [entry(-1)] })] },
      /signed\[0\].slot is no such number/,
    ],
    [
      'has a slot beyond 63 bits',
      { metadata: metadata(), data: [stream({ low_watermark: String(1n << 63n) })] },
      /"9223372036854775807"/,
    ],
    ['has leading zeros', { metadata: metadata(), data: [stream({ low_watermark: '05' })] }, /without leading zeros/],
    [
      'has an attempt over 16 bits',
      { metadata: metadata(), data: [stream({ signed: [entry(1, A, { attempt: '65536' })] })] },
      /attempt is no such number/,
    ],
    [
      'has a short payload',
      { metadata: metadata(), data: [stream({ signed: [entry(1, '0xab')] })] },
      /payload is not 32 bytes/,
    ],
    [
      'has a payload that is not hexadecimal',
      { metadata: metadata(), data: [stream({ signed: [entry(1, `0x${'zz'.repeat(32)}`)] })] },
      /payload is not 32 bytes/,
    ],
    [
      'has an unknown kind',
      { metadata: metadata(), data: [stream({ kind: '5' })] },
      /kind is 5: it must be one of 1, 2, 3, 4/,
    ],
    ['has no time', { metadata: metadata({ exported_at: 'yesterday' }), data: [] }, /exported_at is no time/],
    [
      'has a month too many',
      { metadata: metadata({ exported_at: '2026-13-01T00:00:00Z' }), data: [] },
      /exported_at is no time/,
    ],
    ['has retired as text', { metadata: metadata({ retired: 'true' }), data: [] }, /retired is neither true nor false/],
    ['has __proto__ as a key', '{"metadata":{},"data":[],"__proto__":{}}', /has the key __proto__/],
  ]
  for (const [what, value, message] of harm) it(`is refused when it ${what}`, () => refused(value, message))

  it('is refused when it is not UTF-8, and when it is too large', () => {
    assert.throws(() => parseInterchange(Uint8Array.of(0xff, 0xfe), 'f'), {
      code: 'interchange.invalid',
      message: /not UTF-8/,
    })
    assert.throws(() => parseInterchange(new Uint8Array(256 * 1_048_576 + 1), 'f'), {
      code: 'interchange.too-large',
      message: /at most 268435456: export again with --newest/,
    })
  })

  it('names no control character of a stranger’s text', () => {
    refused({ metadata: metadata({ interchange_format: 'x\u009b[2Jy' }), data: [] }, /is x\?\[2Jy/)
  })
})
