import { bigToBytes, bytesToBig, bytesToHex, type Hex, hexToBytes } from 'lariat/avs'
import { rootOfBranch, TREE_DEPTH } from '../tree.ts'

/**
 * First slots at which a hook may keep its tree, 32 words of branch and then the count: 0 in contracts/bridge/MerkleTreeHook.sol, and
 * 151 in Hyperlane's, behind what that inherits (Initializable, Ownable and MailboxClient with their gaps).
 */
export const TREE_SLOTS: readonly bigint[] = [0n, 151n]
/** Words of a tree in storage. */
const WORDS = TREE_DEPTH + 1
const MAX_COUNT = 2n ** BigInt(TREE_DEPTH) - 1n

/** A tree as a contract's storage has it. */
export interface KeptTree {
  /** Its first slot. */
  readonly slot: bigint
  readonly count: number
  readonly root: Hex
}

/** The slots to be read, for all places where a tree may be. */
export function slotsOfTrees(starts: readonly bigint[]): Hex[] {
  return starts.flatMap((start) =>
    Array.from({ length: WORDS }, (_, i) => bytesToHex(bigToBytes(start + BigInt(i), 32))),
  )
}

/** What lies at each of these places, as far as it can be a tree. @param values of `slotsOfTrees(starts)` */
export function treesIn(starts: readonly bigint[], values: readonly Hex[]): KeptTree[] {
  return starts.flatMap((slot, i) => {
    const words = values.slice(i * WORDS, (i + 1) * WORDS).map(hexToBytes)
    const count = bytesToBig(words[TREE_DEPTH] as Uint8Array)
    if (count > MAX_COUNT) return []
    const root = bytesToHex(rootOfBranch(words.slice(0, TREE_DEPTH), Number(count)))
    return [{ slot, count: Number(count), root }]
  })
}
