import assert from 'node:assert/strict'
import { coveredPercent, readLcov, renderCoverage } from '../../../scripts/lib/lcov.ts'

const TRACE = `TN:
SF:contracts/b.sol
FN:10,B.f
DA:10,1
DA:11,0
DA:9,0
BRDA:11,0,0,-
end_of_record
TN:
SF:contracts/a.sol
DA:3,0
DA:3,7
DA:4,2
end_of_record
SF:contracts/I.sol
end_of_record
`

describe('coverage of lines', () => {
  it('counts a line once, and leaves files without lines out', () => {
    assert.deepEqual(readLcov(TRACE), [
      { path: 'contracts/a.sol', lines: 2, missed: [] },
      { path: 'contracts/b.sol', lines: 3, missed: [9, 11] },
    ])
  })

  it('sums over lines, not over files', () => {
    assert.equal(coveredPercent(readLcov(TRACE)), 60)
    assert.equal(coveredPercent([]), 0)
  })

  it('prints which lines did not run', () => {
    assert.equal(
      renderCoverage(readLcov(TRACE)),
      [
        '100.00 %         2/2  contracts/a.sol',
        ' 33.33 %         1/3  contracts/b.sol  not: 9 11',
        ' 60.00 %         3/5  in all',
      ].join('\n'),
    )
  })
})
