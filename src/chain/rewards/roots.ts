import type { Address, Hex } from '../../util/hex.ts'
import { rewardsCoordinatorAbi } from '../abi/rewardsCoordinator.ts'
import { isReverted } from '../errors.ts'
import type { ChainReader } from '../types.ts'

/** A root of a distribution on chain. */
export interface RewardsRoot {
  readonly index: number
  readonly root: Hex
  /** Unix seconds up to which earnings are in it. */
  readonly endTimestamp: number
  /** Unix seconds from which it can be claimed against. */
  readonly activatedAt: number
  /** Taken back before it was active: never to be claimed against. */
  readonly disabled: boolean
}

/** Roots that are looked at from the newest back for one that is active: of a day each, a month. */
const MAX_LOOKED_AT = 31

export interface RewardsRoots {
  /** The newest, whatever its state; undefined before the first. */
  readonly newest: RewardsRoot | undefined
  /** The newest that can be claimed against. */
  readonly claimable: RewardsRoot | undefined
}

/**
 * The roots that matter at `now`.
 * @param now unix seconds, of the block that is read
 * @throws what `ChainReader.read` throws
 */
export async function readRoots(read: ChainReader['read'], coordinator: Address, now: number): Promise<RewardsRoots> {
  const contract = { address: coordinator, abi: rewardsCoordinatorAbi } as const
  const length = Number(await read({ ...contract, functionName: 'getDistributionRootsLength', args: [] }))
  let newest: RewardsRoot | undefined
  for (let index = length - 1; index >= 0 && index >= length - MAX_LOOKED_AT; index--) {
    const root = await readRoot(read, coordinator, index)
    newest ??= root
    if (isClaimable(root, now)) return { newest, claimable: root }
  }
  return { newest, claimable: undefined }
}

/** The newest root with this hash; undefined when there is none. @throws what `ChainReader.read` throws */
export async function findRoot(
  read: ChainReader['read'],
  coordinator: Address,
  hash: Hex,
): Promise<RewardsRoot | undefined> {
  try {
    const contract = { address: coordinator, abi: rewardsCoordinatorAbi } as const
    const index = await read({ ...contract, functionName: 'getRootIndexFromHash', args: [hash] })
    return await readRoot(read, coordinator, index)
  } catch (error) {
    if (isReverted(error) && error.details.error === 'InvalidRoot') return undefined
    throw error
  }
}

export function isClaimable({ disabled, activatedAt }: RewardsRoot, now: number): boolean {
  return !disabled && now >= activatedAt
}

async function readRoot(read: ChainReader['read'], coordinator: Address, index: number): Promise<RewardsRoot> {
  const { root, rewardsCalculationEndTimestamp, activatedAt, disabled } = await read({
    address: coordinator,
    abi: rewardsCoordinatorAbi,
    functionName: 'getDistributionRootAtIndex',
    args: [BigInt(index)],
  })
  return { index, root, endTimestamp: rewardsCalculationEndTimestamp, activatedAt, disabled }
}
