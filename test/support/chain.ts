import { type Chain, type ChainOptions, openChain } from '../../src/chain/clients.ts'
import type { CursorStore } from '../../src/chain/types.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { silentLog } from '../../src/util/log.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { FakeNode } from './fakeNode.ts'

/** A chain on scripted nodes and a clock that the test moves; heads are looked for every second. */
export async function fakeChain(
  nodes: readonly FakeNode[] = [new FakeNode()],
  options: Partial<ChainOptions> = {},
): Promise<{ chain: Chain; clock: SimClock; nodes: readonly FakeNode[]; node: FakeNode }> {
  const clock = new SimClock()
  const chain = await openChain({
    id: 31_337,
    rpc: nodes.map((_, i) => ({ url: `http://node-${i}/secret-key` })),
    singleProvider: nodes.length === 1,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    transport: (url) => {
      const node = nodes[Number(/node-(\d+)/.exec(url)?.[1])]
      if (node === undefined) throw new Error(`no node for ${url}`)
      return node.transport()
    },
    ...options,
  })
  return { chain, clock, nodes, node: nodes[0] as FakeNode }
}

/** Cursors that live as long as the object. */
export function memoryCursors(): CursorStore & {
  readonly values: Map<string, bigint>
  names(): readonly string[]
} {
  const values = new Map<string, bigint>()
  return {
    values,
    names: () => [...values.keys()],
    get: (name) => values.get(name),
    set: (name, value) => void values.set(name, value),
  }
}
