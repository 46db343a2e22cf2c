import assert from 'node:assert/strict'
import { secondSelfCheck } from '../../../../src/node/selfcheck/secondSelf.ts'
import { signerCheck } from '../../../../src/node/selfcheck/signer.ts'

const { signal } = new AbortController()

describe('self-checks of signing', () => {
  it('second self: fails, and stops signing at once, while a sighting is not settled', async () => {
    let sighting: { at: number; reason: string } | undefined
    const check = secondSelfCheck({ current: () => sighting })
    assert.deepEqual([await check.run(signal), check.now?.()], [undefined, undefined])
    sighting = { at: 1, reason: 'another instance of this operator runs' }
    const reason = 'another instance of this operator runs: find and stop it, then run lariat resume'
    assert.deepEqual([await check.run(signal), check.now?.()], [{ status: 'fail', reason }, reason])
    sighting = undefined
    assert.equal(await check.run(signal), undefined)
  })

  it('signer: tells what keeps the keys from being used', async () => {
    let problem: string | undefined
    const check = signerCheck({ check: async () => problem })
    assert.equal(await check.run(signal), undefined)
    problem = 'the remote signer at https://signer:9530 is not there'
    assert.deepEqual(await check.run(signal), { status: 'fail', reason: problem })
  })
})
