import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { readMutation, verdictOf } from '../../../scripts/lib/mutations.ts'

const PATCH = `Finding: a share's price could be moved by a donation
Turns red: contracts/test/lrt/AuditFindings.t.sol:testDonation

--- a/contracts/lrt/LrtVault.sol
+++ b/contracts/lrt/LrtVault.sol
@@ -1,3 +1,3 @@
 a
-b
+c
 d
`
const mutations = new URL('../../mutations/', import.meta.url)

describe('mutations', () => {
  it('name their finding and their test', () => {
    assert.deepEqual(readMutation('donation.patch', PATCH), {
      name: 'donation.patch',
      finding: "a share's price could be moved by a donation",
      file: 'contracts/test/lrt/AuditFindings.t.sol',
      test: 'testDonation',
    })
  })

  it('are one hunk of a contract', () => {
    assert.throws(() => readMutation('x', `${PATCH}@@ -9 +9 @@\n-a\n+b\n`), /2 hunks/)
    assert.throws(() => readMutation('x', PATCH.replaceAll('contracts/lrt/', 'contracts/test/')), /no contract of ours/)
    assert.throws(() => readMutation('x', PATCH.replace('Finding', 'Fund')), /Finding/)
    assert.throws(() => readMutation('x', PATCH.replace('Turns red', 'Turns')), /Turns red/)
  })

  it('in test/mutations are all of that form, and name tests that are there', () => {
    for (const name of readdirSync(mutations).filter((each) => each.endsWith('.patch'))) {
      const { file, test } = readMutation(name, readFileSync(new URL(name, mutations), 'utf8'))
      const tests = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
      assert.match(tests, new RegExp(`function ${test}\\(`), `${name} names a test that ${file} has not`)
    }
  })

  it("are judged by forge's report", () => {
    assert.equal(verdictOf('[PASS] testA() (gas: 1)\n', 'testA'), 'green')
    assert.equal(verdictOf('[FAIL: 1 != 2] testA() (gas: 1)\n', 'testA'), 'red')
    assert.equal(
      verdictOf('[FAIL: x[1]; counterexample: calldata=0x args=[1]] testA(uint256) (runs: 1)\n', 'testA'),
      'red',
    )
    assert.equal(verdictOf('[FAIL: no code] setUp() (gas: 0)\n', 'testA'), 'absent')
    assert.equal(verdictOf('[PASS] testAb() (gas: 1)\n', 'testA'), 'absent')
  })
})
