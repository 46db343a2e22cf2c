import assert from 'node:assert/strict'
import type { FollowedChain } from '../../../../src/avs/api.ts'
import { SupplyWatch } from '../../../../src/avs/bridge/attest/supply.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { memoryLog } from '../../../support/memoryLog.ts'

const COLLATERAL = `0x${'c0'.repeat(20)}` as const
const TOKEN = `0x${'70'.repeat(20)}` as const
const DOMAIN = 9

describe('supply of a token over a bridge', () => {
  function setUp() {
    const clock = new SimClock()
    const figures = { locked: 100n, minted: 100n, down: false }
    const order: string[] = []
    const chainOf = (name: string, value: () => bigint) =>
      ({
        name,
        async read({ functionName, args, block }: { functionName: string; args: readonly unknown[]; block: string }) {
          order.push(functionName)
          assert.equal(block, 'finalized')
          assert.deepEqual(args, functionName === 'lockedFor' ? [DOMAIN] : [])
          if (figures.down) throw new Error('nobody answers')
          return value()
        },
      }) as unknown as FollowedChain
    const chain = chainOf('stake', () => figures.locked)
    const away = chainOf('base', () => figures.minted)
    const watch = new SupplyWatch(
      [{ chain, collateral: COLLATERAL, away, domain: DOMAIN, token: TOKEN }],
      clock,
      memoryLog(),
    )
    return { clock, figures, watch, order }
  }

  it('is a problem when more is minted than is locked, three looks in a row, until it is in accord again', async () => {
    const { clock, figures, watch, order } = setUp()
    await watch.start()
    await clock.advance(6_000)
    assert.equal(watch.problem(), undefined)
    assert.deepEqual(order.slice(0, 2), ['totalSupply', 'lockedFor'], 'what is locked is read after what is minted')
    figures.minted = 101n
    await clock.advance(4_000)
    assert.equal(watch.problem(), undefined, 'two looks are no proof')
    figures.minted = 100n
    await clock.advance(2_000)
    figures.minted = 101n
    await clock.advance(4_000)
    assert.equal(watch.problem(), undefined, 'the count begins anew')
    await clock.advance(2_000)
    assert.match(
      watch.problem() ?? '',
      /^101 of token 0x70.* on chain base, and 100 are locked for it by 0xc0.* on stake/,
    )
    figures.down = true
    await clock.advance(10_000)
    assert.ok(watch.problem() !== undefined, 'what cannot be read clears nothing')
    figures.down = false
    figures.minted = 99n
    await clock.advance(2_000)
    assert.equal(watch.problem(), undefined)
    await watch.stop()
    figures.minted = 101n
    await clock.advance(60_000)
    assert.equal(watch.problem(), undefined)
  })
})
