import assert from 'node:assert/strict'
import type * as ports from '../../../src/avs/ports.ts'
import type { openDirectory } from '../../../src/chain/directory.ts'
import type { openEpochs } from '../../../src/chain/epochs.ts'
import { createMemoryChain } from '../../../src/chain/memory.ts'
import { createMemoryDirectory } from '../../../src/chain/memoryDirectory.ts'
import { createMemoryEpochs } from '../../../src/chain/memoryEpochs.ts'
import type { createServiceChain } from '../../../src/chain/serviceChain.ts'
import type { CursorStore } from '../../../src/chain/types.ts'
import type * as store from '../../../src/store/store.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { memoryCursors } from '../../support/chain.ts'

// `chain` may not import `avs` or `store`. These compile only if its adapters satisfy their ports, and the other way round.
const toServiceChain = (chain: ReturnType<typeof createServiceChain>): ports.ServiceChain => chain
const toEpochSource = (epochs: Awaited<ReturnType<typeof openEpochs>>): ports.EpochSource => epochs
const toDirectory = (directory: Awaited<ReturnType<typeof openDirectory>>): ports.Directory => directory
const toCursors = (cursors: store.CursorStore): CursorStore => cursors

describe('the ports of avs', () => {
  it('are satisfied by the adapters of chain, and by their in-memory forms', () => {
    const operator = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
    const memory = createMemoryChain({ clock: new SimClock(), log: silentLog })
    assert.equal(toServiceChain(memory.as(operator)).chainId, 31_337)
    assert.equal(toEpochSource(createMemoryEpochs()).at(0), undefined)
    const directory = toDirectory(createMemoryDirectory([{ operator, peerId: 'p', addresses: [] }]))
    assert.equal(directory.peerOf('0x5fbdb2315678afecb367f032d93f642f64180aa3'), 'p')
    assert.equal(directory.operatorOf('p'), operator)
    assert.equal(toCursors(memoryCursors()).get('x'), undefined)
  })
})
