import assert from 'node:assert/strict'
import { parseAbi } from 'viem'
import { finalByDefault } from '../../../src/avs/context.ts'
import { createMemoryChain } from '../../../src/chain/memory.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('the chain of a plug-in', () => {
  it('is read in a final block unless the call says otherwise', async () => {
    const address = `0x${'11'.repeat(20)}` as const
    const memory = createMemoryChain({ clock: new SimClock(), log: silentLog, finalityLag: 2n })
    memory.contract(address, { height: ({ block }) => block.number })
    memory.mine(5)
    const chain = finalByDefault(memory.as(`0x${'22'.repeat(20)}`))
    const call = {
      address,
      abi: parseAbi(['function height() view returns (uint256)']),
      functionName: 'height',
      args: [],
    } as const
    assert.equal(await chain.read(call), 3n)
    assert.equal(await chain.read({ ...call, block: 'latest' }), 5n)
    memory.stop()
  })
})
