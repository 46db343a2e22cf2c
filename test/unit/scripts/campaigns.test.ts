import assert from 'node:assert/strict'
import { judgeCampaigns, readCampaigns, sumCampaigns } from '../../../scripts/lib/campaigns.ts'

const REPORT = `Ran 1 test for contracts/test/invariants/Core.t.sol:CoreCampaign
\u001b[32m[PASS]\u001b[0m invariant_coreAddsUp() (runs: 400, calls: 100000, reverts: 0)
[FAIL: encumbered: 3 != 4]
	[Sequence] (original: 15, shrunk: 1)
		sender=0x1 addr=[contracts/x.sol:X]0x2 calldata=doMine(uint256) args=[3]
 invariant_other() (runs: 3, calls: 700, reverts: 1)
`

describe('campaigns', () => {
  it("are read out of forge's report", () => {
    assert.deepEqual(readCampaigns(REPORT), [
      { name: 'invariant_coreAddsUp', passed: true, runs: 400, calls: 100_000, reverts: 0 },
      { name: 'invariant_other', passed: false, runs: 3, calls: 700, reverts: 1 },
    ])
  })

  it('must have made the calls, and not broken', () => {
    const [good, broken] = readCampaigns(REPORT)
    assert.ok(good !== undefined && broken !== undefined)
    assert.deepEqual(judgeCampaigns([good], 100_000), [])
    assert.deepEqual(judgeCampaigns([good], 100_001), [
      'invariant_coreAddsUp: 100000 calls went through, of at least 100001',
    ])
    assert.equal(judgeCampaigns([broken], 700).length, 2)
    assert.deepEqual(judgeCampaigns([], 1), ['no campaign ran'])
  })

  it('are summed over the processes that ran parts of them', () => {
    const part = { name: 'a', passed: true, runs: 1, calls: 250, reverts: 0 }
    assert.deepEqual(sumCampaigns([part, { ...part, calls: 500, passed: false }, { ...part, name: 'b' }]), [
      { name: 'a', passed: false, runs: 2, calls: 750, reverts: 0 },
      { ...part, name: 'b' },
    ])
  })
})
