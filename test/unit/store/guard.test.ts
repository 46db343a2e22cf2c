import assert from 'node:assert/strict'
import fc from 'fast-check'
import { memoryGuardStore } from '../../../src/store/memory.ts'
import type { GuardKey } from '../../../src/store/store.ts'
import { address, bytes32, cleanUp, guardKey, guardStores, refuses } from './suites.ts'

const A = bytes32(0xa)
const B = bytes32(0xb)
const DIGEST = bytes32(0xd)

for (const [form, open] of Object.entries(guardStores)) {
  describe(`guard store ${form}`, () => {
    afterEach(cleanUp)

    it('records one payload for a key, allows it again, refuses another', async () => {
      const store = open()
      assert.equal(await store.checkAndInsert(guardKey(), 1n, A, DIGEST), 'recorded')
      assert.equal(await store.checkAndInsert(guardKey(), 1n, A, DIGEST), 'same')
      assert.equal(await store.checkAndInsert(guardKey(), 1n, B, DIGEST), 'conflict')
      assert.equal(await store.checkAndInsert(guardKey(), 1n, A, DIGEST), 'same')
      assert.deepEqual(store.find(guardKey()), { epoch: 1n, payload: A, digest: DIGEST })
    })

    it('knows no epoch in its key: the payload decides', async () => {
      const store = open()
      await store.checkAndInsert(guardKey(), 1n, A, DIGEST)
      assert.equal(await store.checkAndInsert(guardKey(), 2n, A, bytes32(2)), 'same')
      assert.equal(await store.checkAndInsert(guardKey(), 2n, B, bytes32(3)), 'conflict')
      assert.equal(store.find(guardKey())?.epoch, 1n)
    })

    const others: Record<string, Partial<GuardKey>> = {
      'chain id': { chainId: 1 },
      ServiceManager: { serviceManager: address(0xcccc) },
      operator: { operator: address(0xdddd) },
      service: { service: bytes32(2) },
      kind: { kind: 2 },
      slot: { slot: 101n },
      attempt: { attempt: 1 },
    }
    for (const [name, change] of Object.entries(others)) {
      it(`keeps records apart by ${name}`, async () => {
        const store = open()
        await store.checkAndInsert(guardKey(), 1n, A, DIGEST)
        assert.equal(store.find(guardKey(change)), undefined)
        assert.equal(await store.checkAndInsert(guardKey(change), 1n, B, DIGEST), 'recorded')
      })
    }

    it('refuses a second genesis for one chain id, whatever else the key says', async () => {
      const store = open()
      await store.checkAndInsert(guardKey(), 1n, A, DIGEST)
      const foreign = guardKey({ genesisHash: bytes32(0xdef), service: bytes32(77) })
      assert.equal(await store.checkAndInsert(foreign, 1n, A, DIGEST), 'foreign-domain')
      assert.equal(store.find(foreign), undefined)
      assert.equal(await store.checkAndInsert({ ...foreign, chainId: 2 }, 1n, A, DIGEST), 'recorded')
    })

    it('takes addresses and hashes in any letter case for the same', async () => {
      const store = open()
      const upper = (hex: `0x${string}`) => `0x${hex.slice(2).toUpperCase()}` as const
      await store.checkAndInsert(guardKey(), 1n, A, DIGEST)
      const key = guardKey({
        genesisHash: upper(bytes32(0xabc)),
        serviceManager: upper(address(0xaaaa)),
        operator: upper(address(0xbbbb)),
      })
      assert.equal(await store.checkAndInsert(key, 1n, upper(A), DIGEST), 'same')
      assert.equal(await store.checkAndInsert(key, 1n, B, DIGEST), 'conflict')
    })

    it('refuses everything below the watermark, which only rises, and forgets what lies there', async () => {
      const store = open()
      for (const slot of [5n, 9n, 10n, 11n]) await store.checkAndInsert(guardKey({ slot }), 1n, A, DIGEST)
      assert.equal(store.watermark(guardKey()), 0n)
      store.prune(guardKey(), 10n)
      store.prune(guardKey(), 3n)
      assert.equal(store.watermark(guardKey()), 10n)
      for (const slot of [0n, 5n, 9n]) {
        assert.equal(await store.checkAndInsert(guardKey({ slot }), 1n, A, DIGEST), 'below-watermark')
        assert.equal(store.find(guardKey({ slot })), undefined)
      }
      assert.equal(await store.checkAndInsert(guardKey({ slot: 10n }), 1n, A, DIGEST), 'same')
      assert.equal(await store.checkAndInsert(guardKey({ slot: 10n }), 1n, B, DIGEST), 'conflict')
      assert.equal(store.watermark(guardKey({ kind: 2 })), 0n)
      assert.equal(await store.checkAndInsert(guardKey({ slot: 5n, kind: 2 }), 1n, A, DIGEST), 'recorded')
    })

    it('raises the watermark of what it has not seen yet', async () => {
      const store = open()
      store.prune(guardKey(), 50n)
      assert.equal(store.watermark(guardKey()), 50n)
      assert.equal(await store.checkAndInsert(guardKey({ slot: 49n }), 1n, A, DIGEST), 'below-watermark')
    })

    it('takes slots up to 2^63 - 1 and refuses what it cannot hold', async () => {
      const store = open()
      const last = (1n << 63n) - 1n
      assert.equal(
        await store.checkAndInsert(guardKey({ slot: last, chainId: 2 ** 53 - 1 }), last, A, DIGEST),
        'recorded',
      )
      assert.equal(store.find(guardKey({ slot: last, chainId: 2 ** 53 - 1 }))?.epoch, last)
      const put = (changes: Partial<GuardKey>, epoch = 1n, payload = A) =>
        assert.rejects(store.checkAndInsert(guardKey(changes), epoch, payload, DIGEST), { code: 'store.out-of-range' })
      await put({ slot: last + 1n })
      await put({ slot: -1n })
      await put({ attempt: 65_536 })
      await put({ attempt: 0.5 })
      await put({ kind: 256 })
      await put({ chainId: 2 ** 53 })
      await put({ service: '0x1234' })
      await put({ operator: bytes32(1) })
      await put({ genesisHash: '0xzz' })
      await put({}, 1n << 63n)
      await put({}, 1n, '0x00')
      refuses('store.out-of-range', () => store.prune(guardKey(), 1n << 63n))
      refuses('store.out-of-range', () => store.find(guardKey({ slot: 1n << 63n })))
    })

    it('says so when it was closed', async () => {
      const store = open()
      store.close()
      store.close()
      await assert.rejects(store.checkAndInsert(guardKey(), 1n, A, DIGEST), { code: 'store.closed' })
      refuses('store.closed', () => store.find(guardKey()))
      refuses('store.closed', () => store.watermark(guardKey()))
      refuses('store.closed', () => store.prune(guardKey(), 1n))
    })
  })
}

