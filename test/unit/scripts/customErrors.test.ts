import assert from 'node:assert/strict'
import { errorGaps } from '../../../scripts/lib/customErrors.ts'
import { blank } from '../../../scripts/lib/solidity.ts'

const file = (text: string, path = 'contracts/A.sol') => ({ path, text })
const gapsOf = (contracts: string[], tests: string[] = [], scripts: string[] = []) =>
  errorGaps(
    contracts.map((text, i) => file(text, `contracts/${i}.sol`)),
    tests.map((text) => file(text, 'contracts/test/T.sol')),
    scripts.map((text) => file(text, 'test/e2e/t.test.ts')),
  ).gaps.map(({ owner, name, gaps }) => `${owner}.${name}: ${gaps.join(', ')}`)

const THROWS = 'contract A { error Bad(); function f() external { require(false, Bad()); } }'

describe('custom errors that nobody throws or expects', () => {
  it('finds one that no test expects, and where it is declared', () => {
    const { errors, gaps } = errorGaps([file(`\n// first\n${THROWS}`)], [], [])
    assert.equal(errors, 1)
    assert.deepEqual(gaps, [{ name: 'Bad', owner: 'A', at: 'contracts/A.sol:3', gaps: ['expected by no test'] }])
  })

  it('is satisfied by a Solidity test that names the selector', () => {
    assert.deepEqual(
      gapsOf([THROWS], ['contract T { function t() external { vm.expectRevert(A.Bad.selector); } }']),
      [],
    )
  })

  it('follows aliases of imports and inheritance', () => {
    const contracts = ['interface IA { error Bad(); }', 'contract A is X(1), IA { function f() { revert Bad(); } }']
    assert.deepEqual(gapsOf(contracts, ['import {A as B} from "x"; contract T { bytes4 x = B.Bad.selector; }']), [])
    assert.deepEqual(gapsOf(contracts, ['contract T is A { bytes4 x = Bad.selector; }']), [])
  })

  it('tells errors of one name apart', () => {
    const contracts = [
      'interface IA { error Bad(); } interface IB { error Bad(); }',
      'contract A is IA { function f() { revert Bad(); } } contract B is IB { function f() { revert Bad(); } }',
    ]
    const tests = ['contract T { bytes4 x = IA.Bad.selector; }']
    assert.deepEqual(gapsOf(contracts, tests), ['IB.Bad: expected by no test'])
  })

  it('finds one that is declared only', () => {
    const tests = ['contract T { bytes4 x = IA.Bad.selector; }']
    assert.deepEqual(gapsOf(['interface IA { error Bad(uint256 x); }'], tests), ['IA.Bad: never thrown'])
  })

  it('takes errors of a library and of a file', () => {
    const library = 'error Loose();\nlibrary L { error Bad(); function f() internal { revert Bad(); } }'
    const user = 'contract A { function f() external { revert Loose(); } }'
    assert.deepEqual(gapsOf([library, user]), ['.Loose: expected by no test', 'L.Bad: expected by no test'])
    assert.deepEqual(
      gapsOf([library, user], ['contract T { bytes4 x = Loose.selector; bytes4 y = L.Bad.selector; }']),
      [],
    )
  })

  it('takes an error that assembly throws by its selector', () => {
    const contract = 'library L { error Bad(); function f() internal { fail(Bad.selector); } }'
    assert.deepEqual(gapsOf([contract], ['contract T { bytes4 y = L.Bad.selector; }']), [])
  })

  it('takes TypeScript that has the name in a string or a pattern', () => {
    assert.deepEqual(gapsOf([THROWS], [], ["await assert.rejects(f(), { name: 'Bad' })"]), [])
    assert.deepEqual(gapsOf([THROWS], [], ['await assert.rejects(f(), /: Bad\\b/)']), [])
    assert.deepEqual(gapsOf([THROWS], [], ['const Bad = 1']), ['A.Bad: expected by no test'])
  })

  it('does not take comments or strings for code', () => {
    assert.deepEqual(gapsOf([THROWS], ['// A.Bad.selector\n/* A.Bad.selector */ string x = "A.Bad.selector";']), [
      'A.Bad: expected by no test',
    ])
    assert.deepEqual(gapsOf([THROWS], [], ["// refuses with 'Bad'"]), ['A.Bad: expected by no test'])
    assert.equal(gapsOf(['/// error Bad();\ncontract A {}']).length, 0)
  })
})

describe('Solidity without comments and strings', () => {
  it('keeps offsets and lines', () => {
    const text = 'a "b\\"c" // d\n/* e\n f */ g \'h\''
    const code = blank(text)
    assert.equal(code.length, text.length)
    assert.equal(code.split('\n').length, 3)
    assert.equal(code.replace(/\s/g, ''), 'ag')
  })
})
