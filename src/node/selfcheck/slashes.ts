import { type AbiEvent, getAbiItem } from 'viem'
import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import type { Chain } from '../../chain/clients.ts'
import type { OperatorSet } from '../../chain/core.ts'
import { readEvents } from '../../chain/events.ts'
import type { CursorStore } from '../../chain/types.ts'
import type { Address, Hex } from '../../util/hex.ts'

/** A slash of the operator, as the core's event tells. */
export interface Slash {
  readonly block: bigint
  readonly transaction: Hex
  readonly set: OperatorSet
  /** Largest part of 1e18 that was taken of the stake in one strategy. */
  readonly wad: bigint
  /** Whoever slashed wrote it: cut, and without what could harm a terminal. */
  readonly description: string
}

/** Slashes that the operator's owner has not acknowledged. */
export interface Slashes {
  /** Those up to the newest block. @throws LariatError `chain.unavailable` */
  read(): Promise<readonly Slash[]>
  /** Block through which slashes are acknowledged. */
  acknowledged(): bigint
  /** Acknowledges all through `block`. */
  acknowledge(block: bigint): void
}

export interface SlashesOptions {
  readonly chain: Pick<Chain, 'providers' | 'heads'>
  readonly allocationManager: Address
  readonly operator: Address
  /** Where the acknowledged block is kept. */
  readonly cursors: CursorStore
}

/** Name of the durable position: block through which slashes are acknowledged. */
export const SLASHED_CURSOR = 'selfcheck/slashed'
/** Blocks that are read before what was found is kept, so that a long absence is caught up with over several looks. */
const RANGE = 10_000n
/** Slashes that are kept: more are told by the newest of them. */
const MAX_SLASHES = 64
/** Longest description that is shown, characters. */
const MAX_DESCRIPTION = 120

const SLASHED = getAbiItem({ abi: allocationManagerAbi, name: 'OperatorSlashed' }) satisfies AbiEvent

/**
 * Follows the core's `OperatorSlashed` from the acknowledged block on; a new data folder begins at the block at which it is
 * first asked. The chain is the record: nothing is kept but the acknowledged block, so nothing of it can be lost.
 */
export function openSlashes({ chain, allocationManager, operator, cursors }: SlashesOptions): Slashes {
  const own = operator.toLowerCase()
  /** Of final blocks, which are read once. */
  let settled: Slash[] = []
  let settledTo: bigint | undefined

  function acknowledged(): bigint {
    const known = cursors.get(SLASHED_CURSOR)
    if (known !== undefined) return known
    const block = chain.heads.current('latest').number
    cursors.set(SLASHED_CURSOR, block)
    return block
  }

  async function find(from: bigint, to: bigint): Promise<Slash[]> {
    // the operator is not indexed: all slashes are read, which are rare
    const logs = await readEvents(chain, { address: allocationManager, event: SLASHED, from, to })
    return logs
      .filter(({ args }) => args.operator.toLowerCase() === own)
      .map(({ args, blockNumber, transactionHash }) => ({
        block: blockNumber,
        transaction: transactionHash,
        set: args.operatorSet,
        wad: args.wadSlashed.reduce((most, wad) => (wad > most ? wad : most), 0n),
        description: clean(args.description),
      }))
  }

  return {
    acknowledged,
    acknowledge: (block) => cursors.set(SLASHED_CURSOR, block),
    async read() {
      const since = acknowledged()
      const final = chain.heads.current('finalized').number
      const newest = chain.heads.current('latest').number
      settledTo ??= since
      while (settledTo < final) {
        const to: bigint = settledTo + RANGE < final ? settledTo + RANGE : final
        settled = [...settled, ...(await find(settledTo + 1n, to))].slice(-MAX_SLASHES)
        settledTo = to
      }
      // what is not final may still go or come: it is read each time
      const recent = await find(settledTo + 1n, newest)
      return [...settled, ...recent].filter(({ block }) => block > since)
    },
  }
}

function clean(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '')
  return printable.length > MAX_DESCRIPTION ? `${printable.slice(0, MAX_DESCRIPTION)}…` : printable
}
