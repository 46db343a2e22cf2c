import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { SKEW_MARGIN_MS } from '../../../src/signer/guard.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { domain, operator, payloadOf, secret, statementOf } from '../../support/crash/law.ts'

const GENESIS = 1_700_000_000_000
const INTERVAL_MS = 12_000
const HOUR_MS = 3_600_000
/** Of a machine whose clock is this much ahead of, or behind, that of the one that is put back, ms. */
const SKEWS = [0, 1_500, -1_500]

const triggerOf = (slot: bigint) => GENESIS + Number(slot) * INTERVAL_MS
const slotAt = (time: number) => BigInt(Math.floor((time - GENESIS) / INTERVAL_MS))

/** A machine of the operator: a folder, and a signer that has just started on it. */
function start(folder: string, clock: SimClock) {
  const store = openGuardStore(join(folder, 'guard.sqlite'), { create: true })
  const signer = createLocalSigner({ domain, operator, secret, store, clock, log: silentLog, metrics: createMetrics() })
  /** Signs what a service would, with a window as wide as can be: what holds then holds in any. */
  const sign = (slot: bigint, payload: number, triggeredAt = triggerOf(slot)) =>
    signer.sign({
      statement: statementOf(0, slot, payloadOf(payload)),
      triggeredAt,
      window: { from: 0n, to: slotAt(clock.now()) },
    })
  return { store, sign }
}

describe('a machine put back to a snapshot of an hour ago, guard included', function () {
  this.timeout(60_000)
  let folder = ''
  const open: GuardStore[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-snapshot-'))
  })
  afterEach(() => {
    for (const store of open.splice(0)) store.close()
    rmSync(folder, { recursive: true })
  })

  for (const skew of SKEWS) {
    it(`signs nothing that conflicts with what it signed in that hour, its clock ${skew} ms off`, async () => {
      const [live, copy] = [join(folder, 'live'), join(folder, 'snapshot')]
      const clock = new SimClock(GENESIS + 1_000)
      const first = start(live, clock)
      open.push(first.store)
      const signed: bigint[] = []
      const signUntil = async (end: number) => {
        for (; clock.now() < end; await clock.advance(INTERVAL_MS)) {
          const slot = slotAt(clock.now())
          if (triggerOf(slot) < GENESIS + 1_000 + SKEW_MARGIN_MS) continue
          await first.sign(slot, 1)
          signed.push(slot)
        }
      }
      await signUntil(GENESIS + HOUR_MS / 4)
      cpSync(live, copy, { recursive: true }) // all three files and the memory beside them, while it runs: as a disk's snapshot
      const taken = signed.length
      await signUntil(GENESIS + HOUR_MS * 1.25)
      assert.ok(signed.length - taken >= 299, `${signed.length - taken} slots in that hour`)

      // it is put back at once: the last slot was triggered within this very interval
      const back = start(copy, new SimClock(clock.now() + skew))
      open.push(back.store)
      const outcomes = new Map<string, number>()
      for (const [i, slot] of signed.entries()) {
        const code = await back.sign(slot, 2).then(
          () => assert.fail(`slot ${slot} was signed a second time`),
          (error: { code: string }) => error.code,
        )
        assert.equal(code, 'guard.before-floor', `slot ${slot}, number ${i}`)
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
      }
      // an on-chain task has its block's time: the same holds of it
      await assert.rejects(back.sign(signed.at(-1) ?? 0n, 2, clock.now() - INTERVAL_MS), { code: 'guard.before-floor' })
    })
  }

  it('signs on with what comes after', async () => {
    const clock = new SimClock(GENESIS)
    const { store, sign } = start(folder, clock)
    open.push(store)
    await clock.advance(2 * INTERVAL_MS)
    assert.equal((await sign(2n, 2)).length, 96)
  })

  it('is refused before it signs at all where the memory beside the record was not put back with it', async () => {
    const clock = new SimClock(GENESIS)
    const first = start(folder, clock)
    await clock.advance(INTERVAL_MS)
    await first.sign(1n, 1)
    const copy = join(folder, 'backup')
    cpSync(join(folder, 'guard.sqlite'), join(copy, 'guard.sqlite'))
    cpSync(join(folder, 'guard.sqlite-wal'), join(copy, 'guard.sqlite-wal'))
    await clock.advance(INTERVAL_MS)
    await first.sign(2n, 1)
    first.store.close()
    cpSync(copy, folder, { recursive: true, force: true })
    assert.throws(() => start(folder, clock), { code: 'store.older' })
  })
})
