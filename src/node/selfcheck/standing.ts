import { encodeG1 } from '../../bls/eip2537.ts'
import { publicKeyFromBytes } from '../../bls/keys.ts'
import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { OperatorSet } from '../../chain/core.ts'
import type { CoreAddresses } from '../../chain/deployment.ts'
import { peerIdToText } from '../../chain/peerId.ts'
import type { PendingMagnitude } from '../../chain/position.ts'
import type { Snapshot } from '../../chain/snapshot.ts'
import type { BlockHead } from '../../chain/types.ts'
import { type Address, equalBytes, type Hex, hexToBytes } from '../../util/hex.ts'

const WAD = 10n ** 18n

/** What a set can slash of the operator's stake in one strategy. */
export interface Allocation {
  readonly strategy: Address
  /** Part of 1e18 that counts now. */
  readonly magnitude: bigint
  readonly pending: PendingMagnitude | undefined
}

/** How an operator stands with one service, as of one block. */
export interface ServiceStanding {
  readonly block: BlockHead
  readonly set: OperatorSet
  readonly member: boolean
  /** Whether the set can slash now; for one that left, until the delay is over. */
  readonly slashable: boolean
  /** BLS12-381 G1 in EIP-2537 form; `0x` when there is none. */
  readonly key: Hex
  /** libp2p peer id, text form; undefined when none, or none that can be read, is registered. */
  readonly peerId: string | undefined
  readonly addresses: readonly string[]
  readonly slasher: Address
  readonly pendingSlasher: { readonly slasher: Address; readonly effectBlock: number } | undefined
  readonly allocations: readonly Allocation[]
  /** Wei of ETH that the service counts the operator's slashable stake for. */
  readonly stake: bigint
}

export interface StandingOptions {
  readonly snapshot: Snapshot
  readonly core: CoreAddresses
  readonly serviceManager: Address
  readonly operator: Address
}

/** @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract` */
export async function readStanding({
  snapshot: { block, read },
  core,
  serviceManager,
  operator,
}: StandingOptions): Promise<ServiceStanding> {
  const service = { address: serviceManager, abi: serviceManagerAbi } as const
  const allocation = { address: core.allocationManager, abi: allocationManagerAbi } as const
  const [id, strategies, key, [peerId, addresses]] = await Promise.all([
    read({ ...service, functionName: 'operatorSetId', args: [] }),
    read({ ...service, functionName: 'strategies', args: [] }),
    read({ ...service, functionName: 'keyOf', args: [operator] }),
    read({ ...service, functionName: 'peerOf', args: [operator] }),
  ])
  const set = { avs: serviceManager, id }
  const [member, slashable, slasher, [pendingSlasher, effectBlock], shares, rates, allocations] = await Promise.all([
    read({ ...allocation, functionName: 'isMemberOfOperatorSet', args: [operator, set] }),
    read({ ...allocation, functionName: 'isOperatorSlashable', args: [operator, set] }),
    read({ ...allocation, functionName: 'getSlasher', args: [set] }),
    read({ ...allocation, functionName: 'getPendingSlasher', args: [set] }),
    read({
      ...allocation,
      functionName: 'getMinimumSlashableStake',
      args: [set, [operator], strategies, Number(block.number)],
    }),
    Promise.all(strategies.map((strategy) => read({ ...service, functionName: 'strategyRate', args: [strategy] }))),
    Promise.all(
      strategies.map(async (strategy): Promise<Allocation> => {
        const args = [operator, set, strategy] as const
        const now = await read({ ...allocation, functionName: 'getAllocation', args })
        return { strategy, magnitude: now.currentMagnitude, pending: pendingOf(now) }
      }),
    ),
  ])
  return {
    block,
    set,
    member,
    slashable,
    key,
    peerId: textOf(peerId),
    addresses,
    slasher,
    pendingSlasher: effectBlock > block.number ? { slasher: pendingSlasher, effectBlock } : undefined,
    allocations,
    stake: (shares[0] ?? []).reduce((sum, each, i) => sum + (each * (rates[i]?.[1] ?? 0n)) / WAD, 0n),
  }
}

function pendingOf({
  currentMagnitude,
  pendingDiff,
  effectBlock,
}: {
  readonly currentMagnitude: bigint
  readonly pendingDiff: bigint
  readonly effectBlock: number
}): PendingMagnitude | undefined {
  return pendingDiff === 0n ? undefined : { magnitude: currentMagnitude + pendingDiff, effectBlock }
}

function textOf(peerId: Hex): string | undefined {
  try {
    return peerIdToText(hexToBytes(peerId))
  } catch {
    return undefined // none, or none of libp2p's: either way it is not ours
  }
}

/** Whether the chain has one of `keys` (uncompressed, 96 bytes) for the operator. */
export function hasKey({ key }: Pick<ServiceStanding, 'key'>, keys: readonly Uint8Array[]): boolean {
  return keys.some((each) => equalBytes(encodeG1(publicKeyFromBytes(each)), hexToBytes(key)))
}
