import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData, parseAbi, sliceHex } from 'viem'
import type { FollowedChain } from '../../../src/avs/ports.ts'
import { createServiceChain } from '../../../src/chain/serviceChain.ts'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { stakeCursors } from '../../../src/node/chains/cursors.ts'
import { type Following, followChain } from '../../../src/node/chains/follow.ts'
import { declareFollowMetrics } from '../../../src/node/chains/metrics.ts'
import { openFurtherChain } from '../../../src/node/chains/open.ts'
import { stakePort } from '../../../src/node/chains/stake.ts'
import { files } from '../../../src/node/files.ts'
import { openFinality, recordedGenesis } from '../../../src/node/finality.ts'
import { furtherChainCheck } from '../../../src/node/selfcheck/furtherChain.ts'
import { memoryDataStore } from '../../../src/store/memory.ts'
import { type Clock, systemClock } from '../../../src/util/clock.ts'
import type { Address, Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilTest, anvilAccount, anvilTest, deploy } from '../../support/anvil.ts'
import { keeper, keeperAbi } from '../../support/assembly.ts'
import { eventually as soon } from '../../support/eventually.ts'
import { forkedAt, type LyingRpc, startLyingRpc, wrongStorage } from '../../support/lyingRpc.ts'

/** The longest that a loaded machine may take, ms. */
const PATIENCE_MS = 60_000
const eventually = (done: () => boolean, what: string) => soon(done, what, PATIENCE_MS)
/** Waits between attempts pass quickly. */
const clock: Clock = { now: systemClock.now, after: (ms, fn) => systemClock.after(Math.min(ms, 100), fn) }

const abi = [...keeperAbi, ...parseAbi(['function keep(bytes32 word)'])] as const
/** What the contract keeps of a call of `keep`: the first 32 bytes of its calldata. */
const kept = (word: Hex) => BigInt(sliceHex(encodeFunctionData({ abi, functionName: 'keep', args: [word] }), 0, 32))
const word = (n: number): Hex => `0x${n.toString(16).padStart(8, '0').padEnd(64, '0')}`

