import assert from 'node:assert/strict'
import { differences } from '../../../../scripts/lib/jsonShape.ts'
import type { FollowedChain } from '../../../../src/avs/api.ts'
import type { MailboxConfig } from '../../../../src/avs/bridge/config.ts'
import type { WaitingOf } from '../../../../src/avs/bridge/relay/relayer.ts'
import { checkpointPayload, Level, streamService } from '../../../../src/avs/bridge/statements.ts'
import { bridgeStatus } from '../../../../src/avs/bridge/status.ts'
import { toJson } from '../../../../src/util/json.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { HOOK, MemoryCertificates, memorySource } from '../../../support/bridge.ts'

describe('status of the bridge', () => {
  const start = 1_700_000_000_000
  function world() {
    const clock = new SimClock(start)
    const chain = { name: 'base' } as FollowedChain
    const source = memorySource({ domain: 1, destination: 2, hook: HOOK, now: () => clock.now(), chain })
    const certificates = new MemoryCertificates()
    const module = { domain: 2, known: { isPaused: false, count: 3n }, why: undefined as string | undefined }
    const relayer = { found: [] as WaitingOf[], why: undefined as string | undefined }
    const supply = { why: undefined as string | undefined }
    const state = {
      sources: [
        { source, config: { chain: 'base', fast: 2 } as MailboxConfig },
        { source: memorySource({ domain: 2, destination: 1, now: () => clock.now() }), config: { chain: 'away' } },
      ],
      modules: [
        {
          ...module,
          get known() {
            return module.known
          },
          held: () => module.why,
        },
      ],
      supply: { problem: () => supply.why },
      relayers: [{ waiting: () => relayer.found, problem: () => relayer.why }],
    }
    const read = () => bridgeStatus.read({ state, certificates, clock } as never)
    const attest = (index: number, level: Level = Level.finalized) => {
      const checkpoint = source.checkpoint(index) ?? assert.fail()
      const service = streamService(source, level)
      certificates.add(service, BigInt(index), 4n, checkpointPayload(checkpoint), clock.now())
    }
    return { clock, source, module, relayer, supply, read, attest }
  }
  const linesOf = ({ read }: ReturnType<typeof world>) =>
    read().lines.map(({ about, text, state }) => `${state} ${about}: ${text}`)

  it('tells how far each stream is attested to, and of what age that is', async () => {
    const one = world()
    assert.deepEqual(linesOf(one), [
      'ok base finalized: no message in a final block yet',
      'ok base fast: no message in a final block yet',
      'ok away finalized: no message in a final block yet',
    ])
    const recipient = `0x${'0e'.repeat(20)}` as const
    one.source.dispatch({ recipient })
    await one.clock.advance(5_000)
    assert.match(
      linesOf(one)[0] ?? '',
      /^warn base finalized: attested to nothing yet; the newest final one is 0, \d+ seconds? old$/,
    )
    one.attest(0)
    one.attest(0, Level.fast)
    await one.clock.advance(10_000)
    assert.deepEqual(linesOf(one).slice(0, 2), [
      'ok base finalized: attested to message 0, 10 seconds ago, epoch 4',
      'ok base fast: attested to message 0, 10 seconds ago, epoch 4',
    ])
    one.source.dispatch({ recipient })
    assert.match(linesOf(one)[0] ?? '', /^ok base finalized: attested to message 0, .*; the newest final one is 1, /)
  })

  it('tells what is halted, paused, minted without cover, and what waits for whom', async () => {
    const one = world()
    one.source.halt('it contradicts itself')
    one.module.known = { isPaused: true, count: 3n }
    one.module.why = 'others want it so'
    one.supply.why = 'more is minted than locked'
    const oldest = one.clock.now() - 12_000
    const reasons = new Map([
      ['turn', 2],
      ['not-attested', 1],
    ] as const)
    one.relayer.found = [
      { origin: 1, destination: 2, reasons, oldest },
      { origin: 7, destination: 2, reasons: new Map(), oldest: undefined },
    ]
    const lines = linesOf(one)
    assert.equal(lines[0], 'fail base finalized: HALTED: it contradicts itself')
    assert.deepEqual(lines.slice(3), [
      'fail module of away: PAUSED: others want it so',
      'fail supply: more is minted than locked',
      'ok base → away: 3 messages wait, the oldest for 12 seconds: 2 turn, 1 not-attested',
      'ok domain 7 → away: nothing waits to be delivered',
    ])
    await one.clock.advance(300_000)
    assert.match(linesOf(one)[5] ?? '', /^warn base → away/)
    one.relayer.why = 'nothing is delivered to domain 2'
    assert.match(linesOf(one)[5] ?? '', /^fail base → away/)
  })

  it('tells the same to programs, in the shape that it declares', () => {
    const one = world()
    one.source.dispatch({ recipient: `0x${'0e'.repeat(20)}` })
    one.attest(0)
    one.relayer.found = [{ origin: 1, destination: 2, reasons: new Map([['turn', 1]] as const), oldest: start }]
    const facts = JSON.parse(toJson(one.read().facts))
    assert.deepEqual(differences(facts, bridgeStatus.json), [])
    assert.deepEqual(facts.streams[0], {
      ...{ chain: 'base', domain: 1, level: 'finalized', messages: 1, halted: null },
      final: { index: 0, time: start / 1_000 },
      attested: { index: 0, epoch: '4', at: start / 1_000 },
    })
    assert.deepEqual(facts.deliveries, [
      { origin: 1, destination: 2, problem: null, waiting: 1, oldest: start / 1_000, reasons: { turn: 1 } },
    ])
  })
})
