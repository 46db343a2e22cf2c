import assert from 'node:assert/strict'
import { Guard, KEEP_SLOTS, SKEW_MARGIN_MS } from '../../../src/signer/guard.ts'
import { JUMP_MS } from '../../../src/signer/jumps.ts'
import { guardedKey } from '../../../src/signer/key.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { memoryGuardStore } from '../../../src/store/memory.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import { statementDigest } from '../../../src/types/digest.ts'
import { Kind } from '../../../src/types/statement.ts'
import type { Clock } from '../../../src/util/clock.ts'
import { bytesToHex } from '../../../src/util/hex.ts'
import { bytes32, domain, metricValue, operator, request, secret, signerOptions, statement } from './fixtures.ts'

const streamOf = (changes = {}) => {
  const { service, kind } = statement(changes)
  return { ...domain, operator, service, kind }
}

describe('guard', () => {
  it('records before it gives a receipt, under the whole key, with the digest', async () => {
    const { options } = signerOptions()
    const guard = new Guard(options)
    const receipt = await guard.authorize(request())
    const digest = statementDigest(domain, statement())
    assert.deepEqual(guard.redeem(receipt), digest)
    assert.deepEqual(receipt.statement, statement())
    assert.deepEqual(options.store.find({ ...streamOf(), slot: 100n, attempt: 0 }), {
      epoch: 1n,
      payload: statement().payload,
      digest: bytesToHex(digest),
    })
  })

  it('allows the same payload again, under another epoch too, each with its own digest', async () => {
    const { options } = signerOptions()
    const guard = new Guard(options)
    await guard.authorize(request())
    assert.deepEqual(guard.redeem(await guard.authorize(request())), statementDigest(domain, statement()))
    const second = await guard.authorize(request({ epoch: 2n }))
    assert.deepEqual(guard.redeem(second), statementDigest(domain, statement({ epoch: 2n })))
  })

  it('refuses another payload, counts it and raises the alarm', async () => {
    const { options, lines, metrics } = signerOptions()
    const guard = new Guard(options)
    await guard.authorize(request())
    for (const epoch of [1n, 2n]) {
      await assert.rejects(guard.authorize(request({ epoch, payload: bytes32(0xb) })), {
        name: 'LariatError',
        code: 'guard.conflict',
        message: /another payload is on record for slot 100 attempt 0 .* Look for a second instance/,
      })
    }
    assert.equal(await metricValue(metrics, 'lariat_guard_refusals_total{reason="conflict"}'), 2)
    const alarms = lines.filter(({ level }) => level === 'error')
    assert.equal(alarms.length, 2)
    assert.equal(alarms[0]?.fields.reason, 'conflict')
    assert.equal(alarms[0]?.fields.payload, bytes32(0xb))
    await guard.authorize(request({ attempt: 1, payload: bytes32(0xb) }))
    await guard.authorize(request({ kind: Kind.observe, payload: bytes32(0xb) }))
  })

  it('refuses slots outside the window and records nothing of them', async () => {
    const { options, metrics } = signerOptions()
    const guard = new Guard(options)
    for (const slot of [94n, 106n, 1n << 62n]) {
      await assert.rejects(guard.authorize(request({ slot }, { window: { from: 95n, to: 105n } })), {
        code: 'guard.outside-window',
      })
      assert.equal(options.store.find({ ...streamOf(), slot, attempt: 0 }), undefined)
    }
    for (const slot of [95n, 105n]) await guard.authorize(request({ slot }, { window: { from: 95n, to: 105n } }))
    assert.equal(await metricValue(metrics, 'lariat_guard_refusals_total{reason="outside-window"}'), 3)
  })

  it('refuses what was triggered before its start plus the margin for clock skew', async () => {
    const { options, clock, lines, metrics } = signerOptions()
    const guard = new Guard(options)
    const started = clock.now()
    assert.equal(guard.floor, started + SKEW_MARGIN_MS)
    assert.equal(createLocalSigner(options).floor, guard.floor)
    await clock.advance(60_000)
    for (const triggeredAt of [started - 1, started, guard.floor - 0.001, Number.NaN]) {
      await assert.rejects(guard.authorize(request({}, { triggeredAt })), { code: 'guard.before-floor' })
    }
    assert.equal(options.store.find({ ...streamOf(), slot: 100n, attempt: 0 }), undefined)
    assert.equal(lines.filter(({ level }) => level !== 'debug').length, 0)
    await guard.authorize(request({}, { triggeredAt: guard.floor }))
    assert.equal(await metricValue(metrics, 'lariat_guard_refusals_total{reason="before-floor"}'), 4)
  })

  describe('on a machine whose clock jumps', () => {
    /** A machine: its own clock, moved by `setMs` against the one on which a process runs. */
    const machine = () => {
      const { options, clock, lines, metrics } = signerOptions()
      const state = { setMs: 0 }
      const own: Clock = {
        now: () => clock.now(),
        wall: () => clock.now() + state.setMs,
        after: (ms, fn) => clock.after(ms, fn),
      }
      return { options: { ...options, clock: own }, clock, lines, metrics, state }
    }
    const slotAt = (slot: bigint, triggeredAt: number, payload = bytes32(0xa)) =>
      request({ slot, payload }, { triggeredAt })

    it('refuses what another life may have signed, after a snapshot was restored with the memory of the process', async () => {
      const { options, clock, state, lines, metrics } = machine()
      const guard = new Guard(options)
      await clock.advance(60_000)
      await guard.authorize(slotAt(1n, clock.now()))
      // here the snapshot was taken. What was signed in the hour since, nothing here knows; then the clock is set right
      const hourMs = 3_600_000
      const restoredAt = clock.now() + hourMs
      state.setMs = hourMs
      for (const triggeredAt of [clock.now(), clock.now() + hourMs / 2, restoredAt, restoredAt + SKEW_MARGIN_MS - 1]) {
        await assert.rejects(guard.authorize(slotAt(2n, triggeredAt, bytes32(0xb))), { code: 'guard.before-floor' })
      }
      assert.equal(options.store.find({ ...streamOf(), slot: 2n, attempt: 0 }), undefined)
      assert.equal(guard.floor, restoredAt + SKEW_MARGIN_MS)
      await guard.authorize(slotAt(2n, guard.floor, bytes32(0xb)))
      const alarms = lines.filter(({ level }) => level === 'error')
      assert.equal(alarms.length, 1, 'told once')
      assert.equal(alarms[0]?.fields.jumpMs, hourMs)
      assert.equal(await metricValue(metrics, 'lariat_guard_clock_jumps_total'), 1)
    })

    it('raises the floor above the later of the two clocks, when the machine’s is set back too', async () => {
      const { options, clock, state } = machine()
      const guard = new Guard(options)
      await clock.advance(60_000)
      state.setMs = -3_600_000
      const { floor } = guard
      await assert.rejects(guard.authorize(slotAt(1n, clock.now())), { code: 'guard.before-floor' })
      assert.equal(guard.floor, clock.now() + SKEW_MARGIN_MS)
      assert.ok(guard.floor > floor)
      // and when that is mended
      await clock.advance(10_000)
      await guard.authorize(slotAt(2n, clock.now()))
      state.setMs = 0
      await assert.rejects(guard.authorize(slotAt(3n, clock.now())), { code: 'guard.before-floor' })
      await clock.advance(SKEW_MARGIN_MS)
      await guard.authorize(slotAt(3n, clock.now()))
    })

    it('lets small steps pass, until they add up', async () => {
      const { options, clock, state, metrics } = machine()
      const guard = new Guard(options)
      await clock.advance(60_000)
      for (let slot = 1n; slot <= 4n; slot++) {
        state.setMs += JUMP_MS / 5
        await guard.authorize(slotAt(slot, clock.now()))
      }
      state.setMs += JUMP_MS / 5
      await assert.rejects(guard.authorize(slotAt(5n, clock.now())), { code: 'guard.before-floor' })
      assert.equal(await metricValue(metrics, 'lariat_guard_clock_jumps_total'), 1)
    })

    it('never lowers it', async () => {
      const { options, clock, state } = machine()
      const guard = new Guard({ ...options, startedAt: clock.now() + 7_200_000 })
      const { floor } = guard
      state.setMs = 60_000
      await assert.rejects(guard.authorize(slotAt(1n, clock.now())), { code: 'guard.before-floor' })
      assert.ok(guard.floor >= floor)
    })
  })

  it('takes start and margin from its options', async () => {
    const { options } = signerOptions({ startedAt: 5_000, skewMarginMs: 250 })
    assert.equal(new Guard(options).floor, 5_250)
  })

  it('refuses what lies below the watermark', async () => {
    const { options } = signerOptions()
    options.store.prune(streamOf(), 101n)
    const guard = new Guard(options)
    await assert.rejects(guard.authorize(request()), { code: 'guard.below-watermark' })
    await guard.authorize(request({ slot: 101n }))
    await guard.authorize(request({ kind: Kind.propose }))
  })

  it('refuses a record of another chain of the same id', async () => {
    const { options, lines } = signerOptions()
    await new Guard(options).authorize(request())
    const other = new Guard({ ...options, domain: { ...domain, genesisHash: bytes32(0xdef) } })
    await assert.rejects(other.authorize(request({ slot: 101n })), { code: 'guard.foreign-domain' })
    assert.equal(lines.at(-1)?.level, 'error')
  })

  it('refuses when the record cannot be written, and keeps the cause', async () => {
    const failure = new Error('disk on fire')
    const broken: GuardStore = {
      ...memoryGuardStore(),
      checkAndInsert: () => {
        throw failure
      },
    }
    const { options, lines } = signerOptions({ store: broken })
    await assert.rejects(new Guard(options).authorize(request()), { code: 'guard.unavailable', cause: failure })
    assert.equal(lines.at(-1)?.level, 'error')
    assert.equal(lines.at(-1)?.fields.error, 'disk on fire')
    const { options: closed } = signerOptions()
    closed.store.close()
    await assert.rejects(new Guard(closed).authorize(request()), { code: 'guard.unavailable' })
  })

  it('forgets records far below the newest slot, never inside the window, and never lowers the watermark', async () => {
    const { options } = signerOptions({ keepSlots: 1_000n })
    const guard = new Guard(options)
    const watermark = () => options.store.watermark(streamOf())
    for (let slot = 0n; slot < 1_200n; slot++) await guard.authorize(request({ slot }))
    assert.ok(watermark() > 100n && watermark() <= 199n, `${watermark()}`)
    assert.equal(options.store.find({ ...streamOf(), slot: 50n, attempt: 0 }), undefined)
    assert.ok(options.store.find({ ...streamOf(), slot: 200n, attempt: 0 }))
    const before = watermark()
    await guard.authorize(request({ slot: 1_000n }))
    assert.equal(watermark(), before)
    await guard.authorize(request({ slot: 50_000n }, { window: { from: 500n, to: 50_000n } }))
    assert.equal(watermark(), 500n)
    await assert.rejects(guard.authorize(request({ slot: 499n })), { code: 'guard.below-watermark' })
    await guard.authorize(request({ slot: 600n }))
    assert.equal(watermark(), 500n)
    assert.ok(KEEP_SLOTS > 1_000n)
  })

  it('signs on when pruning fails, and says so', async () => {
    const store = memoryGuardStore()
    const { options, lines } = signerOptions({
      keepSlots: 10n,
      store: {
        ...store,
        prune: () => {
          throw new Error('no space')
        },
      },
    })
    await new Guard(options).authorize(request({ slot: 5_000n }))
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields.error]),
      [['warn', 'no space']],
    )
  })
})

