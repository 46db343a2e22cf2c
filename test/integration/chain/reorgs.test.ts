import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { Chain } from '../../../src/chain/clients.ts'
import { createChainReader } from '../../../src/chain/serviceChain.ts'
import type { ChainLog } from '../../../src/chain/types.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilTest, anvilTest, deploy } from '../../support/anvil.ts'
import { emitter, emitterAbi, pingCall } from '../../support/assembly.ts'
import { memoryCursors } from '../../support/chain.ts'
import { eventually } from '../../support/eventually.ts'
import { type LyingRpc, startLyingRpc } from '../../support/lyingRpc.ts'

/** Steps of one run; `npm run check:deep -- reorgs` takes more. */
const STEPS = Number(process.env.LARIAT_REORG_STEPS ?? 40)
/** The same steps with every change, which once found a log that was missed; the deep ones draw their seed, which is printed. */
const SEED = Number(process.env.LARIAT_REORG_SEED ?? (STEPS > 40 ? randomInt(2 ** 31) : 1_106_200_017))
/** The longest that a loaded machine may take to catch up, ms. */
const PATIENCE_MS = 60_000
/** Blocks that are not final yet: a reorg may undo those. */
const UNFINAL = 2

/** A generator of numbers in [0, 1) that a seed repeats (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const idOf = ({ blockHash, logIndex }: Pick<ChainLog, 'blockHash' | 'logIndex'>) => `${blockHash}:${logIndex}`

describe(`watches over a chain with reorgs, restarts and gaps, ${STEPS} steps of seed ${SEED}`, function () {
  this.timeout(Math.max(180_000, STEPS * 3_000))
  let test: AnvilTest
  let rpc: LyingRpc
  let address: Address
  before(async () => {
    test = await anvilTest()
    rpc = await startLyingRpc(test.anvil.rpcUrl)
    address = await deploy(test.sender(await test.open()), emitter)
    await test.rpc('anvil_mine', ['0x5'])
  })
  after(async () => {
    await test.close()
    await rpc.close()
  })

  it('hand over every final log once, in order, and every log of the chain at least once', async () => {
    const next = random(SEED)
    const pick = (most: number) => Math.floor(next() * most)
    const [from] = (await test.rpc('eth_accounts')) as [Hex]
    const cursors = memoryCursors()
    const final: ChainLog[] = []
    /** What each life of the process got. */
    let lives: ChainLog[][] = []
    let chain: Chain
    let pings = 0n

    async function start(): Promise<void> {
      rpc.mute = false
      chain = await test.open({ rpc: [{ url: rpc.url }] })
      const reader = createChainReader({ chain, log: silentLog, cursors })
      const query = { address, abi: emitterAbi, eventName: 'Ping' } as const
      const latest: ChainLog[] = []
      lives = [...lives, latest]
      reader.watch({ ...query, finality: 'finalized', cursor: 'final' }, async (log) => void final.push(log))
      reader.watch({ ...query, finality: 'latest', cursor: 'latest' }, async (log) => void latest.push(log))
    }
    const ping = () => ({ from, to: address, data: pingCall(++pings), gas: '0x30d40' })
    const steps: readonly (() => Promise<unknown>)[] = [
      // Until it is in its block: anvil mines it after it answered, and a reorg meanwhile leaves it with a chain that has a gap.
      async () => {
        const hash = await test.rpc('eth_sendTransaction', [ping()])
        const isMined = async () => (await test.rpc('eth_getTransactionReceipt', [hash])) !== null
        await eventually(isMined, 'anvil did not mine a transaction', PATIENCE_MS)
      },
      // Several logs in one block.
      async () => {
        await test.rpc('evm_setAutomine', [false])
        for (let i = 0; i <= pick(3); i++) await test.rpc('eth_sendTransaction', [ping()])
        await test.rpc('evm_mine')
        await test.rpc('evm_setAutomine', [true])
      },
      () => test.rpc('anvil_mine', [`0x${(1 + pick(3)).toString(16)}`]),
      // The newest blocks are replaced by empty ones, or by ones with other pings.
      () => test.rpc('anvil_reorg', [1 + pick(UNFINAL), []]),
      async () => {
        const depth = 1 + pick(UNFINAL)
        const nonce = BigInt((await test.rpc('eth_getTransactionCount', [from, 'latest'])) as Hex)
        const before = (await test.rpc('eth_blockNumber')) as Hex
        const at = `0x${(BigInt(before) - BigInt(depth)).toString(16)}`
        const count = BigInt((await test.rpc('eth_getTransactionCount', [from, at])) as Hex)
        assert.ok(count <= nonce)
        await test.rpc('anvil_reorg', [depth, [[{ ...ping(), nonce: `0x${count.toString(16)}` }, pick(depth)]]])
      },
      async () => {
        chain.close()
        await start()
      },
      async () => {
        rpc.mute = !rpc.mute
      },
      () => chain.heads.refresh(),
      () => chain.heads.refresh(),
    ]
    await start()
    for (let step = 0; step < STEPS; step++) await (steps[pick(steps.length)] as () => Promise<unknown>)()

    rpc.mute = false
    await test.rpc('anvil_mine', ['0x5'])
    const logs = (await test.rpc('eth_getLogs', [{ address, fromBlock: '0x0', toBlock: 'latest' }])) as {
      blockHash: Hex
      logIndex: Hex
      data: Hex
    }[]
    const model = logs.map(({ blockHash, logIndex }) => idOf({ blockHash, logIndex: Number(logIndex) }))
    await eventually(() => final.length >= model.length, `${final.length} of ${model.length} came`, PATIENCE_MS)
    await eventually(
      () => model.every((id) => lives.some((life) => life.some((log) => idOf(log) === id))),
      'a log of the chain never came',
      PATIENCE_MS,
    )
    assert.deepEqual(final.map(idOf), model, 'every final log once, in order')
    assert.deepEqual(
      final.map(({ args }) => (args as { n: bigint }).n),
      logs.map(({ data }) => BigInt(data)),
    )
    for (const life of lives) assert.equal(new Set(life.map(idOf)).size, life.length, 'none twice in one life')
    const counts = model.length
    assert.ok(counts > 0, 'the run was about something')
  })
})
