import assert from 'node:assert/strict'
import { clientVersionOf, followClientVersion } from '../../../src/chain/clientVersion.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('client versions of providers', () => {
  it('are name and version, as the AVS node specification writes them', () => {
    assert.equal(clientVersionOf('Nethermind/v1.17.2+e7a8a1a/linux-x64/dotnet7.0.5'), 'nethermind/v1.17.2')
    assert.equal(clientVersionOf('Geth/v1.13.4-stable-3f907d6a/linux-amd64/go1.21.3'), 'geth/v1.13.4-stable-3f907d6a')
    assert.equal(clientVersionOf('anvil/v1.7.1'), 'anvil/v1.7.1')
    assert.equal(clientVersionOf('reth'), 'reth')
  })

  it('carry nothing that a provider could harm with', () => {
    assert.equal(clientVersionOf(undefined), 'unknown')
    assert.equal(clientVersionOf({ toString: () => 'x' }), 'unknown')
    assert.equal(clientVersionOf('"}\nevil 1\n/v1'), 'unknown')
    assert.equal(clientVersionOf('geth"\n/v1.0{a="b"}'), 'geth/v1.0')
    assert.equal(clientVersionOf(`${'a'.repeat(1e6)}/v1`), 'a'.repeat(48))
  })

  it('are asked for again after an hour, and are few, whatever a provider says', async () => {
    const clock = new SimClock()
    let asked = 0
    const version = followClientVersion(async () => `fake/v${++asked}`, clock)
    const labels = new Set([version.current()])
    assert.deepEqual([...labels], ['unknown'])
    for (let hour = 0; hour < 20; hour++) {
      await clock.advance(1)
      labels.add(version.current())
      await clock.advance(3_600_000)
      version.current()
    }
    assert.ok(asked > 10 && asked < 30, `asked ${asked} times`)
    assert.deepEqual([...labels], ['unknown', 'fake/v1', 'fake/v2', 'fake/v3', 'fake/v4', 'other'])
  })

  it('stay what they were while a provider does not say', async () => {
    const clock = new SimClock()
    let silent = false
    const version = followClientVersion(async () => {
      if (silent) throw new Error('no such method')
      return 'geth/v1'
    }, clock)
    version.current()
    await clock.advance(1)
    silent = true
    await clock.advance(3_600_000)
    version.current()
    await clock.advance(1)
    assert.equal(version.current(), 'geth/v1')
  })
})
