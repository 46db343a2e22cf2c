import assert from 'node:assert/strict'
import type { Deployment } from '../../../../src/chain/deployment.ts'
import { parseAddress } from '../../../../src/node/rewards/claim.ts'
import { openRewards } from '../../../../src/node/rewards/open.ts'
import { rootNotes } from '../../../../src/node/rewards/words.ts'
import { systemClock } from '../../../../src/util/clock.ts'
import { LariatError } from '../../../../src/util/errors.ts'

const ADDRESS = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const deployment = (rewardsCoordinator?: typeof ADDRESS): Deployment => ({
  version: 2,
  name: 'test',
  chainId: 31_337,
  genesisHash: `0x${'00'.repeat(32)}`,
  startBlock: 0,
  core: {
    delegationManager: ADDRESS,
    strategyManager: ADDRESS,
    allocationManager: ADDRESS,
    ...(rewardsCoordinator === undefined ? {} : { rewardsCoordinator }),
  },
  strategies: [],
  services: {},
})
const config = {
  file: '/etc/node.yaml',
  chain: { id: 31_337, rpc: [], deployment: '/etc/deployment.json', singleProvider: true },
}
const isSentence = (code: string, what: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LariatError)
  assert.equal(error.code, code)
  assert.match(error.message, what)
  return true
}

describe('commands about rewards', () => {
  it('say what the configuration or the network lacks', () => {
    const withSource = { ...config, rewards: { source: '/a' } }
    assert.throws(
      () => openRewards({ ...config, rewards: undefined }, deployment(ADDRESS), systemClock),
      isSentence('config.rewards', /node\.yaml says nothing of rewards: add rewards\.source/),
    )
    assert.throws(
      () => openRewards(withSource, deployment(), systemClock),
      isSentence('deployment.rewards', /deployment\.json names no core\.rewardsCoordinator/),
    )
    assert.equal(openRewards(withSource, deployment(ADDRESS), systemClock).coordinator, ADDRESS)
  })

  it('take addresses with a correct checksum, and not zero', () => {
    assert.equal(parseAddress(ADDRESS.toLowerCase(), '--recipient'), ADDRESS)
    const wrong = ['0x12', ADDRESS.replace('F', 'f'), `0x${'0'.repeat(40)}`, 'me']
    for (const text of wrong) {
      assert.throws(() => parseAddress(text, '--recipient'), isSentence('usage.address', /--recipient/))
    }
  })

  it('tell the state of roots in words', () => {
    const root = { index: 3, root: '0xab', endTimestamp: 1_000, activatedAt: 2_000, disabled: false } as const
    const newer = { ...root, index: 4, disabled: true }
    const common = {
      earner: ADDRESS,
      claimer: ADDRESS,
      tokens: [],
      claimable: undefined,
      claims: async () => [],
    } as const
    assert.deepEqual(rootNotes({ ...common, newest: undefined, root: undefined, active: false }, 0), [
      'No distribution has been posted on this network as yet.',
    ])
    assert.deepEqual(rootNotes({ ...common, newest: root, root, active: false }, 1_400), [
      'Root 3 (0xab), earnings up to 1970-01-01 00:16 UTC: active from 1970-01-01 00:33 UTC on, in about 10 minutes.',
    ])
    assert.deepEqual(rootNotes({ ...common, newest: newer, root, active: true }, 2_000), [
      'Root 3 (0xab), earnings up to 1970-01-01 00:16 UTC: active since 1970-01-01 00:33 UTC.',
      'Root 4 is newer: disabled before it was active.',
    ])
  })
})