describe('two chains in one process', function () {
  this.timeout(150_000)
  let tests: readonly [AnvilTest, AnvilTest]
  let contracts: readonly [Address, Address]
  let rpcs: LyingRpc[]
  let dataDir: string
  let stake: FollowedChain
  const metrics = createMetrics()
  const { cursors } = memoryDataStore()
  const following: Following[] = []

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lariat-chains-'))
    const genesisTime = Math.floor(Date.now() / 1_000) - 60
    tests = [await anvilTest({ genesisTime }), await anvilTest({ genesisTime: genesisTime - 5, chainId: 31_338 })]
    rpcs = await Promise.all([0, 1, 2].map(() => startLyingRpc(tests[1].anvil.rpcUrl)))
    const deployed = tests.map(async (test) => deploy(test.sender(await test.open()), keeper))
    contracts = (await Promise.all(deployed)) as [Address, Address]
    for (const { rpc } of tests) await rpc('anvil_mine', ['0x3'])
    const chain = await tests[0].open({ metrics })
    const sender = tests[0].sender(chain, { index: 1 })
    stake = stakePort(chain, createServiceChain({ chain, sender, log: silentLog, cursors: stakeCursors(cursors) }))
  })
  after(async () => {
    for (const { close } of following) await close()
    for (const { close } of tests) await close()
    await Promise.all(rpcs.map(({ close }) => close()))
    await rm(dataDir, { recursive: true, force: true })
  })
  afterEach(() => {
    for (const rpc of rpcs) Object.assign(rpc, { lie: undefined, mute: false })
  })

  function follow(rpc = rpcs.map(({ url }) => ({ url })), id = 31_338): Following {
    const config = { id, rpc, singleProvider: rpc.length === 1, pollInterval: 200 }
    const common = { name: 'base', clock, log: silentLog }
    const account = anvilAccount(1)
    const opened = followChain({
      ...{ ...common, chainId: id, metrics: declareFollowMetrics(metrics) },
      open: (signal) => openFurtherChain({ ...common, config, dataDir, account, cursors, metrics }, signal),
    })
    following.push(opened)
    return opened
  }

  /** Numbers of the final logs, as they come. */
  function pings(chain: FollowedChain, address: Address): bigint[] {
    const seen: bigint[] = []
    chain.watch(
      { address, abi, eventName: 'Ping', finality: 'finalized', cursor: 'pings', from: 0n },
      async ({ args }) => void seen.push((args as { n: bigint }).n),
    )
    return seen
  }

  async function ping(at: 0 | 1, chain: FollowedChain, n: number): Promise<void> {
    await chain.write({ address: contracts[at], abi, functionName: 'keep', args: [word(n)] })
    await tests[at].rpc('anvil_mine', ['0x3'])
  }
  const value = (at: 0 | 1, chain: FollowedChain) =>
    chain.read({ address: contracts[at], abi, functionName: 'value', args: [], block: 'finalized' })

  it('are read and written, each with logs, storage, cursors and metrics of its own, and again after a restart', async () => {
    const first = follow()
    const base = first.port
    await base.ready()
    assert.deepEqual([stake.chainId, base.chainId], [31_337, 31_338])
    const seen = [pings(stake, contracts[0]), pings(base, contracts[1])]
    await ping(0, stake, 1)
    await ping(1, base, 2)
    await eventually(() => seen.every(({ length }) => length === 1), 'the logs do not come')
    assert.deepEqual(seen, [[kept(word(1))], [kept(word(2))]])
    assert.deepEqual([await value(0, stake), await value(1, base)], [kept(word(1)), kept(word(2))])
    const { block, values } = await base.storageAt(contracts[1], ['0x00', '0x01'])
    assert.deepEqual(values.map(BigInt), [kept(word(2)), 0n])
    const logs = await base.logs({ address: contracts[1], abi, eventName: 'Ping', from: 0n, to: block.number })
    assert.equal(logs.length, 1)
    assert.deepEqual([...cursors.names()].sort(), ['chains/base/pings', 'chains/base/pings#log', 'pings', 'pings#log'])
    const { body } = await metrics.expose()
    for (const name of ['stake', 'base']) {
      assert.match(body, new RegExp(`lariat_transactions_total\\{chain="${name}",outcome="landed"\\} 1`))
    }
    assert.match(body, /lariat_chain_followed\{chain="base"\} 1/)

    await first.close()
    await assert.rejects(value(1, base), { code: 'chain.not-ready' })
    const test = tests[1]
    const sender = test.sender(await test.open())
    await sender.send({
      what: 'a ping',
      to: contracts[1],
      data: encodeFunctionData({ abi, functionName: 'keep', args: [word(3)] }),
    })
    await test.rpc('anvil_mine', ['0x3'])
    const second = follow()
    const again = pings(second.port, contracts[1])
    await eventually(() => again.length > 0, 'the log of the time between does not come')
    assert.deepEqual(again, [kept(word(3))], 'what was handed over before the restart came again')
    await second.close()
  })

  it('where one cannot be reached: it is tried again, and the other works', async () => {
    for (const rpc of rpcs) rpc.mute = true
    const { port, attempted, notOpen, close } = follow()
    await attempted
    assert.match(notOpen()?.reason ?? '', /^the check of the chain from provider 127\.0\.0\.1:\d+ failed/)
    assert.equal(port.distrust()?.code, 'chain.not-ready')
    await assert.rejects(value(1, port), { code: 'chain.not-ready' })
    await assert.rejects(port.ready(AbortSignal.timeout(1)))
    assert.match((await metrics.expose()).body, /lariat_chain_followed\{chain="base"\} 0/)
    const seen = pings(port, contracts[1])
    await ping(0, stake, 4)
    assert.equal(stake.distrust(), undefined)
    for (const rpc of rpcs) rpc.mute = false
    await port.ready()
    assert.equal(port.distrust(), undefined)
    await ping(1, port, 5)
    await eventually(() => seen.length === 1, 'a watch from before it was open brings nothing')
    await close()
    assert.equal(port.distrust()?.code, 'chain.not-ready')
  })

  it('has true storage while two of three providers lie about it, and names them', async () => {
    const base = follow()
    await base.port.ready()
    for (const rpc of rpcs.slice(0, 2)) rpc.lie = wrongStorage
    const { values } = await base.port.storageAt(contracts[1], ['0x00'])
    assert.deepEqual(values.map(BigInt), [kept(word(5))])
    const banned = base.opened()?.chain.providers.standing() ?? []
    assert.deepEqual(
      banned.map(({ status }) => status),
      ['banned', 'banned', 'ok'],
    )
    assert.match((await metrics.expose()).body, /lariat_chain_provider_lies_total\{chain="base",.*kind="state"\} 1/)
    const many = Array.from({ length: 129 }, () => '0x00' as const)
    await assert.rejects(base.port.storageAt(contracts[1], many), { code: 'chain.range' })
    await base.close()
  })

  it('where the providers of one contradict each other: nothing is signed over that one alone', async () => {
    const base = follow()
    await base.port.ready()
    const head = base.opened()?.chain.heads.current('latest').number ?? 0n
    ;(rpcs[0] as LyingRpc).lie = forkedAt(head + 1n)
    await tests[1].rpc('anvil_mine', ['0x5'])
    await eventually(() => base.port.distrust()?.code === 'chain.contradiction', 'it was not noticed')
    const found = await furtherChainCheck(base, clock).run(new AbortController().signal)
    assert.equal(found?.status, 'fail')
    assert.match(found?.reason ?? '', /^nothing is signed over it: /)
    const { body } = await metrics.expose()
    assert.match(body, /lariat_chain_trusted\{chain="base"\} 0/)
    assert.match(body, /lariat_chain_trusted\{chain="stake"\} 1/)
    assert.equal(stake.distrust(), undefined)
    await ping(0, stake, 6)
    await base.close()
  })

  it('where one undid a final block: a start finds that on file, and signs nothing over that one alone', async () => {
    const { finality } = files(dataDir).chain('base')
    const record = openFinality(finality, recordedGenesis(finality) as Hex)
    const block = record.get()
    assert.ok(block !== undefined)
    record.halt({ ...block, instead: `0x${'88'.repeat(32)}`, at: 0 })
    const { port, close } = follow()
    await port.ready()
    assert.equal(port.distrust()?.code, 'chain.reorged')
    assert.equal(await value(1, port), kept(word(5)), 'it is read on')
    assert.equal(stake.distrust(), undefined)
    await close()
    record.settle(block)
  })

  it('is refused where its name had another genesis until now', async () => {
    const { attempted, notOpen, port, close } = follow([{ url: tests[0].anvil.rpcUrl }], 31_337)
    await attempted
    assert.match(notOpen()?.reason ?? '', /another chain of id 31337: .* correct chains\.base\.rpc or .*another name/)
    assert.equal(port.distrust()?.code, 'chain.not-ready')
    await close()
  })
})
