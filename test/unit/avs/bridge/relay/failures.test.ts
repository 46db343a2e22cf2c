import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LariatError } from 'lariat/avs'
import { relayField, relaySchema } from '../../../../../src/avs/bridge/relay/config.ts'
import { lookFailure, sendFailure } from '../../../../../src/avs/bridge/relay/failures.ts'
import { REASONS } from '../../../../../src/avs/bridge/relay/reasons.ts'
import { placeOf } from '../../../../../src/avs/bridge/relay/turns.ts'
import type { Address } from '../../../../../src/util/hex.ts'

const { signal } = new AbortController()
const reverted = (error: string) => new LariatError('chain.reverted', 'it reverted', { error })
const sent = (error: unknown) => {
  const failure = sendFailure(error, signal)
  return 'reason' in failure ? `${failure.scope} ${failure.reason}` : failure.scope
}

describe('what a failed delivery means', () => {
  it('is told by the contract’s error, and reaches as far as it concerns others', () => {
    for (const [error, expected] of [
      ['MessageAlreadyDelivered', 'delivered'],
      ['CheckpointNotRemembered', 'with-certificate'],
      ['ModulePaused', 'destination module-paused'],
      ['RouteClosed', 'route route-closed'],
      ['RouteUnknown', 'route no-route'],
      ['EpochNotLive', 'route epoch-not-here'],
      ['SignatureInvalid', 'message refused'],
      ['RateLimited', 'message rate-limited'],
      ['0x12345678', 'message recipient-reverts'],
    ] as const) {
      assert.equal(sent(reverted(error)), expected, error)
    }
  })

  it('is of the whole destination when the chain or the account cannot send', () => {
    for (const [code, expected] of [
      ['chain.unavailable', 'destination destination-down'],
      ['chain.not-ready', 'destination destination-down'],
      ['chain.no-funds', 'destination no-funds'],
      ['chain.fee-cap', 'destination gas-price'],
      ['chain.not-mined', 'destination not-mined'],
      ['chain.too-much-gas', 'message gas-limit'],
      ['bridge.tree', 'message refused'],
    ] as const) {
      assert.equal(sent(new LariatError(code, 'no')), expected, code)
    }
    assert.equal(sent(new TypeError('unexpected')), 'message refused')
  })

  it('is nothing when the node stops', () => {
    const stopped = AbortSignal.abort()
    assert.equal(sendFailure(new LariatError('chain.closed', 'no'), stopped).scope, 'stopping')
    assert.equal(lookFailure(new LariatError('chain.closed', 'no'), stopped).scope, 'stopping')
    const down = lookFailure(reverted('whatever'), signal)
    assert.deepEqual('reason' in down && [down.scope, down.reason], ['destination', 'destination-down'])
  })
})

describe('reasons why messages wait', () => {
  it('are all explained to operators', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../../docs/bridge.md'), 'utf8')
    for (const reason of Object.keys(REASONS))
      assert.ok(page.includes(`\`${reason}\``), `docs/bridge.md lacks ${reason}`)
  })
})

describe('configuration of deliveries', () => {
  it('is all defaults for `true`, and nothing for `false`', () => {
    assert.deepEqual(relayField().parse(true), relaySchema.parse({}))
    assert.equal(relayField().parse(false), undefined)
    const { ordered, maxGasPriceGwei, maxGas, stagger, from } = relaySchema.parse({ stagger: '2s', from: [7] })
    assert.deepEqual([ordered, maxGasPriceGwei, maxGas, stagger, from], [false, 50, 2_000_000, 2_000, [7]])
  })

  it('refuses what cannot be meant', () => {
    for (const wrong of [
      ...[{ maxGas: 100_000 }, { maxGas: 16_777_217 }, { maxGasPriceGwei: 0 }, { from: [] }, { from: [-1] }],
      ...[{ order: true }, 'yes'],
    ]) {
      assert.equal(relayField().safeParse(wrong).success, false, JSON.stringify(wrong))
    }
  })
})

describe('turns of operators', () => {
  const operators = Array.from({ length: 12 }, (_, i): Address => `0x${i.toString(16).padStart(40, '0')}`)

  it('are an order that all compute alike, another for each thing', () => {
    const order = (thing: string) => operators.slice(0, 6).map((own) => placeOf(thing, operators.slice(0, 6), own))
    assert.deepEqual(order('a').sort(), [0, 1, 2, 3, 4, 5])
    const firsts = new Set(['a', 'b', 'c', 'd', 'e', 'f'].map((thing) => order(thing).indexOf(0)))
    assert.ok(firsts.size > 1)
    const upper = operators.slice(0, 6).map((operator) => operator.toUpperCase().replace('0X', '0x') as Address)
    assert.equal(
      placeOf('a', upper, operators[3] as Address),
      placeOf('a', operators.slice(0, 6), operators[3] as Address),
    )
  })

  it('let nobody wait for more than eight, nor one who is not among them', () => {
    const places = operators.map((own) => placeOf('a', operators, own))
    assert.equal(Math.max(...places), 8)
    assert.equal(placeOf('a', operators.slice(0, 2), `0x${'ff'.repeat(20)}`), 2)
    assert.equal(placeOf('a', [], `0x${'ff'.repeat(20)}`), 0)
  })
})
