import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Abi, encodeErrorResult, parseAbi } from 'viem'
import { decodeRevert, reverted } from '../../../src/chain/errors.ts'
import { explainRefusal } from '../../../src/chain/knownErrors.ts'

const ROOT = join(import.meta.dirname, '../../..')

const CORE_ABIS = [
  'allocationManager',
  'delegationManager',
  'keyRegistrar',
  'permissionController',
  'rewardsCoordinator',
  'serviceManager',
  'strategy',
  'strategyManager',
  'testToken',
  'stakingPool',
  'stETH',
  'wstETH',
  'rETH',
  'cbETH',
  'cbEthPool',
  'validators',
]

/** Names of all errors of every ABI that TypeScript reads of the core and of ServiceManagers. */
async function errorsOfAbis(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const file of CORE_ABIS) {
    const module = (await import(join(ROOT, `src/chain/abi/${file}.ts`))) as Record<string, Abi>
    for (const abi of Object.values(module)) {
      for (const item of abi) if (item.type === 'error') found.set(item.name, file)
    }
  }
  return found
}

/** Those of the real core. */
function errorsOfVectors(): Map<string, string> {
  const vectors = JSON.parse(readFileSync(join(ROOT, 'test/vectors/eigenlayer-selectors.json'), 'utf8')) as Record<
    string,
    { errors?: Record<string, string> | readonly string[] }
  >
  const found = new Map<string, string>()
  for (const [contract, { errors }] of Object.entries(vectors)) {
    if (errors === undefined) continue
    for (const signature of Array.isArray(errors) ? errors : Object.keys(errors)) {
      found.set(signature.slice(0, signature.indexOf('(')), contract)
    }
  }
  return found
}

describe('words for what contracts refuse', () => {
  it('are there for every error of our ABIs and of the real core', async () => {
    const errors = new Map([...(await errorsOfAbis()), ...errorsOfVectors()])
    assert.ok(errors.size > 80, `${errors.size} errors`)
    const silent = [...errors].filter(([name]) => explainRefusal(name) === undefined)
    assert.deepEqual(silent, [], 'add a sentence to src/chain/refusals')
  })

  it('say in one sentence what and how to mend', async () => {
    for (const name of new Map([...(await errorsOfAbis()), ...errorsOfVectors()]).keys()) {
      const words = explainRefusal(name) ?? ''
      assert.ok(words.length > 30 && !words.endsWith('.') && /[;:,]/.test(words), `${name}: ${words}`)
    }
  })

  it('come with the error, also of a contract further in than the one that was called', () => {
    const abi = parseAbi(['error InsufficientMagnitude()', 'error OperatorKeyUsed(address operator)'])
    const other = parseAbi(['function f()'])
    const data = encodeErrorResult({ abi, errorName: 'InsufficientMagnitude' })
    assert.match(
      reverted('allocate', data, other).message,
      /^allocate reverted: InsufficientMagnitude\(\): more than is free/,
    )
    const used = encodeErrorResult({ abi, errorName: 'OperatorKeyUsed', args: [`0x${'11'.repeat(20)}`] })
    assert.deepEqual(decodeRevert(used, other), { error: 'OperatorKeyUsed', args: [`0x${'11'.repeat(20)}`] })
  })
})