describe('guard receipts', () => {
  it('cannot be forged: a key signs for what its own guard recorded and for nothing else', async () => {
    const { options } = signerOptions()
    const guard = new Guard(options)
    const key = guardedKey(secret, guard)
    const receipt = await guard.authorize(request())
    assert.equal(key.sign(receipt).length, 96)

    const other = new Guard(signerOptions().options)
    const make = receipt.constructor as new (made: unknown) => typeof receipt
    const forged: unknown[] = [
      await other.authorize(request()), // of another guard
      new make(statement({ slot: 999n })), // by the class found through a receipt
      Object.create(receipt),
      structuredClone({ statement: receipt.statement }),
      { ...receipt, statement: statement() },
      statementDigest(domain, statement()),
      bytesToHex(statementDigest(domain, statement())),
      undefined,
      null,
    ]
    for (const [i, forgery] of forged.entries()) {
      assert.throws(() => key.sign(forgery as typeof receipt), { code: 'guard.forged-receipt' }, `forgery ${i}`)
    }
  })

  it('stand for the statement that was recorded, even when the caller’s object changes as it is read', async () => {
    const { options } = signerOptions()
    const guard = new Guard(options)
    let reads = 0
    const shifting = { ...statement() }
    Object.defineProperty(shifting, 'payload', { enumerable: true, get: () => bytes32(++reads) })
    const receipt = await guard.authorize({ ...request(), statement: shifting })
    const { payload } = receipt.statement
    assert.equal(options.store.find({ ...streamOf(), slot: 100n, attempt: 0 })?.payload, payload)
    assert.deepEqual(guard.redeem(receipt), statementDigest(domain, statement({ payload })))
  })

  it('cannot be turned to another statement after the fact', async () => {
    const { options } = signerOptions()
    const guard = new Guard(options)
    const given = { ...statement() }
    const receipt = await guard.authorize({ ...request(), statement: given })
    const digest = statementDigest(domain, statement())
    given.payload = bytes32(0xbad)
    guard.redeem(receipt).fill(0)
    assert.throws(() => Object.assign(receipt, { statement: given }), TypeError)
    assert.deepEqual(guard.redeem(receipt), digest)
    assert.deepEqual(receipt.statement, statement())
  })
})
