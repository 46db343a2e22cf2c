import assert from 'node:assert/strict'
import { parseAbi } from 'viem'
import * as z from 'zod'
import {
  address as addressSchema,
  defineService,
  type FollowedChain,
  identical,
  onInterval,
} from '../../../src/avs/api.ts'
import { finalByDefault } from '../../../src/avs/context.ts'
import { createMemoryChain } from '../../../src/chain/memory.ts'
import { declareChainMetrics } from '../../../src/chain/metrics.ts'
import { createTrust } from '../../../src/chain/trust.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { stakePort } from '../../../src/node/chains/stake.ts'
import { createMemoryNetwork } from '../../../src/p2p/memory.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, directoryOf, startNode } from '../../support/simnet.ts'

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

  it('is one of those that it may choose from by name, each read in a final block', async () => {
    const address = `0x${'11'.repeat(20)}` as const
    const clock = new SimClock()
    const memory = createMemoryChain({ clock, log: silentLog, chainId: 5, finalityLag: 2n })
    memory.contract(address, { height: ({ block }) => block.number })
    memory.mine(5)
    const base = stakePort(
      { trust: createTrust(clock, silentLog, declareChainMetrics(createMetrics())) },
      memory.as(address),
    )
    let seen: ReadonlyMap<string, FollowedChain> = new Map()
    const definition = defineService({
      name: 'square',
      configSchema: z.looseObject({ contract: addressSchema() }),
      state: ({ chains }) => {
        seen = chains
      },
      triggers: () => [onInterval({ genesis: 0, interval: 60 })],
      agreement: identical(),
      observe: async () => 1n,
      payload: () => `0x${'00'.repeat(32)}`,
    })
    const cast = castOf(1)
    const { runner } = await startNode({
      ...{ cast, index: 0, definition, config: {}, clock },
      transport: createMemoryNetwork({ clock, seed: 1 }).join('peer'),
      directory: directoryOf(cast, ['peer']),
      chains: new Map([['base', base]]),
    })
    const chain = seen.get('base')
    assert.ok(chain !== undefined)
    assert.equal(chain.chainId, 5)
    const abi = parseAbi(['function height() view returns (uint256)'])
    assert.equal(await chain.read({ address, abi, functionName: 'height', args: [] }), 3n)
    await chain.ready()
    assert.equal(chain.distrust(), undefined)
    await runner.stop()
    memory.stop()
  })
})
