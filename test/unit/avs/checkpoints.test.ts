import assert from 'node:assert/strict'
import * as z from 'zod'
import {
  address,
  type Context,
  defineService,
  identical,
  onInterval,
  type ServiceConfig,
} from '../../../src/avs/api.ts'
import {
  CHECKPOINT_STORE,
  CHECKPOINT_STORE_SPEC,
  CHECKPOINTS_KEPT,
  checkpointsOf,
  type TreeCheckpoint,
} from '../../../src/avs/checkpoints.ts'
import { createMemoryNetwork } from '../../../src/p2p/memory.ts'
import type { CheckpointSigner, CheckpointWindow } from '../../../src/signer/checkpoints.ts'
import { memoryKeyValues } from '../../../src/store/memoryKeyValue.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, directoryOf, startNode } from '../../support/simnet.ts'

const HOOK: Hex = `0x${'40'.repeat(32)}`
const SIGNATURE: Hex = `0x${'11'.repeat(65)}`
const SIGNER = `0x${'aa'.repeat(20)}` as const
const at = (index: number, changes: Partial<TreeCheckpoint> = {}): TreeCheckpoint => ({
  ...{ domain: 1, hook: HOOK, root: `0x${'22'.repeat(32)}`, index, messageId: `0x${'33'.repeat(32)}` },
  ...changes,
})

/** The port before a signer that notes the windows, and fails when told to. */
function world() {
  const clock = new SimClock()
  const windows: CheckpointWindow[] = []
  let failure: Error | undefined
  const signer: CheckpointSigner = {
    address: SIGNER,
    async sign(_, window) {
      windows.push(window)
      if (failure !== undefined) throw failure
      return SIGNATURE
    },
    announce: async () => SIGNATURE,
  }
  const stores = memoryKeyValues(() => {})
  const store = () => stores.open('service', CHECKPOINT_STORE, CHECKPOINT_STORE_SPEC)
  return {
    clock,
    checkpoints: () => checkpointsOf({ signer, clock, store }),
    fail: (error: Error | undefined) => {
      failure = error
    },
    windowOf: async (checkpoint: TreeCheckpoint) => {
      await checkpointsOf({ signer, clock, store })
        .sign(checkpoint)
        .catch(() => undefined)
      return windows.at(-1)
    },
  }
}

describe('checkpoints for relayers of Hyperlane, as a service signs them', () => {
  const kept = BigInt(CHECKPOINTS_KEPT)

  it('are of the newest indices of each tree, and no further ahead than messages can have come', async () => {
    const { clock, windowOf } = world()
    assert.deepEqual(await windowOf(at(200_000)), { from: 200_001n - kept, to: 200_000n })
    assert.deepEqual(await windowOf(at(3)), { from: 200_001n - kept, to: 200_000n + kept })
    await clock.advance(1_000)
    const ahead = 200_000 + CHECKPOINTS_KEPT + 1_000
    assert.deepEqual(await windowOf(at(ahead)), { from: BigInt(ahead) + 1n - kept, to: BigInt(ahead) })
    // of another tree it is the first
    for (const other of [{ domain: 2 }, { hook: `0x${'41'.repeat(32)}` as const }]) {
      assert.deepEqual(await windowOf(at(5, other)), { from: 0n, to: 5n })
    }
  })

  it('move the window by what was signed, and by nothing else', async () => {
    const { fail, windowOf } = world()
    fail(new Error('refused'))
    await windowOf(at(900))
    fail(undefined)
    assert.deepEqual(await windowOf(at(10)), { from: 0n, to: 10n })
    assert.deepEqual(await windowOf(at(9)), { from: 0n, to: 10n + kept })
  })

  /** What a service's hooks get. */
  async function contextOf(declares: boolean, checkpointSigner: CheckpointSigner | undefined) {
    let context: Context<ServiceConfig> | undefined
    const definition = defineService({
      name: 'square',
      configSchema: z.looseObject({ contract: address() }),
      ...(declares ? { checkpoints: () => true } : {}),
      state: (found) => {
        context = found
      },
      triggers: () => [onInterval({ genesis: 0, interval: 60 })],
      agreement: identical(),
      observe: async () => 1n,
      payload: () => `0x${'00'.repeat(32)}`,
    })
    const [cast, clock] = [castOf(1), new SimClock()]
    const { runner } = await startNode({
      ...{ cast, index: 0, definition, config: {}, clock, checkpointSigner },
      transport: createMemoryNetwork({ clock, seed: 1 }).join('peer'),
      directory: directoryOf(cast, ['peer']),
    })
    await runner.stop()
    assert.ok(context !== undefined)
    return context
  }

  it('are signed for a service that declares them, and for no other', async () => {
    const { checkpoints } = world()
    const signer = { ...checkpoints(), sign: async () => SIGNATURE }
    const { checkpoints: port } = await contextOf(true, signer)
    assert.deepEqual([port.address, await port.sign(at(1))], [SIGNER, SIGNATURE])
    const { checkpoints: none } = await contextOf(false, signer)
    assert.throws(() => none.address, { code: 'plugin.undeclared' })
    assert.throws(() => none.sign(at(1)), { code: 'plugin.undeclared' })
  })
})
