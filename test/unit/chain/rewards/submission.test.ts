import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { lastInterval, PAYING, PAYING_SELECTOR, payingArgs, totalOf } from '../../../../src/chain/rewards/submission.ts'
import type { Address } from '../../../../src/util/hex.ts'

const DAY = 86_400
const of = (i: number): Address => `0x${i.toString(16).padStart(40, '0')}`

describe('a submission of rewards', () => {
  it('is made by the function that EigenLayer has', async () => {
    const file = new URL('../../../vectors/eigenlayer-selectors.json', import.meta.url)
    const { IRewardsCoordinator } = JSON.parse(await readFile(file, 'utf8')) as {
      IRewardsCoordinator: { functions: Record<string, { selector: string }> }
    }
    const [found] = Object.entries(IRewardsCoordinator.functions).filter(([name]) => name.startsWith(`${PAYING}(`))
    assert.equal(found?.[1].selector, PAYING_SELECTOR)
  })

  it('is for the last whole interval that is over by then', () => {
    assert.deepEqual(lastInterval(10 * DAY + 5, DAY), { start: 9 * DAY, duration: DAY })
    assert.deepEqual(lastInterval(10 * DAY + 1, DAY), { start: 9 * DAY, duration: DAY })
    // the coordinator wants the end before the block's time, not at it
    assert.deepEqual(lastInterval(10 * DAY, DAY), { start: 8 * DAY, duration: DAY })
    assert.deepEqual(lastInterval(11 * DAY - 1, DAY), { start: 9 * DAY, duration: DAY })
  })

  it('has operators and strategies in ascending order, by value and not by case', () => {
    const [a, b] = ['0x00000000000000000000000000000000000000Ab', of(0xac)] as const
    const rewards = {
      token: of(1),
      rewards: [
        { operator: b, amount: 2n },
        { operator: a as Address, amount: 3n },
      ],
      strategies: [
        { strategy: of(7), multiplier: 1n },
        { strategy: of(6), multiplier: 2n },
      ],
      description: 'rounds',
    }
    const [avs, [submission]] = payingArgs(of(5), rewards, { start: DAY, duration: 2 * DAY })
    assert.equal(avs, of(5))
    assert.deepEqual(submission, {
      strategiesAndMultipliers: [rewards.strategies[1], rewards.strategies[0]],
      token: of(1),
      operatorRewards: [rewards.rewards[1], rewards.rewards[0]],
      startTimestamp: DAY,
      duration: 2 * DAY,
      description: 'rounds',
    })
    assert.equal(totalOf(rewards), 5n)
  })
})
