import assert from 'node:assert/strict'
import bridge from '../../src/avs/bridge/index.ts'
import { type Checkpoint, checkpointPayload, Level, streamService } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import { createMemoryNetwork } from '../../src/p2p/memory.ts'
import { wordOf } from '../../src/testnet/bridge.ts'
import { bytesToHex, hexToBytes } from '../../src/util/hex.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { castOf, directoryOf, startNode, type TestNode } from '../support/simnet.ts'
import { GENESIS } from '../support/simrun.ts'
import { DOMAIN, HOOK, MAILBOX, TreeChain } from '../support/treeChain.ts'

const tree = { domain: DOMAIN, hook: wordOf(HOOK) }
const [FINALIZED, FAST] = [streamService(tree, Level.finalized), streamService(tree, Level.fast)]
/** ms in which a checkpoint is certified, if ever. */
const ENOUGH_MS = 6_000

describe('fast checkpoints of four operators', function () {
  this.timeout(60_000)
  let clock: SimClock
  let chain: TreeChain
  let nodes: TestNode[]

  beforeEach(async () => {
    clock = new SimClock(GENESIS * 1_000)
    chain = new TreeChain(() => Math.floor(clock.now() / 1_000))
    const network = createMemoryNetwork({ clock, seed: 1, latency: () => 5, drop: () => false })
    const cast = castOf(4)
    const peers = cast.operators.map((_, i) => `peer-${i}`)
    nodes = await Promise.all(
      peers.map((peer, index) => {
        const transport = network.join(peer)
        transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
        return startNode({
          ...{ cast, index, clock, transport, definition: bridge, directory: directoryOf(cast, peers) },
          config: {
            mailboxes: [{ chain: chain.name, domain: DOMAIN, mailbox: MAILBOX, hook: HOOK, from: 1, fast: 1 }],
          },
          chains: new Map([[chain.name, chain.port()]]),
        })
      }),
    )
    await clock.advance(ENOUGH_MS)
  })
  afterEach(async () => {
    const stopped = Promise.all(nodes.map(({ runner }) => runner.stop()))
    await clock.advance(60_000)
    await stopped
  })

  /** A block that all hear of, as the newest. */
  async function grow(messages: number): Promise<void> {
    chain.mine(messages)
    chain.tell('latest')
    await clock.advance(1_000)
  }
  async function finalize(): Promise<void> {
    chain.finalize()
    await clock.advance(ENOUGH_MS)
  }
  /** The chain's checkpoint when it had so many leaves. */
  function checkpoint(count: number): Checkpoint {
    const leaves = chain.leaves().slice(0, count)
    const of = new MessageTree()
    for (const leaf of leaves) of.append(hexToBytes(leaf))
    return { root: bytesToHex(of.root()), index: count - 1, messageId: bytesToHex(of.leaf(count - 1)) }
  }
  /** What each node has certified for a slot. */
  const certified = (service: typeof FAST, index: number) =>
    nodes.map(({ data }) => data.certificates.get(service, BigInt(index))?.payload)
  const all = <T>(value: T) => nodes.map(() => value)

  it('are certified before the final ones of the same leaves', async () => {
    await grow(1)
    await grow(0)
    await clock.advance(ENOUGH_MS)
    const payload = checkpointPayload(checkpoint(1))
    assert.deepEqual(certified(FAST, 0), all(payload))
    assert.deepEqual(certified(FINALIZED, 0), all(undefined))
    await finalize()
    assert.deepEqual(certified(FINALIZED, 0), all(payload))
  })

  it('that were undone are corrected by a final one of the very index, which shows', async () => {
    await grow(1)
    await grow(0)
    await finalize()
    const from = chain.blocks.length
    await grow(1)
    await grow(0)
    await clock.advance(ENOUGH_MS)
    const wrong = checkpointPayload(checkpoint(2))
    assert.deepEqual(certified(FAST, 1), all(wrong))
    chain.undo(from)
    // The leaf of that index lies within its block now, and is no tip of it.
    await grow(3)
    await grow(0)
    await finalize()
    for (const index of [1, 3]) {
      assert.deepEqual(certified(FINALIZED, index), all(checkpointPayload(checkpoint(index + 1))), `index ${index}`)
    }
    assert.deepEqual(certified(FINALIZED, 2), all(undefined))
    assert.deepEqual(certified(FAST, 1), all(wrong), 'nobody signs another for its index')
    assert.deepEqual(certified(FAST, 3), all(checkpointPayload(checkpoint(4))))
    for (const { metrics } of nodes) {
      const { body } = await metrics.expose()
      assert.match(body, /lariat_bridge_fast_corrections_total\{chain="base",domain="1000"\} 1\n/)
    }
  })
})
