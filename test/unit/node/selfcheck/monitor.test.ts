import assert from 'node:assert/strict'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { createSelfChecks } from '../../../../src/node/selfcheck/monitor.ts'
import { type Finding, fail, type SelfCheck, warn } from '../../../../src/node/selfcheck/types.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { memoryLog } from '../../../support/memoryLog.ts'
import { checkBench } from '../../../support/selfchecks.ts'

describe('self-checks', () => {
  let clock: SimClock
  /** What the checks find, by name; a function may throw or hang. */
  let found: Record<string, () => Promise<Finding | undefined> | Finding | undefined>

  const check = (name: SelfCheck['name'], more: Partial<SelfCheck> = {}): SelfCheck => ({
    name,
    everyMs: 1_000,
    trustMs: 5_000,
    run: () => found[name]?.(),
    ...more,
  })
  const start = async (...checks: SelfCheck[]) => {
    const bench = checkBench(checks, clock)
    await bench.selfChecks.start(new AbortController().signal)
    return bench
  }

  beforeEach(() => {
    clock = new SimClock()
    found = {}
  })

  it('tell a turn once by log, with the status since when', async () => {
    const { selfChecks, log } = await start(check('chain'))
    const begun = clock.now()
    await clock.advance(10_000)
    assert.equal(log.entries.length, 0)
    found.chain = () => fail('nothing answers')
    await clock.advance(10_000)
    const [state] = selfChecks.states()
    assert.ok(state !== undefined)
    const { status, reason, stopsSigning, since } = state
    assert.deepEqual([status, reason, stopsSigning, since - begun], ['fail', 'nothing answers', false, 11_000])
    found = {}
    await clock.advance(10_000)
    assert.deepEqual(
      log.entries.map(({ level, message, fields }) => [level, message, fields.reason]),
      [
        ['error', 'a self-check fails', 'nothing answers'],
        ['info', 'a self-check is well again', undefined],
      ],
    )
    await selfChecks.stop()
  })

  it('let nothing be signed before the first look', async () => {
    const selfChecks = createSelfChecks({ services: ['prices'], clock, log: memoryLog(), metrics: createMetrics() })
    selfChecks.add(check('guard'))
    assert.match(selfChecks.refusal('prices') ?? '', /not begun/)
    await selfChecks.start(new AbortController().signal)
    assert.equal(selfChecks.refusal('prices'), undefined)
    await selfChecks.stop()
  })

  it('stop the signing of the node, or of one service, for what bears on correctness alone', async () => {
    const { selfChecks, metrics } = await start(check('guard'), check('chain'), check('key', { service: 'prices' }))
    const stopped = () => ['prices', 'other'].map((service) => selfChecks.refusal(service))
    found.chain = () => fail('nothing answers')
    await clock.advance(2_000)
    assert.deepEqual(stopped(), [undefined, undefined])
    found.key = () => fail('another key')
    await clock.advance(2_000)
    assert.deepEqual(stopped(), ['prices: key: another key', undefined])
    found.guard = () => fail('the disk is gone')
    await clock.advance(2_000)
    assert.deepEqual(stopped(), ['guard: the disk is gone', 'guard: the disk is gone'])
    assert.match((await metrics.expose()).body, /lariat_signing_stopped\{service="prices"\} 1/)
    found.guard = () => warn('slow')
    found.key = () => undefined
    await clock.advance(2_000)
    assert.deepEqual(stopped(), [undefined, undefined])
    assert.match((await metrics.expose()).body, /lariat_signing_stopped\{service="prices"\} 0/)
    await selfChecks.stop()
  })

  it('log when signing stops and goes on', async () => {
    const { selfChecks, log } = await start(check('guard'))
    found.guard = () => fail('the disk is gone')
    await clock.advance(2_000)
    found = {}
    await clock.advance(2_000)
    assert.deepEqual(
      log.entries.filter(({ message }) => message.startsWith('signing')).map(({ message }) => message),
      ['signing has stopped', 'signing goes on'],
    )
    await selfChecks.stop()
  })

  it('ask a check that can tell at once before each signature', async () => {
    let replaced: string | undefined
    const { selfChecks } = await start(check('guard', { everyMs: 60_000, now: () => replaced }))
    assert.equal(selfChecks.refusal('prices'), undefined)
    replaced = 'the file is gone'
    assert.equal(selfChecks.refusal('prices'), 'guard: the file is gone')
    await clock.advance(1_000)
    assert.equal(selfChecks.states()[0]?.status, 'fail')
    await selfChecks.stop()
  })

  it('believe the last finding for a while when no look can be made, and then fail closed', async () => {
    const { selfChecks } = await start(check('key', { service: 'prices' }))
    found.key = () => {
      throw new Error('no provider answers')
    }
    await clock.advance(4_000)
    const [early] = selfChecks.states()
    assert.deepEqual(
      [early?.status, early?.reason, selfChecks.refusal('prices')],
      ['warn', 'it cannot be looked at now: no provider answers', undefined],
    )
    await clock.advance(30_000)
    const [late] = selfChecks.states()
    assert.match(late?.reason ?? '', /the last look is 3\d s old: no provider answers/)
    assert.equal(late?.stopsSigning, true)
    assert.match(selfChecks.refusal('prices') ?? '', /no provider answers/)
    await selfChecks.stop()
  })

  it('keep a failing one failing while no look can be made', async () => {
    found.key = () => fail('another key')
    const { selfChecks } = await start(check('key', { service: 'prices' }))
    found.key = () => {
      throw new Error('no provider answers')
    }
    await clock.advance(4_000)
    assert.equal(selfChecks.refusal('prices'), 'prices: key: another key')
    await selfChecks.stop()
  })

  it('give up a look that takes too long, without holding up the others', async () => {
    found.guard = () => new Promise<undefined>(() => {})
    const bench = checkBench([check('guard'), check('chain')], clock)
    const started = bench.selfChecks.start(new AbortController().signal)
    await clock.advance(10_000)
    await started
    const [guard, chain] = bench.selfChecks.states()
    assert.deepEqual([guard?.status, guard?.reason], ['fail', 'no answer within 10000 ms'])
    assert.equal(chain?.status, 'pass')
    assert.equal(chain?.at, clock.now() - 10_000)
    await bench.selfChecks.stop()
  })

  it('fail closed after the clock has jumped, until the next look', async () => {
    const { selfChecks } = await start(check('guard', { everyMs: 5_000 }))
    // the process stood still for an hour: no timer fired
    const jumped = { now: () => clock.now() + 3_600_000, after: () => ({ cancel() {} }) }
    const frozen = checkBench([check('guard')], jumped)
    await frozen.selfChecks.look()
    assert.equal(frozen.selfChecks.refusal('prices'), undefined)
    jumped.now = () => clock.now() + 7_200_000
    assert.match(frozen.selfChecks.refusal('prices') ?? '', /the last look is 3600 s old/)
    await frozen.selfChecks.look()
    assert.equal(frozen.selfChecks.refusal('prices'), undefined)
    await selfChecks.stop()
  })

  it('end with a look under way, and look no more', async () => {
    let looks = 0
    const { selfChecks } = await start(
      check('guard', {
        run() {
          looks++
          return looks === 1 ? undefined : new Promise<undefined>(() => {})
        },
      }),
    )
    await clock.advance(1_500)
    await selfChecks.stop()
    await clock.advance(60_000)
    assert.equal(looks, 2)
  })
})
