import assert from 'node:assert/strict'
import { signWithShare } from '../../../../src/bls/secret/partial.ts'
import { startThreshold } from '../../../../src/bls/threshold/start.ts'
import { Blinds } from '../../../../src/signer/shares/blinds.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const SHARE = 0x1234_5678_9abc_def0n << 180n
const PERIOD = 3
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('the half of a partial that is made ahead', () => {
  let clock: SimClock
  let blinds: Blinds
  before(() => startThreshold())
  beforeEach(() => {
    clock = new SimClock()
    blinds = new Blinds(clock)
  })
  afterEach(() => blinds.close())

  it('is there for the next round half a period later, once for each share, and gives the same partial', async () => {
    assert.equal(blinds.take(8n), undefined)
    blinds.prepareNext(7n, 2, PERIOD)
    await clock.advance(PERIOD * 500)
    assert.equal(blinds.take(7n), undefined)
    const made = [blinds.take(8n), blinds.take(8n)]
    assert.equal(blinds.take(8n), undefined)
    assert.equal(new Set(made.map((one) => one?.part)).size, 2)
    const expected = hex(signWithShare(SHARE, 8n))
    for (const one of made) {
      assert.ok(one)
      assert.equal(hex(signWithShare(SHARE, 8n, one)), expected)
    }
  })

  it('of another round would give a partial that is none', async () => {
    blinds.prepareNext(7n, 1, PERIOD)
    await clock.advance(PERIOD * 500)
    const blind = blinds.take(8n)
    assert.ok(blind)
    assert.notEqual(hex(signWithShare(SHARE, 9n, blind)), hex(signWithShare(SHARE, 9n)))
  })

  it('is not replaced for the sake of a round that is over', async () => {
    blinds.prepareNext(7n, 1, PERIOD)
    await clock.advance(PERIOD * 500)
    blinds.prepareNext(3n, 1, PERIOD)
    await clock.advance(PERIOD * 500)
    assert.ok(blinds.take(8n))
  })

  it('is made for no more shares than an operator may hold, and not after the end', async () => {
    blinds.prepareNext(7n, 100, PERIOD)
    await clock.advance(PERIOD * 500)
    for (let i = 0; i < 8; i++) assert.ok(blinds.take(8n))
    assert.equal(blinds.take(8n), undefined)
    blinds.prepareNext(8n, 1, PERIOD)
    blinds.close()
    blinds.prepareNext(8n, 1, PERIOD)
    await clock.advance(PERIOD * 500)
    assert.equal(blinds.take(9n), undefined)
  })
})
