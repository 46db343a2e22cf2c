import assert from 'node:assert/strict'
import type { Distribution } from '../../../../src/chain/rewards/distribution.ts'
import { createLedger, MAX_TOKENS_PER_CLAIM } from '../../../../src/chain/rewards/ledger.ts'
import type { RewardsRoot } from '../../../../src/chain/rewards/roots.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { ACTIVATION_DELAY, fakeCoordinator } from '../../../support/rewards.ts'

const EARNER: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const OTHER: Address = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const token = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const lower = (address: Address) => address.toLowerCase() as Address
const earns = (...amounts: bigint[]): Distribution => [
  { earner: lower(OTHER), tokens: [{ token: token(1), cumulative: 5n }] },
  { earner: lower(EARNER), tokens: amounts.map((cumulative, i) => ({ token: token(i + 1), cumulative })) },
]

function setup(distribution: Distribution) {
  const fake = fakeCoordinator()
  const state = { distribution, asked: [] as RewardsRoot[] }
  const ledger = createLedger(fake.address, {
    async load(root) {
      state.asked.push(root)
      return { distribution: state.distribution, where: 'the test' }
    },
  })
  const chain = fake.memory.as(EARNER)
  const look = (earner = EARNER) =>
    ledger.look({ read: chain.read, now: Number(chain.head('latest').timestamp) }, earner)
  return { fake, state, look }
}

async function refused(looking: Promise<unknown>, code: string, what: RegExp): Promise<void> {
  await assert.rejects(looking, (error: unknown) => {
    assert.ok(error instanceof LariatError)
    assert.equal(error.code, code)
    assert.match(error.message, what)
    return true
  })
}

describe('the ledger of rewards', () => {
  it('is empty before the first root', async () => {
    const { look, state } = setup(earns(1n))
    const rewards = await look()
    assert.deepEqual([rewards.newest, rewards.root, rewards.active, rewards.tokens], [undefined, undefined, false, []])
    assert.equal(rewards.claimer, EARNER)
    assert.equal(state.asked.length, 0)
    await assert.rejects(rewards.claims([token(1)]), RangeError)
  })

  it('tells earned, claimed and claimable of each token', async () => {
    const { fake, look } = setup(earns(10n, 20n, 30n))
    await fake.postTree(earns(10n, 20n, 30n))
    fake.pass(ACTIVATION_DELAY)
    fake.claimed.set(`${lower(EARNER)}-${token(1)}`, 10n)
    fake.claimed.set(`${lower(EARNER)}-${token(2)}`, 15n)
    // by an earlier distribution that was corrected
    fake.claimed.set(`${lower(EARNER)}-${token(3)}`, 31n)
    const rewards = await look()
    assert.equal(rewards.active, true)
    assert.deepEqual(
      rewards.tokens.map(({ earned, claimed, claimable }) => [earned, claimed, claimable]),
      [
        [10n, 10n, 0n],
        [20n, 15n, 5n],
        [30n, 31n, 0n],
      ],
    )
    assert.deepEqual((await look('0x90F79bf6EB2c4f870365E785982E1f101E93b906')).tokens, [])
  })

  it('is pending until the root is active', async () => {
    const { fake, look } = setup(earns(10n))
    await fake.postTree(earns(10n))
    fake.pass(ACTIVATION_DELAY - 1)
    const before = await look()
    assert.equal(before.active, false)
    assert.equal(before.claimable, undefined)
    assert.equal(before.tokens[0]?.claimable, 10n)
    fake.pass(1)
    assert.equal((await look()).active, true)
  })

  it('asks for the distribution of the newest root that can be claimed against, once', async () => {
    const { fake, state, look } = setup(earns(10n))
    await fake.postTree(earns(10n))
    fake.pass(ACTIVATION_DELAY)
    await fake.postTree(earns(11n))
    fake.pass(ACTIVATION_DELAY)
    fake.disable(1)
    await fake.postTree(earns(12n))
    const rewards = await look()
    await look()
    assert.deepEqual(
      state.asked.map(({ index }) => index),
      [0],
    )
    assert.equal(rewards.root?.index, 0)
    assert.equal(rewards.newest?.index, 2)
    // a new root makes the old tree useless
    fake.pass(ACTIVATION_DELAY)
    state.distribution = earns(12n)
    assert.equal((await look()).tokens[0]?.earned, 12n)
    assert.deepEqual(
      state.asked.map(({ index }) => index),
      [0, 2],
    )
  })

  it('takes a source that is behind by the older root, which still pays', async () => {
    const { fake, look } = setup(earns(10n))
    await fake.postTree(earns(10n))
    await fake.postTree(earns(20n))
    fake.pass(ACTIVATION_DELAY)
    const rewards = await look()
    assert.equal(rewards.root?.index, 0)
    assert.equal(rewards.active, true)
    assert.equal(rewards.tokens[0]?.claimable, 10n)
  })

  it('refuses a distribution whose root was never posted', async () => {
    const { fake, look } = setup(earns(1_000_000n))
    await fake.postTree(earns(10n))
    fake.pass(ACTIVATION_DELAY)
    await refused(look(), 'rewards.wrong-root', /the test.*never posted.*index 0.*rewards\.source/)
  })

  it('refuses a distribution whose root was disabled', async () => {
    const { fake, look } = setup(earns(20n))
    await fake.postTree(earns(10n))
    await fake.postTree(earns(20n))
    fake.disable(1)
    fake.pass(ACTIVATION_DELAY)
    await refused(look(), 'rewards.root-disabled', /root 1 .*disabled/)
  })

  it('splits claims of many tokens', async () => {
    const amounts = Array.from({ length: MAX_TOKENS_PER_CLAIM + 3 }, (_, i) => BigInt(i + 1))
    const { fake, look } = setup(earns(...amounts))
    await fake.postTree(earns(...amounts))
    fake.pass(ACTIVATION_DELAY)
    const rewards = await look()
    const claims = await rewards.claims(rewards.tokens.map((entry) => entry.token))
    assert.deepEqual(
      claims.map(({ tokenLeaves, rootIndex }) => [tokenLeaves.length, rootIndex]),
      [
        [MAX_TOKENS_PER_CLAIM, 0],
        [3, 0],
      ],
    )
  })

  it('names the claimer that the earner set', async () => {
    const { fake, look } = setup(earns(1n))
    fake.claimers.set(lower(EARNER), OTHER)
    assert.equal((await look()).claimer, OTHER)
  })
})