describe('guard store: the two forms', () => {
  afterEach(cleanUp)

  it('answer alike to any sequence of calls', async () => {
    const seed = Number(process.env.FC_SEED ?? Date.now() & 0x7fffffff)
    console.log(`      fast-check seed ${seed} (FC_SEED repeats it)`)
    const call = fc.record({
      prune: fc.boolean(),
      genesis: fc.constantFrom(1, 1, 1, 1, 2),
      kind: fc.constantFrom(1, 2),
      slot: fc.bigInt(0n, 12n),
      attempt: fc.constantFrom(0, 1),
      payload: fc.constantFrom(A, B),
      epoch: fc.bigInt(1n, 3n),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        const memory = memoryGuardStore()
        const sqlite = guardStores['on SQLite']?.()
        assert.ok(sqlite)
        const signed = new Map<string, string>()
        for (const { prune, genesis, kind, slot, attempt, payload, epoch } of calls) {
          const key = guardKey({ kind, slot, attempt, genesisHash: bytes32(genesis) })
          if (prune) {
            for (const store of [memory, sqlite]) store.prune(key, slot)
          } else {
            const outcome = await memory.checkAndInsert(key, epoch, payload, DIGEST)
            assert.equal(await sqlite.checkAndInsert(key, epoch, payload, DIGEST), outcome)
            if (outcome === 'recorded' || outcome === 'same') {
              const id = `${kind}/${slot}/${attempt}`
              assert.equal(signed.get(id) ?? payload, payload, 'the law')
              signed.set(id, payload)
            }
          }
          assert.equal(sqlite.watermark(key), memory.watermark(key))
          assert.deepEqual(sqlite.find(key), memory.find(key))
        }
        cleanUp()
      }),
      { seed, numRuns: 25 },
    )
  })
})
