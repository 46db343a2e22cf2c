import assert from 'node:assert/strict'
import type { FeedTrigger, FollowedChain } from '../../../../src/avs/api.ts'
import { Pausable } from '../../../../src/avs/bridge/attest/pauses.ts'
import { modulePayload, pauseServices } from '../../../../src/avs/bridge/statements.ts'
import { withQuorum } from '../../../../src/avs/quorum.ts'
import { createMemoryEpochs } from '../../../../src/chain/memoryEpochs.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { castOf } from '../../../support/simnet.ts'

const ISM = `0x${'15'.repeat(20)}` as const

describe('votes to pause a module', () => {
  function setUp() {
    const clock = new SimClock()
    const module = { isPaused: false, pauseCount: 3n, down: false }
    const chain = {
      name: 'base',
      chainId: 8_453,
      read: async ({ functionName, block }: { functionName: 'isPaused' | 'pauseCount'; block: string }) => {
        assert.equal(block, 'finalized')
        if (module.down) throw new Error('nobody answers')
        return module[functionName]
      },
    } as unknown as FollowedChain
    const wish = { why: undefined as string | undefined }
    const pausable = new Pausable({ chain, domain: 9, ism: ISM, wanted: () => wish.why, clock, log: silentLog })
    const begun: string[] = []
    const ends = pausable.strands().map(({ name, triggers }) => {
      const [trigger] = triggers({} as never) as readonly FeedTrigger<undefined>[]
      return trigger?.start(({ slot }) => begun.push(`${name} ${slot}`) > 0)
    })
    return { clock, module, wish, pausable, begun, ends }
  }

  it('are given for as long as the module is not as the operator wants it', async () => {
    const { clock, module, wish, pausable, begun, ends } = setUp()
    await clock.advance(4_000)
    assert.deepEqual(begun, [])
    assert.equal(pausable.held(), undefined)
    wish.why = 'the supply is wrong'
    await clock.advance(2_000)
    assert.deepEqual(begun, ['base-pause 3'])
    assert.equal(pausable.problem(), undefined)
    assert.match(pausable.held() ?? '', /wants module 0x15.* of chain base paused: the supply is wrong/)
    module.isPaused = true
    await clock.advance(4_000)
    assert.deepEqual(begun, ['base-pause 3'])
    assert.match(pausable.problem() ?? '', /is paused \(pause 3\), by this operator too: the supply is wrong/)
    wish.why = undefined
    await clock.advance(2_000)
    assert.deepEqual(begun, ['base-pause 3', 'base-unpause 3'])
    assert.match(pausable.problem() ?? '', /by others: ask them why/)
    assert.equal(pausable.held(), pausable.problem())
    module.down = true
    module.isPaused = false
    await clock.advance(2_000)
    module.down = false
    module.pauseCount = 4n
    await clock.advance(2_000)
    for (const end of ends) end?.()
    begun.length = 0
    wish.why = 'again'
    await clock.advance(4_000)
    assert.deepEqual(begun, [])
  })

  it('are of the module alone, and its pause needs more than a third of the weight', () => {
    const { pausable } = setUp()
    const [pause, unpause] = pausable.strands()
    assert.deepEqual([pause?.serviceId, unpause?.serviceId], Object.values(pauseServices(8_453, ISM)))
    assert.equal(pause?.payload(undefined), modulePayload(8_453, ISM))
    assert.deepEqual([pause?.quorumBps, unpause?.quorumBps], [3_334, undefined])
  })

  it('see the same epochs under another quorum', async () => {
    const { table } = castOf(4)
    const epochs = createMemoryEpochs([table])
    const other = withQuorum(epochs, 3_334)
    assert.equal(other.byNumber(1n)?.quorumBps, 3_334)
    assert.equal(other.at(1), other.byNumber(1n), 'one table is one object')
    assert.equal(other.byNumber(2n), undefined)
    assert.equal((await other.membersOf?.(1n))?.length, 4)
    epochs.revoke(1n, 0)
    assert.deepEqual([...(other.at(1)?.revoked ?? [])], [0])
  })
})
