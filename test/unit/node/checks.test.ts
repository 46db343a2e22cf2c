import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceHealth } from '../../../src/avs/runner.ts'
import type { Chain } from '../../../src/chain/clients.ts'
import { runChecks } from '../../../src/node/api/health.ts'
import { type CheckedNode, nodeChecks } from '../../../src/node/checks.ts'
import type { RiskMonitor } from '../../../src/node/risk/monitor.ts'
import type { NodeService } from '../../../src/node/service.ts'
import type { Transport } from '../../../src/p2p/transport.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('health of a node', () => {
  const clock = new SimClock()
  let dataDir: string
  let headAgeMs: number | undefined
  let registered: string | undefined
  let problems: string[]

  const node = (): CheckedNode => ({
    clock,
    operator: `0x${'0a'.repeat(20)}`,
    dataDir,
    transport: { self: 'SELF' } as Transport,
    risk: { current: () => undefined } as RiskMonitor,
    chain: {
      providers: {
        count: 1,
        async ask() {
          if (headAgeMs === undefined) throw new LariatError('chain.unavailable', 'no provider answers')
          return { timestamp: BigInt(Math.floor((clock.now() - headAgeMs) / 1_000)) }
        },
      },
    } as unknown as Chain,
    services: [
      {
        name: 'prices',
        directory: { peerOf: () => registered },
        runner: { health: async () => ({ ok: problems.length === 0, problems }) as unknown as ServiceHealth },
      } as unknown as NodeService,
    ],
  })
  const ill = async () => {
    const { healthy, checks } = await runChecks(nodeChecks(node()), clock)
    const wrong = checks.filter(({ ok }) => !ok)
    assert.equal(healthy, wrong.length === 0)
    return wrong.map(({ name, problem }) => `${name}: ${problem}`)
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lariat-checks-'))
    await writeFile(join(dataDir, 'guard.sqlite'), '')
    headAgeMs = 1_000
    registered = 'SELF'
    problems = []
  })
  afterEach(() => rm(dataDir, { recursive: true }))

  it('is good when everything holds, also before the operator has registered', async () => {
    assert.deepEqual(await ill(), [])
    registered = undefined
    assert.deepEqual(await ill(), [])
  })

  it('tells a chain that does not answer, and one that stands still', async () => {
    headAgeMs = undefined
    assert.deepEqual(await ill(), ['chain: no provider answers'])
    headAgeMs = 200_000
    assert.match((await ill())[0] ?? '', /^chain: the newest block is 200 s old/)
  })

  it('tells a guard that cannot be written', async () => {
    await rm(join(dataDir, 'guard.sqlite'))
    assert.match((await ill())[0] ?? '', /^guard: .*guard\.sqlite cannot be written, so nothing is signed/)
  })

  it('tells a peer id that is not ours', async () => {
    registered = 'OTHER'
    assert.match(
      (await ill())[0] ?? '',
      /^prices: peer id: the chain has peer id OTHER .* is SELF: run lariat operator/,
    )
  })

  it('passes on what a service says', async () => {
    problems = ['no epoch is active', 'no quorum is connected']
    assert.deepEqual(await ill(), ['prices: no epoch is active; no quorum is connected'])
  })

  it('tells what an advisory check finds, and is well', async () => {
    const advice = [{ name: 'advice', advisory: true, run: () => 'mind this' }]
    assert.deepEqual(await runChecks(advice, clock), {
      healthy: true,
      checks: [{ name: 'advice', ok: false, advisory: true, problem: 'mind this' }],
    })
  })

  it('counts a check that does not answer as failed', async () => {
    const hangs = [{ name: 'slow', run: () => new Promise<undefined>(() => {}) }]
    const outcome = runChecks(hangs, clock)
    await clock.advance(3_000)
    assert.deepEqual(await outcome, {
      healthy: false,
      checks: [{ name: 'slow', ok: false, problem: 'no answer within 3000 ms' }],
    })
  })
})
