import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type EvidenceCase, type EvidenceStore, MAX_EVIDENCE_BYTES } from '../../../src/store/evidence.ts'
import { memoryEvidenceStore } from '../../../src/store/memoryEvidence.ts'
import { openEvidenceStore } from '../../../src/store/sqlite/evidence.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { address, bytes32, cleanUp, refuses, temporaryFolder } from './suites.ts'

const stores: Record<string, (limit?: number) => EvidenceStore> = {
  'in memory': memoryEvidenceStore,
  'on SQLite': (limit) => openEvidenceStore(join(temporaryFolder(), 'evidence.sqlite'), limit),
}

const caseOf = (changes: Partial<EvidenceCase> = {}): EvidenceCase => ({
  serviceManager: address(0xaaaa),
  service: bytes32(1),
  operator: address(0xbbbb),
  epoch: 3n,
  id: bytes32(77),
  data: Uint8Array.of(1, 2, 3),
  kind: 2,
  slot: 100n,
  attempt: 1,
  seenAt: 1_700_000_000_000.5,
  status: 'open',
  changedAt: 1_700_000_000_000.5,
  transaction: null,
  note: null,
  ...changes,
})

for (const [form, open] of Object.entries(stores)) {
  describe(`evidence ${form}`, () => {
    let store: EvidenceStore
    beforeEach(() => {
      store = open()
    })
    afterEach(() => {
      store.close()
      cleanUp()
    })

    it('gives back what was added', () => {
      const full = caseOf({ status: 'slashed', transaction: bytes32(5), note: 'why' })
      assert.equal(store.add(full), true)
      assert.deepEqual(store.list(), [full])
    })

    it('keeps one case for each ServiceManager, service, operator and epoch, the first', () => {
      assert.equal(store.add(caseOf()), true)
      assert.equal(store.add(caseOf({ id: bytes32(78), slot: 9n })), false)
      const upper = `0x${address(0xbbbb).slice(2).toUpperCase()}` as Hex
      assert.equal(store.add(caseOf({ operator: upper })), false)
      assert.equal(store.has(caseOf({ operator: upper })), true)
      const others = [
        caseOf({ serviceManager: address(1) }),
        caseOf({ service: bytes32(2) }),
        caseOf({ operator: address(1) }),
        caseOf({ epoch: 4n }),
      ]
      for (const other of others) {
        assert.equal(store.has(other), false)
        assert.equal(store.add(other), true)
        assert.equal(store.has(other), true)
      }
      assert.equal(store.list().length, 5)
      assert.equal(store.list().find(({ epoch, operator }) => epoch === 3n && operator === address(0xbbbb))?.slot, 100n)
    })

    it('settles, and keeps transaction and note that are not told anew', () => {
      store.add(caseOf())
      store.add(caseOf({ epoch: 9n }))
      store.settle(caseOf(), { status: 'open', at: 5, transaction: bytes32(6), note: 'sent' })
      store.settle(caseOf(), { status: 'slashed', at: 7.5 })
      const settled = caseOf({ status: 'slashed', changedAt: 7.5, transaction: bytes32(6), note: 'sent' })
      assert.deepEqual(store.list({ status: 'slashed' }), [settled])
      assert.deepEqual(store.list({ status: 'open' }), [caseOf({ epoch: 9n })])
      store.settle(caseOf({ epoch: 55n }), { status: 'slashed', at: 8 })
      assert.equal(store.list().length, 2)
    })

    it('lists newest first, of one service, and no more than asked for', () => {
      for (const epoch of [1n, 2n, 3n]) store.add(caseOf({ epoch, seenAt: Number(epoch) }))
      store.add(caseOf({ service: bytes32(2), seenAt: 9 }))
      const epochs = (query?: Parameters<EvidenceStore['list']>[0]) => store.list(query).map(({ epoch }) => epoch)
      assert.deepEqual(epochs({ service: bytes32(1) }), [3n, 2n, 1n])
      assert.deepEqual(epochs({ service: bytes32(1), limit: 2 }), [3n, 2n])
      assert.deepEqual(epochs({ serviceManager: address(1) }), [])
      assert.equal(store.list().length, 4)
    })

    it('refuses what cannot be kept as it is', () => {
      refuses('store.out-of-range', () => store.add(caseOf({ slot: 2n ** 63n })))
      refuses('store.out-of-range', () => store.add(caseOf({ epoch: -1n })))
      refuses('store.out-of-range', () => store.add(caseOf({ operator: '0x12' })))
      refuses('store.out-of-range', () => store.add(caseOf({ data: new Uint8Array() })))
      refuses('store.out-of-range', () => store.add(caseOf({ data: new Uint8Array(MAX_EVIDENCE_BYTES + 1) })))
      refuses('store.out-of-range', () => store.add(caseOf({ transaction: '0x1234' })))
      assert.deepEqual(store.list(), [])
    })

    it('drops the case that was settled longest ago when it is full, never an open one', () => {
      const small = open(3)
      for (const epoch of [1n, 2n, 3n]) small.add(caseOf({ epoch, changedAt: Number(epoch) }))
      refuses('store.full', () => small.add(caseOf({ epoch: 4n })))
      small.settle(caseOf({ epoch: 3n }), { status: 'slashed', at: 10 })
      small.settle(caseOf({ epoch: 2n }), { status: 'refused', at: 11 })
      assert.equal(small.add(caseOf({ epoch: 4n })), true)
      assert.deepEqual(
        small
          .list()
          .map(({ epoch }) => epoch)
          .sort(),
        [1n, 2n, 4n],
      )
      small.close()
    })

    it('is of no use after it was closed', () => {
      store.close()
      refuses('store.closed', () => store.list())
    })
  })
}

describe('the evidence file', () => {
  afterEach(cleanUp)

  it('outlives its process, is for the owner alone, and can be read while it is open', () => {
    const path = join(temporaryFolder(), 'evidence.sqlite')
    const writer = openEvidenceStore(path)
    writer.add(caseOf())
    const reader = openEvidenceStore(path)
    assert.deepEqual(reader.list(), [caseOf()])
    reader.close()
    writer.close()
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const again = openEvidenceStore(path)
    assert.deepEqual(again.list(), [caseOf()])
    again.close()
  })
})
