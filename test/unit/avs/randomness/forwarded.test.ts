import assert from 'node:assert/strict'
import type { MessageVerdict } from '../../../../src/avs/api.ts'
import { Forwarded } from '../../../../src/avs/randomness/beacon/forwarded.ts'
import { Gathering, type PartialScheme } from '../../../../src/avs/randomness/beacon/gathering.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

describe('forwarded partials', () => {
  let clock: SimClock
  let checks: number[]
  let exhausted: boolean
  let confirmed: number
  let forwarded: Forwarded
  let gathering: Gathering
  const scheme: PartialScheme = {
    combine: () => new Uint8Array(48),
    lieTogether: async () => false,
    async findBad(_sharing, _round, partials) {
      checks.push(partials.length)
      return { invalid: partials.flatMap(({ signature }, i) => (signature[0] === 0 ? [i] : [])), exhausted }
    },
  }
  beforeEach(() => {
    clock = new SimClock()
    checks = []
    exhausted = false
    confirmed = 0
    forwarded = new Forwarded(clock, scheme, () => confirmed++)
    const sharing = { sharing: 1n, switchRound: 1n, threshold: 9, members: [], polynomial: new Uint8Array() }
    gathering = new Gathering(1n, sharing, scheme)
  })
  const partial = (index: number, first = 1) => ({ index, signature: Uint8Array.of(first) })
  const judge = (...partials: ReturnType<typeof partial>[]) => Promise.resolve(forwarded.judge(gathering, partials))

  it('of a round are verified together, and each message gets its own verdict', async () => {
    const verdicts = Promise.all([judge(partial(1)), judge(partial(2), partial(3, 0)), judge(partial(4))])
    await clock.advance(30)
    assert.deepEqual(await verdicts, ['accept', 'reject', 'accept'] satisfies MessageVerdict[])
    assert.deepEqual(checks, [4])
    assert.equal(confirmed, 1)
    assert.deepEqual([...gathering.present].sort(), [1, 2, 4])
  })

  it('that are known to be true are handed on without a check', async () => {
    gathering.confirm(partial(1))
    assert.equal(await judge(partial(1)), 'accept')
    assert.deepEqual(checks, [])
  })

  it('are neither used nor held against anybody when the search was given up', async () => {
    exhausted = true
    const verdicts = Promise.all([judge(partial(1)), judge(partial(2, 0))])
    await clock.advance(30)
    assert.deepEqual(await verdicts, ['ignore', 'reject'])
    assert.deepEqual([...gathering.present], [])
  })

  it('wait in a bounded number, and are let go at the end', async () => {
    const waiting = Array.from({ length: 128 }, (_, index) => judge(partial(index)))
    assert.equal(await judge(partial(999)), 'ignore')
    forwarded.stop()
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['ignore']))
    await clock.advance(30)
    assert.deepEqual(checks, [])
  })
})
