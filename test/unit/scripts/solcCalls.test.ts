import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const INPUT = {
  language: 'Solidity',
  sources: {
    'a.sol': {
      content: `pragma solidity ^0.8.0; import "./b.sol";
        contract A is B { mapping(address => uint64) public a; error Full(uint256 by);
        function add(uint64 x) external returns (uint64) { if (x > 7) revert Full(x - 7); return a[msg.sender] += x + b(x); } }`,
    },
    'b.sol': { content: 'contract B { function b(uint64 x) internal pure returns (uint64) { return x ** 3; } }' },
  },
  settings: { optimizer: { enabled: true }, outputSelection: { '*': { '*': ['*'], '': ['ast'] } } },
}
/** Exceptions of C++ inside the compiler, as it parses, looks up names, and generates code. */
const MANY = Array.from({ length: 20 }, (_, i) => `uint256 v${i}`)
const TOO_DEEP = `contract A { function f(${MANY.join(', ')}) external pure returns (uint256) { return v0 + v19; } }`
const FAULTS = ['contract {', 'contract A { Missing m; }', TOO_DEEP]
const withSource = (content: string) => JSON.stringify({ ...INPUT, sources: { 'a.sol': { content } } })

const SPED_UP = `require('./scripts/lib/solcCalls.cjs').loadSolc()`

/** What a script with \`solc\` gives, in a process of its own: loading it through the tests' loader takes many seconds. */
async function withSolc<T>(solc: string, script: string): Promise<T> {
  const args = ['-e', `const solc = ${solc}; console.log(JSON.stringify(${script}))`]
  return JSON.parse((await promisify(execFile)(process.execPath, args, { cwd: ROOT, maxBuffer: 1e8 })).stdout)
}

describe('the sped-up solc', function () {
  this.timeout(60_000)

  it('says what the package’s says, of code and of faults', async () => {
    const inputs = [JSON.stringify(INPUT), ...FAULTS.map(withSource)]
    const script = `${JSON.stringify(inputs)}.map((input) => solc.compile(input))`
    const [outputs, plain] = await Promise.all([
      withSolc<string[]>(SPED_UP, script),
      withSolc<string[]>(`require('solc')`, script),
    ])
    assert.deepEqual(outputs, plain)
    assert.match(outputs[0] ?? '', /"object":"60/)
    for (const output of outputs.slice(1)) assert.match(output, /"severity":"error"/)
  })

  it('asks for sources that it was not given, and hears of a failure to give them', async () => {
    const { 'b.sol': b, ...given } = INPUT.sources
    const input = JSON.stringify(JSON.stringify({ ...INPUT, sources: given }))
    const answers = JSON.stringify([{ contents: b.content }, { error: 'no such file' }])
    const script = `${answers}.map((answer) => solc.compile(${input}, { import: (path) => path === 'b.sol' ? answer : 0 }))`
    const [compiled, refused] = await withSolc<string[]>(SPED_UP, script)
    assert.match(compiled ?? '', /"object":"60/)
    assert.match(refused ?? '', /no such file/)
  })
})
