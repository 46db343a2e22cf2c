import { getAddress, zeroAddress } from 'viem'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { rewardsCoordinatorAbi } from '../abi/rewardsCoordinator.ts'
import type { ChainReader } from '../types.ts'
import { findRoot, isClaimable, type RewardsRoot, type RewardsRoots, readRoots } from './roots.ts'
import type { DistributionSource } from './source.ts'
import { type RewardsClaim, type RewardsTree, rewardsTree } from './tree.ts'

/** Tokens of one claim: each costs up to 120,000 gas, of the 16.7 million that a transaction may have. */
export const MAX_TOKENS_PER_CLAIM = 50
/** Readings that are asked for at once. */
const READS_AT_ONCE = 16

/** What an earner has of one token. Amounts in its smallest unit. */
export interface TokenRewards {
  readonly token: Address
  /** In all, by the distribution. */
  readonly earned: bigint
  /** In all, by the chain. */
  readonly claimed: bigint
  /** Earned less claimed: what a claim pays once its root is active. Zero where an older distribution has less. */
  readonly claimable: bigint
}

/** An earner's rewards by the distribution that a root on chain vouches for. */
export interface EarnerRewards extends RewardsRoots {
  readonly earner: Address
  /** Who may claim: the earner itself, or the claimer that it set. */
  readonly claimer: Address
  /** The root that `tokens` are proven by; undefined when none is on chain. */
  readonly root: RewardsRoot | undefined
  /** Whether that can be claimed against now. */
  readonly active: boolean
  /** Ascending by address. */
  readonly tokens: readonly TokenRewards[]
  /**
   * Claims for `tokens`, at most `MAX_TOKENS_PER_CLAIM` in one.
   * @throws RangeError for a token that is not in `tokens`, or when there is no root
   */
  claims(tokens: readonly Address[]): Promise<RewardsClaim[]>
}

export interface RewardsLedger {
  /**
   * Reads roots and claims from the chain, and the distribution from the source, which must be the one of a root on chain.
   * @param at the chain: its reading, and unix seconds of the block that is read
   * @throws LariatError `rewards.source`, `rewards.distribution`, `rewards.wrong-root`, `rewards.root-disabled`; what `read` throws
   */
  look(
    at: { readonly read: ChainReader['read']; readonly now: number },
    earner: Address,
    signal?: AbortSignal,
  ): Promise<EarnerRewards>
}

/** Rewards as the coordinator and a source of distributions tell them. The last tree is kept, as it costs seconds to build. */
export function createLedger(coordinator: Address, source: DistributionSource): RewardsLedger {
  const contract = { address: coordinator, abi: rewardsCoordinatorAbi } as const
  let last: { readonly wanted: string; readonly tree: RewardsTree; readonly where: string } | undefined

  async function treeOf(wanted: RewardsRoot, signal: AbortSignal | undefined) {
    if (last?.wanted !== wanted.root || last.tree.root !== wanted.root) {
      last = undefined // the old one's memory goes first
      const { distribution, where } = await source.load(wanted, signal)
      last = { wanted: wanted.root, tree: await rewardsTree(distribution), where }
    }
    return last
  }

  return {
    async look({ read, now }, earner, signal) {
      const configured = await read({ ...contract, functionName: 'claimerFor', args: [earner] })
      const claimer = configured === zeroAddress ? earner : configured
      const roots = await readRoots(read, coordinator, now)
      const wanted = roots.claimable ?? roots.newest
      if (wanted === undefined) return nothing(roots, earner, claimer)
      const { tree, where } = await treeOf(wanted, signal)
      const root = tree.root === wanted.root ? wanted : await findRoot(read, coordinator, tree.root)
      if (root === undefined) throw wrongRoot(where, tree, wanted)
      if (root.disabled) throw disabledRoot(where, root)
      const tokens: TokenRewards[] = []
      const earnings = tree.earnings(earner)
      for (let i = 0; i < earnings.length; i += READS_AT_ONCE) {
        signal?.throwIfAborted()
        const some = earnings.slice(i, i + READS_AT_ONCE).map(async ({ token, cumulative: earned }) => {
          const claimed = await read({ ...contract, functionName: 'cumulativeClaimed', args: [earner, token] })
          const claimable = earned > claimed ? earned - claimed : 0n
          return { token: getAddress(token), earned, claimed, claimable }
        })
        tokens.push(...(await Promise.all(some)))
      }
      const active = isClaimable(root, now)
      return { ...roots, earner, claimer, root, active, tokens, claims: (wants) => claimsOf(tree, root, earner, wants) }
    },
  }
}

async function claimsOf(
  tree: RewardsTree,
  root: RewardsRoot,
  earner: Address,
  tokens: readonly Address[],
): Promise<RewardsClaim[]> {
  const claims: RewardsClaim[] = []
  for (let i = 0; i < tokens.length; i += MAX_TOKENS_PER_CLAIM) {
    claims.push(await tree.claim(root.index, earner, tokens.slice(i, i + MAX_TOKENS_PER_CLAIM)))
  }
  return claims
}

function nothing(roots: RewardsRoots, earner: Address, claimer: Address): EarnerRewards {
  return {
    ...roots,
    earner,
    claimer,
    root: undefined,
    active: false,
    tokens: [],
    async claims() {
      throw new RangeError('no root is on chain')
    },
  }
}

function wrongRoot(where: string, tree: RewardsTree, wanted: RewardsRoot): LariatError {
  return new LariatError(
    'rewards.wrong-root',
    `the distribution of ${where} has the root ${tree.root}, which was never posted; the chain has ${wanted.root} (index ${wanted.index}): it was altered or is of another time or network, so nothing is claimed by it; correct rewards.source`,
    { where, root: tree.root, expected: wanted.root },
  )
}

function disabledRoot(where: string, { root, index }: RewardsRoot): LariatError {
  return new LariatError(
    'rewards.root-disabled',
    `the distribution of ${where} belongs to root ${index} (${root}), which was disabled: nothing can be claimed by it; wait for the next distribution, or correct rewards.source`,
    { where, root, index },
  )
}
