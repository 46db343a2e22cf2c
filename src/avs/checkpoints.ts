import { CHECKPOINTS_KEPT, type CheckpointSigner, type TreeCheckpoint } from '../signer/checkpoints.ts'
import type { KeyValueStore, StoreSpec } from '../store/keyValue.ts'
import type { Clock } from '../util/clock.ts'
import { bigToBytes, bytesToBig, hexToBytes } from '../util/hex.ts'

export { type Announcement, CHECKPOINTS_KEPT, MAX_LOCATION, type TreeCheckpoint } from '../signer/checkpoints.ts'

/** Signs checkpoints of Hyperlane’s form with the key that is configured for these; see `CheckpointSigner`. */
export interface Checkpoints extends Pick<CheckpointSigner, 'address' | 'announce'> {
  /**
   * Puts the checkpoint on record, durably, and signs it: one root for one index of a tree, ever. Of each tree the newest
   * `CHECKPOINTS_KEPT` indices can be signed.
   * @returns r ‖ s ‖ v, 65 bytes, v 27 or 28
   * @throws LariatError `checkpoint.invalid`, `guard.…`, `sign.halted`, `signer.…`
   */
  sign(checkpoint: TreeCheckpoint): Promise<`0x${string}`>
}

/** What `checkpointsOf` rests on. */
export interface CheckpointsOptions {
  readonly signer: CheckpointSigner
  readonly clock: Clock
  /** Remembers the highest index of each tree that was signed. */
  readonly store: () => KeyValueStore
}

/** Store of the runner's own beside those of a plug-in, whose names cannot have the sign. */
export const CHECKPOINT_STORE = '#checkpoints'
/** An entry for each tree: many times those of one section. */
export const CHECKPOINT_STORE_SPEC: StoreSpec = { version: 1, maxEntries: 256, maxValueBytes: 16 }

/**
 * How far an index may lie above the highest that was signed, whatever the time; and further by one for each so many ms since.
 * No chain takes a thousand messages a second. It keeps a plug-in from pushing the guard's watermark far ahead.
 */
const REACH = BigInt(CHECKPOINTS_KEPT)
const MS_PER_MESSAGE = 1

/** Signs checkpoints through the guard, in a window of each tree's newest. */
export function checkpointsOf({ signer, clock, store: open }: CheckpointsOptions): Checkpoints {
  return {
    address: signer.address,
    announce: (announcement) => signer.announce(announcement),
    async sign(checkpoint) {
      const { domain, hook, index } = checkpoint
      const slot = BigInt(index)
      const now = clock.now()
      const store = open()
      const key = Buffer.concat([bigToBytes(BigInt(domain), 4), hexToBytes(hook)])
      const highest = readHighest(store, key)
      const newest = highest === undefined || slot > highest.index ? slot : highest.index
      const to = highest === undefined ? slot : highest.index + REACH + messagesSince(highest.at, now)
      const oldest = newest - BigInt(CHECKPOINTS_KEPT) + 1n
      const signature = await signer.sign(checkpoint, { from: oldest < 0n ? 0n : oldest, to })
      const after = readHighest(store, key)
      if (after === undefined || slot > after.index) {
        store.put(key, Buffer.concat([bigToBytes(slot, 8), bigToBytes(BigInt(Math.floor(now)), 8)]))
      }
      return signature
    },
  }
}

function messagesSince(at: number, now: number): bigint {
  return BigInt(Math.floor(Math.max(0, now - at) / MS_PER_MESSAGE))
}

function readHighest(store: KeyValueStore, key: Uint8Array): { index: bigint; at: number } | undefined {
  const bytes = store.get(key)
  if (bytes === undefined) return undefined
  return { index: bytesToBig(bytes.subarray(0, 8)), at: Number(bytesToBig(bytes.subarray(8))) }
}
