import assert from 'node:assert/strict'
import { rewindAll } from '../../../src/node/acknowledgeReorg.ts'
import { memoryCursors } from '../../support/chain.ts'

describe('an acknowledged reorg', () => {
  const PLACE = 1n << 24n
  const rewound = (undone: bigint, final: bigint) => {
    const cursors = memoryCursors()
    for (const [name, at] of [
      ['far', 5_000n],
      ['far#log', 5_000n * PLACE + 3n],
      ['near', 100n],
      ['selfcheck/slashed', 4_990n],
    ] as const) {
      cursors.set(name, at)
    }
    rewindAll(cursors, undone, final)
    return ['far', 'far#log', 'near', 'selfcheck/slashed'].map((name) => cursors.get(name))
  }

  it('sets watches back by the blocks that may have been replaced, and leaves slashes acknowledged', () => {
    assert.deepEqual(rewound(4_995n, 5_010n), [3_971n, 3_972n * PLACE - 1n, 100n, 4_990n])
  })

  it('sets nothing above the block to go on from, whether the chain is young or became much shorter', () => {
    assert.deepEqual(rewound(800n, 900n), [0n, PLACE - 1n, 0n, 900n])
    assert.deepEqual(rewound(4_995n, 2_000n), [2_000n, 2_001n * PLACE - 1n, 100n, 2_000n])
  })
})
