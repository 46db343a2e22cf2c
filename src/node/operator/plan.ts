import type { Abi } from 'viem'
import type { Address } from '../../util/hex.ts'

/** One transaction of a plan. */
export interface Step {
  /** What it does, in plain words, without a full stop. */
  readonly what: string
  /** What follows from it: delays, stake at risk, from when until when. A sentence each. */
  readonly consequences: readonly string[]
  readonly to: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  /** wei */
  readonly value?: bigint
  /** Who may send it: the operator's account alone, or also one that it appointed in the core's PermissionController. */
  readonly by: 'operator' | 'appointee' | 'anyone'
}

/** Something that cannot be done yet. */
export interface Later {
  /** What remains, in plain words, without a full stop. */
  readonly what: string
  /** First block in which it can be done; undefined when that hangs on something else, which `what` says. */
  readonly fromBlock: number | undefined
}

/** What a command will do: read from the chain, so what is done already is not in it. */
export interface Plan {
  readonly steps: readonly Step[]
  /** Facts that one should know beside the steps: what is done already, what is pending. Sentences. */
  readonly notes: readonly string[]
  readonly later: readonly Later[]
}
