import assert from 'node:assert/strict'
import { MAX_VALUE_BYTES } from '../../../src/store/limits.ts'
import { bytes32, cleanUp, dataStores, refuses, slotRecord, storedCertificate } from './suites.ts'

const slots = (rows: readonly { slot: bigint }[]) => rows.map(({ slot }) => Number(slot))

for (const [form, open] of Object.entries(dataStores)) {
  describe(`data store ${form}`, () => {
    afterEach(cleanUp)

    it('keeps cursors', () => {
      const { cursors } = open()
      assert.equal(cursors.get('a'), undefined)
      cursors.set('a', 5n)
      cursors.set('b', 0n)
      cursors.set('a', 3n)
      assert.equal(cursors.get('a'), 3n)
      assert.equal(cursors.get('b'), 0n)
      cursors.set('a', (1n << 63n) - 1n)
      assert.equal(cursors.get('a'), (1n << 63n) - 1n)
      refuses('store.out-of-range', () => cursors.set('a', 1n << 63n))
      refuses('store.out-of-range', () => cursors.set('a', -1n))
    })

    it('gives slot records back as they were, and replaces by (service, slot)', () => {
      const { journal } = open()
      const bare = slotRecord({
        slot: 2n,
        outcome: 'missed',
        reason: 'agree.timeout',
        certificateMs: null,
        transaction: null,
        signers: [],
      })
      journal.record(slotRecord())
      journal.record(bare)
      assert.deepEqual(journal.list({ service: 'prices', limit: 10 }), [bare, slotRecord()])
      const later = slotRecord({ attempt: 1, outcome: 'certified', transaction: bytes32(0xab) })
      journal.record(later)
      assert.deepEqual(journal.list({ service: 'prices', limit: 10 }), [bare, later])
      assert.deepEqual(journal.list({ service: 'other', limit: 10 }), [])
    })

    it('keeps the first certificate of a slot, and gives it back as it was', () => {
      const { certificates } = open()
      const first = storedCertificate()
      certificates.put(first)
      certificates.put(storedCertificate({ attempt: 2, payload: bytes32(10) }))
      assert.deepEqual(certificates.get('prices', 1n), first)
      assert.deepEqual(certificates.list({ service: 'prices', limit: 10 }), [first])
      assert.equal(certificates.get('prices', 2n), undefined)
      assert.equal(certificates.get('other', 1n), undefined)
      assert.equal(certificates.get('prices', 1n << 64n), undefined)
      const empty = storedCertificate({ slot: 2n, absent: new Uint8Array(), value: new Uint8Array() })
      certificates.put(empty)
      assert.deepEqual(certificates.get('prices', 2n), empty)
    })

    it('replaces the certificate of a slot that has one, and makes none', () => {
      const { certificates } = open()
      certificates.put(storedCertificate())
      const other = storedCertificate({ attempt: 2, payload: bytes32(10), value: Uint8Array.of(4) })
      certificates.replace(other)
      assert.deepEqual(certificates.get('prices', 1n), other)
      certificates.replace(storedCertificate({ slot: 2n }))
      assert.equal(certificates.get('prices', 2n), undefined)
      refuses('store.out-of-range', () => certificates.replace(storedCertificate({ payload: '0x12' })))
    })

    it('is not changed by what callers do to what they gave or got', () => {
      const { certificates } = open()
      const given = storedCertificate()
      certificates.put(given)
      given.value[0] = 99
      const got = certificates.get('prices', 1n)
      assert.ok(got)
      got.value[1] = 99
      assert.deepEqual(certificates.get('prices', 1n), storedCertificate())
    })

    it('lists newest first, inclusive bounds, at most the limit', () => {
      const { journal, certificates } = open()
      for (const slot of [3n, 1n, 5n, 2n, 4n]) {
        journal.record(slotRecord({ slot }))
        certificates.put(storedCertificate({ slot }))
      }
      journal.record(slotRecord({ slot: 9n, service: 'other' }))
      for (const shelf of [journal, certificates]) {
        const list = (query: { fromSlot?: bigint; toSlot?: bigint; limit?: number }) =>
          slots(shelf.list({ service: 'prices', limit: 10, ...query }))
        assert.deepEqual(list({}), [5, 4, 3, 2, 1])
        assert.deepEqual(list({ limit: 2 }), [5, 4])
        assert.deepEqual(list({ limit: 0 }), [])
        assert.deepEqual(list({ fromSlot: 2n, toSlot: 4n }), [4, 3, 2])
        assert.deepEqual(list({ toSlot: 2n }), [2, 1])
        assert.deepEqual(list({ fromSlot: 4n, toSlot: 1n << 64n }), [5, 4])
        assert.deepEqual(list({ fromSlot: -1n, toSlot: 1n }), [1])
        assert.deepEqual(list({ fromSlot: 1n << 64n }), [])
        assert.deepEqual(list({ toSlot: -1n }), [])
      }
    })

    it('drops the lowest slots of a full service, and of no other', () => {
      const { journal, certificates } = open({ journalPerService: 3, certificatesPerService: 2 })
      journal.record(slotRecord({ service: 'other', slot: 0n }))
      for (const slot of [10n, 11n, 12n, 11n, 12n, 13n, 5n]) {
        journal.record(slotRecord({ slot }))
        certificates.put(storedCertificate({ slot }))
      }
      assert.deepEqual(slots(journal.list({ service: 'prices', limit: 10 })), [13, 12, 11])
      assert.deepEqual(slots(certificates.list({ service: 'prices', limit: 10 })), [13, 12])
      assert.deepEqual(slots(journal.list({ service: 'other', limit: 10 })), [0])
    })

    it('refuses what it cannot hold', () => {
      const { journal, certificates } = open()
      const big = 1n << 63n
      refuses('store.out-of-range', () => journal.record(slotRecord({ slot: big })))
      refuses('store.out-of-range', () => journal.record(slotRecord({ transaction: '0x12' })))
      refuses('store.out-of-range', () => certificates.put(storedCertificate({ slot: big })))
      refuses('store.out-of-range', () => certificates.put(storedCertificate({ epoch: big })))
      refuses('store.out-of-range', () => certificates.put(storedCertificate({ payload: '0x12' })))
      const value = new Uint8Array(MAX_VALUE_BYTES + 1)
      refuses('store.out-of-range', () => certificates.put(storedCertificate({ value })))
      certificates.put(storedCertificate({ value: value.subarray(1) }))
      assert.equal(certificates.get('prices', 1n)?.value.length, MAX_VALUE_BYTES)
    })

    it('says so when it was closed', () => {
      const { cursors, journal, certificates, close } = open()
      close()
      close()
      refuses('store.closed', () => cursors.get('a'))
      refuses('store.closed', () => cursors.set('a', 1n))
      refuses('store.closed', () => journal.record(slotRecord()))
      refuses('store.closed', () => journal.list({ service: 'prices', limit: 1 }))
      refuses('store.closed', () => certificates.put(storedCertificate()))
      refuses('store.closed', () => certificates.get('prices', 1n))
      refuses('store.closed', () => certificates.list({ service: 'prices', limit: 1 }))
    })
  })
}
