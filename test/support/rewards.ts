import { createMemoryChain, type MemoryChain, MemoryRevert } from '../../src/chain/memory.ts'
import type { Distribution } from '../../src/chain/rewards/distribution.ts'
import { type RewardsClaim, rewardsTree } from '../../src/chain/rewards/tree.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { SimClock } from '../../src/util/simclock.ts'

const ZERO: Address = '0x0000000000000000000000000000000000000000'
/** Seconds from a root until it is active. */
export const ACTIVATION_DELAY = 100

/** A RewardsCoordinator without proofs on a chain without an EVM: roots, claimers and what was claimed. */
export interface FakeCoordinator {
  readonly address: Address
  readonly memory: MemoryChain
  readonly clock: SimClock
  readonly claims: { readonly claim: RewardsClaim; readonly recipient: Address; readonly from: Address }[]
  readonly claimers: Map<string, Address>
  /** By earner and token, lower case, with a dash between. */
  readonly claimed: Map<string, bigint>
  /** Makes the next claims revert with this error of the coordinator; undefined lets them through. */
  refusal: string | undefined
  /** Posts a root; active `ACTIVATION_DELAY` later. */
  post(root: Hex): void
  postTree(distribution: Distribution): Promise<void>
  disable(index: number): void
  /** Seconds go by. */
  pass(seconds: number): void
}

export function fakeCoordinator(): FakeCoordinator {
  const address: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
  const clock = new SimClock()
  const memory = createMemoryChain({ clock, log: silentLog })
  const roots: { root: Hex; rewardsCalculationEndTimestamp: number; activatedAt: number; disabled: boolean }[] = []
  const now = () => Number(memory.as(address).head('latest').timestamp)
  const fake: FakeCoordinator = {
    address,
    memory,
    clock,
    claims: [],
    claimers: new Map(),
    claimed: new Map(),
    refusal: undefined,
    post(root) {
      roots.push({
        root,
        rewardsCalculationEndTimestamp: now() - 1,
        activatedAt: now() + ACTIVATION_DELAY,
        disabled: false,
      })
    },
    async postTree(distribution) {
      fake.post((await rewardsTree(distribution)).root)
    },
    disable(index) {
      const root = roots[index]
      if (root !== undefined) root.disabled = true
    },
    pass(seconds) {
      memory.mine(seconds)
    },
  }
  const key = (earner: unknown, token: unknown) => `${earner}-${token}`.toLowerCase()
  memory.contract(address, {
    claimerFor: ({ args: [earner] }) => fake.claimers.get(String(earner).toLowerCase()) ?? ZERO,
    cumulativeClaimed: ({ args: [earner, token] }) => fake.claimed.get(key(earner, token)) ?? 0n,
    getDistributionRootsLength: () => BigInt(roots.length),
    getDistributionRootAtIndex: ({ args: [index] }) => roots[Number(index)],
    getRootIndexFromHash: ({ args: [hash] }) => {
      const index = roots.findLastIndex(({ root }) => root === hash)
      if (index < 0) throw new MemoryRevert('InvalidRoot')
      return index
    },
    checkClaim: () => {
      if (fake.refusal !== undefined) throw new MemoryRevert(fake.refusal)
      return true
    },
    processClaim: ({ args, from }) => {
      const [claim, recipient] = args as [RewardsClaim, Address]
      for (const { token, cumulativeEarnings } of claim.tokenLeaves) {
        const place = key(claim.earnerLeaf.earner, token)
        if (cumulativeEarnings <= (fake.claimed.get(place) ?? 0n))
          throw new MemoryRevert('EarningsNotGreaterThanClaimed')
        fake.claimed.set(place, cumulativeEarnings)
      }
      fake.claims.push({ claim, recipient, from: from ?? ZERO })
    },
  })
  return fake
}
