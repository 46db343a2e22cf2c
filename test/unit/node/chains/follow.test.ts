import assert from 'node:assert/strict'
import { createMemoryChain } from '../../../../src/chain/memory.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { healthOf } from '../../../../src/node/api/health.ts'
import { followChain } from '../../../../src/node/chains/follow.ts'
import { declareFollowMetrics } from '../../../../src/node/chains/metrics.ts'
import type { OpenedChain } from '../../../../src/node/chains/open.ts'
import { furtherChainCheck } from '../../../../src/node/selfcheck/furtherChain.ts'
import { statusText } from '../../../../src/node/status/text.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { fakeChain } from '../../../support/chain.ts'
import { memoryLog } from '../../../support/memoryLog.ts'
import { checkBench } from '../../../support/selfchecks.ts'

const ACCOUNT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

/** A chain whose opening the test decides. */
async function scripted() {
  const { chain, clock } = await fakeChain(undefined, { name: 'base' })
  const memory = createMemoryChain({ clock, log: silentLog })
  const log = memoryLog()
  const state = { failing: new Error('nobody answers') as Error | undefined, attempts: 0, closed: 0 }
  const following = followChain({
    ...{ name: 'base', chainId: 31_337, clock, log, metrics: declareFollowMetrics(createMetrics()) },
    async open(): Promise<OpenedChain> {
      state.attempts++
      if (state.failing !== undefined) throw state.failing
      return { chain, service: memory.as(ACCOUNT), close: async () => void state.closed++ }
    },
  })
  await following.attempted
  return { chain, clock, memory, log, state, following }
}

describe('a further chain', () => {
  it('that does not open is tried again, ever more rarely, and told once', async () => {
    const { clock, log, state, following, chain } = await scripted()
    for (const [ms, attempts] of [
      [999, 1],
      [1, 2],
      [2_000, 3],
      [4_000, 4],
      [60_000, 7],
    ] as const) {
      await clock.advance(ms)
      assert.equal(state.attempts, attempts, `after ${ms} ms more`)
    }
    assert.deepEqual(
      log.entries.map(({ level, fields }) => [level, fields.reason]),
      [['error', 'nobody answers']],
    )
    state.failing = undefined
    await clock.advance(30_000)
    await following.port.ready()
    assert.equal(following.notOpen(), undefined)
    assert.equal(log.entries.at(-1)?.level, 'info')
    await following.close()
    assert.equal(state.closed, 1)
    await clock.advance(60_000)
    assert.equal(state.attempts, 8)
    chain.close()
  })

  it('begins the watches that were asked for before, but not those that ended', async () => {
    const { clock, memory, state, following, chain } = await scripted()
    const seen: string[] = []
    following.port.heads('latest', ({ number }) => seen.push(`kept ${number}`))
    const end = following.port.heads('latest', ({ number }) => seen.push(`ended ${number}`))
    end()
    state.failing = undefined
    await clock.advance(1_000)
    memory.mine()
    assert.deepEqual(seen, ['kept 1'])
    await following.close()
    chain.close()
  })

  it('that is closed before it opened opens no more, and tells who waits', async () => {
    const { clock, state, following, chain } = await scripted()
    const waiting = following.port.ready()
    await following.close()
    await assert.rejects(waiting, { code: 'chain.closed' })
    await clock.advance(60_000)
    assert.equal(state.attempts, 1)
    chain.close()
  })

  it('makes the node ill while it is, by its name, and stops no signature of the node', async () => {
    const { clock, state, following, chain } = await scripted()
    const { selfChecks, metrics } = checkBench([furtherChainCheck(following, clock)], clock)
    await selfChecks.start(new AbortController().signal)
    const health = () => healthOf(selfChecks, ['prices'])
    assert.deepEqual([health().healthy, health().stopped], [false, {}])
    const [check] = health().checks
    assert.equal(check?.name, 'chain base')
    assert.match(check?.problem ?? '', /^it cannot be followed, and is tried again: nobody answers/)
    const line = 'lariat_self_check_status{check="further chain",service="",chain="base"}'
    assert.ok((await metrics.expose()).body.includes(`${line} 2`))
    state.failing = undefined
    await clock.advance(5_000)
    chain.trust.reorged({ number: 5n, hash: '0x01', instead: '0x02', at: 0 })
    await clock.advance(2_000)
    assert.deepEqual(following.port.distrust()?.code, 'chain.reorged')
    assert.match(health().checks[0]?.problem ?? '', /^nothing is signed over it: .* --chain base$/)
    assert.deepEqual(health().stopped, {})
    await selfChecks.stop()
    await following.close()
    chain.close()
  })
})

describe('lariat status', () => {
  const text = (chains: unknown) =>
    statusText({
      page: 'http://127.0.0.1:9520/',
      health: { healthy: true, stopped: {}, checks: [] },
      status: {
        ...{ version: '1', operator: ACCOUNT, startedAt: 0, now: 100, services: [], chains },
        chain: { id: 1, head: { number: '9', timestamp: '90' }, finalized: { number: '7' }, providers: 3 },
        p2p: { peerId: 'peer', connected: [] },
      },
    } as never)

  it('has a line for each further chain, and says over which nothing is signed', () => {
    const shown = text([
      {
        ...{ name: 'base', id: 8453, open: true, providers: 3, problem: null },
        ...{ head: { number: '50', timestamp: '98' }, finalized: { number: '40' } },
      },
      {
        ...{ name: 'dev', id: 5, open: false, providers: null, head: null, finalized: null },
        problem: { code: 'chain.not-ready', reason: 'nobody answers' },
      },
    ])
    assert.match(shown, /^chain base \(8453\) +block 50, 2 seconds old, final 40, 3 providers$/m)
    assert.match(shown, /^chain dev \(5\) +not followed; NOTHING IS SIGNED OVER IT: nobody answers$/m)
    assert.doesNotMatch(text(undefined), /^chain \w+ \(/m)
  })
})
