import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FORMAT, FORMAT_VERSION, writeInterchange } from '../../../../src/signer/interchange/format.ts'
import { type Interchange, parseInterchange } from '../../../../src/signer/interchange/parse.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { bytesToHex } from '../../../../src/util/hex.ts'
import { bytes32 } from '../fixtures.ts'

/** Cases of each property; `npm run check:deep -- guard-fuzz` has half a million. */
const RUNS = Number(process.env.LARIAT_FUZZ_RUNS ?? 3_000)
const seed = Number(process.env.FC_SEED ?? Date.now() & 0x7fffffff)
const options = { seed, numRuns: RUNS }

const small = fc.nat(5).map(String)
const hex = (size: number) => fc.nat(3).map((n) => `0x${n.toString(16).padStart(2 * size, '0')}` as const)
const entry = fc.record({ slot: small, attempt: small, epoch: small, payload: fc.option(hex(32)) })
const stream = fc.record({
  chain_id: small,
  genesis_hash: hex(32),
  service_manager: hex(20),
  operator: hex(20),
  service: hex(32),
  kind: fc.constantFrom('1', '2', '3', '4'),
  low_watermark: small,
  signed: fc.array(entry, { maxLength: 4 }),
})
const metadata = fc.record({
  interchange_format: fc.constant(FORMAT),
  interchange_format_version: fc.constant(FORMAT_VERSION),
  exported_at: fc.constant('2026-11-22T10:00:00Z'),
  record_id: hex(16),
  retired: fc.boolean(),
  not_before_ms: small,
})
const file = fc.record({ metadata, data: fc.array(stream, { maxLength: 3 }) })
/** What may stand where something else belongs. */
const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string(), fc.bigInt().map(String), hex(32))

/** Reads, and sees that what was read says one thing of every slot. @returns undefined when it was refused properly */
function read(content: Uint8Array): Interchange | undefined {
  let parsed: Interchange
  try {
    parsed = parseInterchange(content, 'file')
  } catch (error) {
    assert.ok(error instanceof LariatError && error.code.startsWith('interchange.'), String(error))
    assert.ok(error.message.length < 1_000)
    return undefined
  }
  const said = new Map<string, string>()
  const geneses = new Map<number, string>()
  for (const { key, entries } of parsed.streams) {
    assert.equal(geneses.get(key.chainId) ?? key.genesisHash, key.genesisHash)
    geneses.set(key.chainId, key.genesisHash)
    for (const { slot, attempt, payload } of entries) {
      const id = [key.chainId, key.serviceManager, key.operator, key.service, key.kind, slot, attempt].join('/')
      assert.ok(!said.has(id), 'an accepted contradiction')
      said.set(id, payload === undefined ? 'barred' : bytesToHex(payload))
    }
  }
  return parsed
}

/** Every payload, or null, that the text names for a slot, by whatever means. */
function payloadsNamed(text: string): number {
  return [...text.matchAll(/"payload"/g)].length
}

describe('interchange importer, fuzzed', function () {
  this.timeout(3_600_000)
  before(() => console.log(`      fast-check seed ${seed} (FC_SEED repeats it), ${RUNS} cases each (LARIAT_FUZZ_RUNS)`))

  it('reads or refuses well-formed files, and takes no contradiction', () => {
    let taken = 0
    fc.assert(
      fc.property(file, (value) => {
        const contradicts = value.data.some(({ signed }, i) => {
          const slots = signed.map(({ slot, attempt }) => `${slot}/${attempt}`)
          const ids = value.data.map((one) =>
            [one.chain_id, one.service_manager, one.operator, one.service, one.kind].join(),
          )
          const forks = value.data.some(
            (one) => one.chain_id === value.data[i]?.chain_id && one.genesis_hash !== value.data[i]?.genesis_hash,
          )
          return new Set(slots).size < slots.length || new Set(ids).size < ids.length || forks
        })
        const parsed = read(new TextEncoder().encode(writeInterchange(value)))
        assert.equal(parsed === undefined, contradicts)
        if (parsed !== undefined) taken++
      }),
      options,
    )
    assert.ok(taken > RUNS / 10, `only ${taken} were taken`)
  })

  it('refuses a file in which anything was replaced by what does not belong there, or reads it as it then is', () => {
    fc.assert(
      fc.property(file, fc.nat(), junk, (value, where, replacement) => {
        const places: { parent: Record<string, unknown>; key: string }[] = []
        const walk = (node: unknown) => {
          if (typeof node !== 'object' || node === null) return
          for (const key of Object.keys(node)) {
            places.push({ parent: node as Record<string, unknown>, key })
            walk((node as Record<string, unknown>)[key])
          }
        }
        const copy = structuredClone(value) as unknown
        walk(copy)
        const place = places[where % places.length]
        assert.ok(place)
        place.parent[place.key] = replacement
        read(new TextEncoder().encode(JSON.stringify(copy)))
      }),
      options,
    )
  })

  it('refuses a file whose text was cut, doubled or overwritten anywhere, or takes every payload that it names', () => {
    fc.assert(
      fc.property(
        file,
        fc.nat(),
        fc.nat(200),
        fc.nat(),
        fc.string({ maxLength: 8 }),
        (value, from, length, to, insert) => {
          const text = JSON.stringify(value)
          const [a, b] = [from % text.length, to % text.length]
          const changed = text.slice(0, b) + insert + text.slice(a, a + length) + text.slice(b + (insert.length % 3))
          const parsed = read(new TextEncoder().encode(changed))
          if (parsed === undefined) return
          const taken = parsed.streams.reduce((sum, { entries }) => sum + entries.length, 0)
          assert.equal(taken, payloadsNamed(changed), changed)
        },
      ),
      options,
    )
  })

  it('refuses arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => assert.equal(read(content), undefined)),
      options,
    )
  })

  it('would notice a contradiction: two payloads of a slot are never both taken', () => {
    const one = {
      chain_id: '1',
      genesis_hash: bytes32(1),
      service_manager: `0x${'01'.repeat(20)}`,
      operator: `0x${'02'.repeat(20)}`,
      service: bytes32(1),
      kind: '1',
      low_watermark: '0',
    }
    const signed = [1, 2].map((n) => ({ slot: '1', attempt: '0', epoch: '1', payload: bytes32(n) }))
    const meta = {
      interchange_format: FORMAT,
      interchange_format_version: FORMAT_VERSION,
      exported_at: '2026-11-22T10:00:00Z',
      record_id: `0x${'00'.repeat(16)}`,
      retired: false,
      not_before_ms: '0',
    }
    const text = JSON.stringify({ metadata: meta, data: [{ ...one, signed }] })
    assert.equal(read(new TextEncoder().encode(text)), undefined)
    assert.ok(read(new TextEncoder().encode(text.replace('"slot":"1"', '"slot":"2"'))))
  })
})
