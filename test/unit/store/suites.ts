import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataLimits } from '../../../src/store/limits.ts'
import { memoryDataStore, memoryGuardStore } from '../../../src/store/memory.ts'
import { openDataStore } from '../../../src/store/sqlite/data.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import type { DataStore, GuardKey, GuardStore, SlotRecord, StoredCertificate } from '../../../src/store/store.ts'
import type { Hex } from '../../../src/util/hex.ts'

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lariat-store-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const cleanups: (() => void)[] = []
export function cleanUp(): void {
  for (const clean of cleanups.splice(0).reverse()) clean()
}

/** Both forms of the guard store. */
export const guardStores: Record<string, () => GuardStore> = {
  'in memory': memoryGuardStore,
  'on SQLite': () => {
    const store = openGuardStore(join(temporaryFolder(), 'guard.sqlite'), { create: true })
    cleanups.push(() => store.close())
    return store
  },
}

/** Both forms of the data store. */
export const dataStores: Record<string, (limits?: DataLimits) => DataStore> = {
  'in memory': memoryDataStore,
  'on SQLite': (limits) => {
    const store = openDataStore(join(temporaryFolder(), 'data.sqlite'), limits)
    cleanups.push(() => store.close())
    return store
  },
}

export const bytes32 = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
export const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`

export function guardKey(changes: Partial<GuardKey> = {}): GuardKey {
  return {
    chainId: 31337,
    genesisHash: bytes32(0xabc),
    serviceManager: address(0xaaaa),
    operator: address(0xbbbb),
    service: bytes32(1),
    kind: 1,
    slot: 100n,
    attempt: 0,
    ...changes,
  }
}

export function slotRecord(changes: Partial<SlotRecord> = {}): SlotRecord {
  return {
    service: 'prices',
    slot: 1n,
    attempt: 0,
    outcome: 'landed',
    step: 'record',
    reason: null,
    triggeredAt: 1_700_000_000_000.25,
    certificateMs: 12.5,
    transaction: bytes32(7),
    signers: [address(1), address(2)],
    ...changes,
  }
}

export function storedCertificate(changes: Partial<StoredCertificate> = {}): StoredCertificate {
  return {
    service: 'prices',
    slot: 1n,
    attempt: 1,
    epoch: 3n,
    payload: bytes32(9),
    absent: Uint8Array.of(2),
    signature: new Uint8Array(96).fill(5),
    value: Uint8Array.of(1, 2, 3),
    verifiedAt: 1_700_000_000_001.5,
    ...changes,
  }
}

/** Asserts that `fn` throws a LariatError with `code`. */
export function refuses(code: string, fn: () => unknown): void {
  assert.throws(fn, { name: 'LariatError', code })
}
