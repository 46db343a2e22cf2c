import assert from 'node:assert/strict'
import { beaconWords } from '../../../src/testnet/beaconWatch.ts'
import { bridgeWords } from '../../../src/testnet/bridgeWatch.ts'
import type { Testnet } from '../../../src/testnet/launcher.ts'
import type { LrtFact } from '../../../src/testnet/lrtWatch.ts'
import type { Facts } from '../../../src/testnet/report.ts'
import { lrtLines, summaryLine, tableLines } from '../../../src/testnet/table.ts'
import type { Address } from '../../../src/util/hex.ts'

const facts: Facts = {
  window: { first: 10n, last: 11n },
  rounds: new Map([
    [
      10n,
      {
        slot: 10n,
        triggeredAt: 0,
        certificateMs: new Map([['operator-1', 41.26]]),
        signers: [],
        answers: new Map([['BTC/USD', 2_000_000_000_000n]]),
      },
    ],
  ]),
  misses: new Map(),
  updates: [],
  feeds: [{ name: 'BTC/USD', address: `0x${'01'.repeat(20)}`, decimals: 8, latest: undefined }],
  operators: [],
  timeOf: (slot) => Number(slot) * 2_000,
}
const ONE = 10n ** 18n
const address = (i: number): Address => `0x${`0${i}`.repeat(20)}` as Address
const lrt: LrtFact = {
  rate: 1_012_345_678_912_345_678n,
  value: 128n * ONE,
  supply: 127n * ONE,
  backing: ONE,
  operators: [
    { operator: address(1), targetBps: 6_000, delegated: true, value: 70n * ONE },
    { operator: address(2), targetBps: 4_000, delegated: true, value: 30n * ONE },
  ],
  lsts: [
    { symbol: 'stETH', rate: ONE, depegged: false },
    { symbol: 'cbETH', rate: ONE + 1n, depegged: true },
  ],
}
const testnet = {
  restaking: { fact: () => undefined },
  collector: {
    facts: () => facts,
    nodes: () => [
      { name: 'operator-1', health: { healthy: true, checks: [{ name: 'chain', ok: true }] } },
      { name: 'operator-2', health: undefined },
    ],
  },
  chain: { head: () => 77n },
} as unknown as Testnet

describe('what a person sees of a testnet', () => {
  it('is a table: rounds, latency, operators, block, prices, and what is wrong', () => {
    const text = tableLines(testnet, 120).join('\n')
    assert.match(text, /rounds 1 certified, 1 missed/)
    assert.match(text, /p50 41\.3 ms/)
    assert.match(text, /operators 1 of 2 up/)
    assert.match(text, /block 77/)
    assert.match(text, /BTC\/USD +20000\.00000000 +10 +- +- +-/)
    assert.match(text, /operator-2: does not answer/)
  })

  it('is as wide as the terminal at most', () => {
    for (const line of tableLines(testnet, 40)) assert.ok(line.length < 40)
  })

  it('tells where the beacon is', () => {
    const beacon = { fact: () => ({ session: { number: 1n, phase: '3 dealings so far' }, chain: undefined }) }
    const withBeacon = { ...testnet, beacon } as unknown as Testnet
    assert.match(tableLines(withBeacon, 120).join('\n'), /^beacon: key generation 1, 3 dealings so far$/m)
    assert.match(summaryLine(withBeacon), / · beacon: key generation 1, 3 dealings so far · latency /)
    assert.equal(beaconWords(undefined), 'beacon: key generation is about to begin')
    const chain = { hash: `0x${'ab'.repeat(32)}`, sharing: 2n, threshold: 3, shares: 4, round: 57 } as const
    assert.equal(beaconWords({ session: undefined, chain }), 'beacon abababab…, round 57, sharing 2: 3 of 4 shares')
    assert.equal(
      beaconWords({ session: { number: 3n, phase: '0 dealings so far' }, chain: { ...chain, round: undefined } }),
      'beacon abababab…, round -, sharing 2: 3 of 4 shares, resharing 3, 0 dealings so far',
    )
  })

  it('tells what the bridge has carried', () => {
    const fact = { sent: 3, delivered: 2, last: undefined, waiting: undefined }
    const withBridge = { ...testnet, bridge: { fact: () => fact } } as unknown as Testnet
    assert.match(tableLines(withBridge, 120).join('\n'), /^bridge: 3 messages sent, 2 delivered$/m)
    assert.match(summaryLine(withBridge), / · bridge: 3 messages sent, 2 delivered · latency /)
    assert.equal(bridgeWords(undefined), 'bridge: no message yet')
    const waiting = { id: `0x${'ab'.repeat(32)}`, to: 'stake', seconds: 3 } as const
    assert.equal(
      bridgeWords({ ...fact, last: { ...waiting, to: 'away', seconds: 4 }, waiting }),
      'bridge: 3 messages sent, 2 delivered, the last lrtETH to the other chain in 4 s, 0xabababab… back for 3 s',
    )
  })

  it('is one line where there is no terminal', () => {
    assert.equal(
      summaryLine(testnet),
      '1 rounds certified, 1 missed, 0 updates on chain · BTC/USD - · latency p50 41.3 ms · 1 of 2 up',
    )
  })

  it('shows the LRT: rate, backing, and each operator’s target, stake and weight', () => {
    const operators = [1, 2].map((i) => ({ address: address(i), peer: undefined, weight: BigInt(i), up: true }))
    const text = lrtLines(lrt, { operators }).join('\n')
    assert.match(text, /lrtETH 1\.012345678 ETH {3}128\.00 ETH restaked {3}backing 100\.0 %/)
    assert.match(text, /target +60\.0 % +40\.0 %/)
    assert.match(text, /stake +70\.0 % +30\.0 %/)
    assert.match(text, /weight +33\.3 % +66\.7 %/)
    assert.match(text, /deposits of cbETH are stopped/)
    assert.deepEqual(lrtLines(undefined, { operators }), [])
  })
})
