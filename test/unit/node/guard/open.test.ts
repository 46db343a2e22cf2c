import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { SnapshotRead } from '../../../../src/chain/snapshot.ts'
import { Exit, exitCodeOf } from '../../../../src/node/exit.ts'
import { makeGuard, makeGuardBeforeKey, openNodeGuard } from '../../../../src/node/guard/open.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { cleanUp, temporaryFolder } from '../../store/suites.ts'

const operator: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const here: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const there: Address = '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512'

/** A chain on which the operator has registered keys with these contracts. */
function chainWith(registered: readonly Address[]) {
  const asked: Address[] = []
  const read = async ({ address, functionName, args }: { address: Address; functionName: string; args: unknown[] }) => {
    assert.deepEqual([functionName, args], ['keyOf', [operator]])
    asked.push(address)
    return registered.includes(address) ? `0x${'01'.repeat(128)}` : '0x'
  }
  return { asked, snapshot: async () => ({ read: read as unknown as SnapshotRead }) }
}

describe('guard of a node', () => {
  let path = ''
  beforeEach(() => {
    path = join(temporaryFolder(), 'data', 'guard.sqlite')
  })
  afterEach(cleanUp)
  const options = (registered: readonly Address[]) => ({
    ...{ path, operator, serviceManagers: [here, there] },
    ...chainWith(registered),
  })

  it('is made when no key of the operator is on chain, and opened from then on without asking', async () => {
    const first = options([])
    const made = await openNodeGuard(first)
    made.close()
    assert.deepEqual(first.asked, [here, there])
    const second = options([here])
    const again = await openNodeGuard(second)
    again.close()
    assert.deepEqual(second.asked, [])
  })

  it('that is missing while a key is on chain is refused, wherever it was registered, with an exit code of its own', async () => {
    for (const place of [here, there]) {
      const error = await openNodeGuard(options([place])).then(
        () => assert.fail('it was opened'),
        (problem: unknown) => problem,
      )
      assert.ok(error instanceof Error)
      assert.match(
        error.message,
        new RegExp(`guard.sqlite is missing, and ${place} has a key of ${operator}.*lariat guard accept`),
      )
      assert.equal(exitCodeOf(error), Exit.guard)
      assert.equal(existsSync(path), false)
    }
  })

  it('that is missing is not made while the chain cannot be asked', async () => {
    const silent = async (): Promise<never> => {
      throw new Error('no provider answers')
    }
    await assert.rejects(openNodeGuard({ ...options([]), snapshot: silent }), /no provider answers/)
    assert.equal(existsSync(path), false)
  })

  it('that vanished is refused although the chain knows nothing: the memory beside it knows', async () => {
    makeGuard(path)
    rmSync(path)
    await assert.rejects(openNodeGuard(options([])), { code: 'store.missing', message: /guard.seen remembers it/ })
    assert.throws(() => makeGuard(path), { code: 'store.missing' })
  })

  it('is made before the first key is registered, and never beside a key that is there already', async () => {
    await makeGuardBeforeKey(options([there]))
    assert.equal(existsSync(path), false)
    await makeGuardBeforeKey(options([]))
    assert.equal(existsSync(path), true)
    await makeGuardBeforeKey(options([there]))
    ;(await openNodeGuard(options([here]))).close()
  })
})
