import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { FORMAT, FORMAT_VERSION, type StreamJson, writeInterchange } from '../../signer/interchange/format.ts'
import {
  checkCurrent,
  type GuardReader,
  readGuard,
  retireGuard,
  type StreamFacts,
} from '../../store/sqlite/guardArchive.ts'
import { createFile } from '../../util/create.ts'
import { LariatError } from '../../util/errors.ts'
import { type GuardPlace, guardPath, withStoppedNode } from './place.ts'

export interface ExportOptions extends GuardPlace {
  readonly out: string
  /** Slots of each stream that are written one by one; those below are refused by a higher watermark. All when left out. */
  readonly newest?: number
  /** Nothing is signed with this record from now on. */
  readonly retire?: boolean
}

export interface Exported {
  readonly file: string
  readonly streams: number
  readonly entries: number
  readonly retired: boolean
}

/**
 * Writes the record as an interchange file (mode 0600, never replacing one). A retired record is exported as such: whoever
 * imports that file may sign.
 * @throws LariatError `file.exists`, `store.locked`, `store.older`, `store.…`
 */
export async function exportGuard(options: ExportOptions): Promise<Exported> {
  const { newest, retire = false } = options
  const path = await guardPath(options)
  const file = resolve(options.out)
  if (existsSync(file)) {
    throw new LariatError('file.exists', `${file} exists and is not replaced: choose another name, or move it away`, {
      file,
    })
  }
  return withStoppedNode(path, async () => {
    checkCurrent(path)
    // first, so that no file says that this machine has stopped while it has not
    if (retire) retireGuard(path, Date.now())
    const reader = readGuard(path)
    try {
      const { id, floorMs, retiredMs } = reader.record()
      const data = reader.streams().map((facts) => toJson(reader, facts, newest))
      const retired = retiredMs !== undefined
      const text = writeInterchange({
        metadata: {
          interchange_format: FORMAT,
          interchange_format_version: FORMAT_VERSION,
          exported_at: new Date().toISOString(),
          record_id: id,
          retired,
          not_before_ms: String(floorMs),
        },
        data,
      })
      await createFile(file, text)
      return { file, streams: data.length, entries: data.reduce((sum, { signed }) => sum + signed.length, 0), retired }
    } finally {
      reader.close()
    }
  })
}

function toJson(
  reader: GuardReader,
  { key, watermark, newest: last }: StreamFacts,
  newest: number | undefined,
): StreamJson {
  const cut = newest === undefined || last === undefined ? 0n : last + 1n - BigInt(newest)
  const low = cut > watermark ? cut : watermark
  return {
    chain_id: String(key.chainId),
    genesis_hash: key.genesisHash,
    service_manager: key.serviceManager,
    operator: key.operator,
    service: key.service,
    kind: String(key.kind),
    low_watermark: String(low),
    signed: [...reader.entries(key, { fromSlot: low })].map(({ slot, attempt, epoch, payload }) => ({
      slot: String(slot),
      attempt: String(attempt),
      epoch: String(epoch),
      payload,
    })),
  }
}
