import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bloomOf, mayContain } from '../../../../src/chain/facts/bloom.ts'
import { readHeader } from '../../../../src/chain/facts/header.ts'
import { provenLogs } from '../../../../src/chain/facts/receipts.ts'
import { createProvenState } from '../../../../src/chain/facts/state.ts'
import { type Hex, hexToBytes } from '../../../../src/util/hex.ts'
import { fakeChain } from '../../../support/chain.ts'
import { FakeNode } from '../../../support/fakeNode.ts'

interface Proof {
  readonly accountProof: readonly Hex[]
  readonly storageProof: readonly { readonly proof: readonly Hex[] }[]
}

/** What a real node answered about one block (test/vectors says which). */
const vector = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/chain-proofs.json'), 'utf8')) as {
  readonly contract: Hex
  readonly emitter: Hex
  readonly absent: Hex
  readonly code: Hex
  readonly genesis: Record<string, unknown>
  readonly block: Record<string, unknown> & { readonly hash: Hex; readonly logsBloom: Hex }
  readonly receipts: readonly (Record<string, unknown> & { logs: (Record<string, unknown> & { data: Hex })[] })[]
  readonly proofs: Readonly<Record<'present' | 'unsetSlot' | 'noStorage' | 'absent', Proof>>
}
const { block, receipts } = vector
const header = readHeader(block)
const slot = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

describe('a header', () => {
  it('hashes to its hash, of the genesis block and of a later one', () => {
    assert.equal(readHeader(vector.genesis).number, 0n)
    assert.equal(header.number, BigInt(block.number as Hex))
    assert.equal(header.hash, block.hash)
    assert.equal(header.timestamp, BigInt(block.timestamp as Hex))
  })

  it('with any field changed does not', () => {
    const fields = Object.keys(block).filter(
      (name) => typeof block[name] === 'string' && !['size', 'totalDifficulty'].includes(name),
    )
    assert.ok(fields.length >= 20)
    for (const name of fields) {
      const value = block[name] as string
      const last = value.at(-1) === '1' ? '2' : '1'
      const changed = { ...block, [name]: value === '0x' ? '0x01' : `${value.slice(0, -1)}${last}` }
      assert.throws(() => readHeader(changed), { code: 'chain.lie', kind: 'header' }, name)
    }
  })

  it('that is none is refused', () => {
    for (const changes of [
      { hash: 1 },
      { stateRoot: undefined },
      { number: '12' },
      { extraData: `0x${'0'.repeat(1_000)}` },
      { gasUsed: '0xzz' },
    ]) {
      assert.throws(() => readHeader({ ...block, ...changes }), TypeError)
    }
  })
})

describe('a bloom', () => {
  it('holds every address and topic of its block, and not others', () => {
    const bloom = hexToBytes(block.logsBloom)
    const logs = receipts.flatMap((receipt) => receipt.logs) as unknown as { address: Hex; topics: Hex[] }[]
    for (const { address, topics } of logs) {
      for (const value of [address, ...topics]) assert.ok(mayContain(bloom, value))
    }
    assert.equal(mayContain(bloom, vector.absent), false)
    assert.deepEqual(bloomOf(logs.flatMap(({ address, topics }) => [address, ...topics])), bloom)
  })
})

describe('receipts', () => {
  it('hash to the receiptsRoot, whatever their types, and give the logs in order', async () => {
    assert.deepEqual([...new Set(receipts.map(({ type }) => type))].sort(), ['0x0', '0x1', '0x2'])
    assert.ok(receipts.some(({ status }) => status === '0x0') || receipts.length > 16, 'a trie with branches')
    const logs = await provenLogs(receipts, header)
    assert.deepEqual(
      logs.map(({ data, logIndex }) => [BigInt(data), logIndex]),
      Array.from({ length: 20 }, (_, i) => [BigInt(i + 1), i]),
    )
  })

  it('with a log left out, invented, changed or moved, or one missing, do not', async () => {
    const at = receipts.findIndex(({ logs }) => logs.length > 0)
    const [first, second] = receipts.slice(at)
    const [log] = first?.logs ?? []
    assert.ok(first !== undefined && second !== undefined && log !== undefined)
    const wrong = [
      receipts.with(at, { ...first, logs: [] }),
      receipts.with(at, { ...first, logs: [log, log] }),
      receipts.with(at, { ...first, logs: [{ ...log, data: slot(255) }] }),
      receipts.with(at, { ...first, logs: [{ ...log, address: vector.absent }] }),
      receipts.with(at, { ...first, status: '0x0' }),
      receipts.with(at, { ...first, type: '0x0' }),
      receipts.with(at, second).with(at + 1, first),
      receipts.slice(1),
      receipts.slice(0, -1),
      [],
    ]
    for (const list of wrong) await assert.rejects(provenLogs(list, header), { code: 'chain.lie', kind: 'receipts' })
  })

  it('that are none are refused', async () => {
    for (const list of [null, 'x', [1], [{}], [{ ...receipts[0], logs: [{}] }], [{ ...receipts[0], type: '0x7e' }]]) {
      await assert.rejects(provenLogs(list, header), TypeError)
    }
  })
})

describe('proven state', () => {
  async function state(proof: Proof, code: Hex = vector.code) {
    const node = new FakeNode()
    const { chain } = await fakeChain([node])
    chain.close()
    node.overrides.eth_getProof = () => proof
    node.overrides.eth_getCode = () => code
    return createProvenState(chain.providers, header)
  }
  const { present, unsetSlot, noStorage, absent } = vector.proofs

  it('is what a slot holds, and zero for one that was never set, or of a contract without storage, or of nobody', async () => {
    assert.equal(await (await state(present)).storage(vector.contract, slot(0)), slot(20))
    assert.equal(await (await state(unsetSlot)).storage(vector.contract, slot(1)), slot(0))
    assert.equal(await (await state(noStorage)).storage(vector.emitter, slot(0)), slot(0))
    assert.equal(await (await state(absent)).storage(vector.absent, slot(0)), slot(0))
    assert.equal(await (await state(absent)).account(vector.absent), undefined)
    assert.equal((await (await state(present)).account(vector.contract))?.nonce, 1n)
  })

  it('is code that hashes to the account’s', async () => {
    assert.equal(await (await state(present)).code(vector.contract), vector.code)
    await assert.rejects((await state(present, '0x00')).code(vector.contract), {
      code: 'chain.unavailable',
      message: /hashes to/,
    })
  })

  it('is refused when the proof is of another account or slot, is cut, changed or empty', async () => {
    const cut = (nodes: readonly Hex[]) => nodes.slice(0, -1)
    const changed = (nodes: readonly Hex[]) => nodes.map((node) => `${node.slice(0, -2)}99` as Hex)
    const [entry] = present.storageProof
    assert.ok(entry !== undefined)
    const { accountProof } = present
    for (const proof of [
      absent,
      { ...present, accountProof: cut(accountProof) },
      { ...present, accountProof: changed(accountProof) },
      { ...present, accountProof: [] },
      { accountProof, storageProof: [{ proof: changed(entry.proof) }] },
      { accountProof, storageProof: [{ proof: [] }] },
      { accountProof, storageProof: [] },
    ]) {
      const wrong = await state(proof)
      await assert.rejects(wrong.storage(vector.contract, slot(0)), { code: 'chain.unavailable' })
    }
  })
})
