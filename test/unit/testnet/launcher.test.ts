import assert from 'node:assert/strict'
import { startTestnet } from '../../../src/testnet/launcher.ts'
import { syntheticSeries } from '../../../src/testnet/venues/synthetic.ts'

describe('the launcher of a testnet', () => {
  it('refuses more remote signers than operators before it starts anything', async () => {
    const steps: string[] = []
    const started = startTestnet({
      lariat: { file: process.execPath, args: [] },
      artifacts: '/nowhere',
      operators: 4,
      remoteSigners: 5,
      series: syntheticSeries({ seed: 1 }),
      speed: 1,
      interval: 2,
      onStep: (step) => void steps.push(step),
      signal: new AbortController().signal,
    })
    await assert.rejects(started, { code: 'usage.testnet', message: /--remote-signers: there are 4 operators/ })
    assert.deepEqual(steps, [])
  })
})
