import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { StoreSpec } from '../../../src/store/keyValue.ts'
import { openDataStore } from '../../../src/store/sqlite/data.ts'
import { cleanUp, dataStores, refuses, temporaryFolder } from './suites.ts'

const SPEC: StoreSpec = { version: 1, maxEntries: 4, maxValueBytes: 8 }
const key = (...bytes: number[]) => Uint8Array.from(bytes)
const keys = (entries: readonly { key: Uint8Array }[]) => entries.map((entry) => [...entry.key])

for (const [form, open] of Object.entries(dataStores)) {
  describe(`a service's store ${form}`, () => {
    afterEach(cleanUp)

    it('gives back what was put, replaces, deletes', () => {
      const store = open().keyValues.open('s', 'rounds', SPEC)
      assert.equal(store.get(key(1)), undefined)
      store.put(key(1), key(7))
      store.put(key(1), key(8, 9))
      store.put(key(2), key())
      assert.deepEqual(store.get(key(1)), key(8, 9))
      assert.deepEqual(store.get(key(2)), key())
      assert.equal(store.size, 2)
      assert.equal(store.delete(key(1)), true)
      assert.equal(store.delete(key(1)), false)
      assert.equal(store.get(key(1)), undefined)
      assert.equal(store.size, 1)
    })

    it('lists in the order of keys as bytes, within bounds, from either end', () => {
      const store = open().keyValues.open('s', 'rounds', SPEC)
      for (const one of [key(2), key(1, 0), key(1), key(255)]) store.put(one, key(0))
      assert.deepEqual(keys(store.list({ limit: 10 })), [[1], [1, 0], [2], [255]])
      assert.deepEqual(keys(store.list({ limit: 2, reverse: true })), [[255], [2]])
      assert.deepEqual(keys(store.list({ from: key(1, 0), to: key(2), limit: 10 })), [[1, 0], [2]])
      assert.deepEqual(store.list({ from: key(3), to: key(4), limit: 10 }), [])
    })

    it('drops the lowest keys beyond its bound', () => {
      const store = open().keyValues.open('s', 'rounds', SPEC)
      for (const n of [5, 3, 9, 1, 7]) store.put(key(n), key(n))
      assert.deepEqual(keys(store.list({ limit: 10 })), [[3], [5], [7], [9]])
      store.put(key(2), key(2)) // lower than all that is kept
      assert.deepEqual(keys(store.list({ limit: 10 })), [[3], [5], [7], [9]])
      assert.equal(store.size, 4)
    })

    it('is apart from those of other names and services', () => {
      const { keyValues } = open()
      const stores = [
        keyValues.open('s', 'a', SPEC),
        keyValues.open('s', 'b', SPEC),
        keyValues.open('t', 'a', SPEC),
      ] as const
      stores[0].put(key(1), key(1))
      assert.deepEqual(
        stores.map(({ size }) => size),
        [1, 0, 0],
      )
      assert.equal(keyValues.open('s', 'a', SPEC).size, 1)
    })

    it('is emptied for a newer version, and refused to an older one', () => {
      const { keyValues } = open()
      keyValues.open('s', 'a', SPEC).put(key(1), key(1))
      assert.equal(keyValues.open('s', 'a', { ...SPEC, version: 2 }).size, 0)
      refuses('store.version', () => keyValues.open('s', 'a', SPEC))
    })

    it('refuses what is too large', () => {
      const { keyValues } = open()
      const store = keyValues.open('s', 'a', SPEC)
      refuses('store.out-of-range', () => store.put(key(), key(1)))
      refuses('store.out-of-range', () => store.put(new Uint8Array(65), key(1)))
      refuses('store.out-of-range', () => store.put(key(1), new Uint8Array(9)))
      for (const wrong of [{ version: 0 }, { maxEntries: 0 }, { maxEntries: 1e9 }, { maxValueBytes: 1e9 }]) {
        refuses('store.out-of-range', () => keyValues.open('s', 'b', { ...SPEC, ...wrong }))
      }
    })
  })
}

describe("a service's store on disk", () => {
  afterEach(cleanUp)

  it('is there after the file was opened anew', () => {
    const file = join(temporaryFolder(), 'data.sqlite')
    const first = openDataStore(file)
    first.keyValues.open('s', 'a', SPEC).put(key(1), key(2))
    first.close()
    const second = openDataStore(file)
    const store = second.keyValues.open('s', 'a', SPEC)
    assert.deepEqual([store.size, store.get(key(1))], [1, key(2)])
    second.close()
  })
})
