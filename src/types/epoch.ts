import type { Address } from '../util/hex.ts'

/** One row of an epoch's table. */
export interface Member {
  /** Row in the table. */
  readonly index: number
  readonly operator: Address
  /** BLS12-381 G1, uncompressed, 96 bytes (x then y), validated when it was registered on chain. */
  readonly publicKey: Uint8Array
  /** Gwei of ETH value, > 0. */
  readonly weight: bigint
}

/** One frozen table of (operator, key, weight) of one AVS. Times are Unix seconds. */
export interface EpochTable {
  readonly number: bigint
  readonly activatesAt: number
  /** Activation of the next table, when it is known: slots from there on belong to that one. */
  readonly endsAt: number | undefined
  readonly validUntil: number
  readonly quorumBps: number
  readonly members: readonly Member[]
  /** Sum of all weights, revoked ones included. */
  readonly totalWeight: bigint
  /** Rows whose weight counts zero, as of a final block; the denominator stays. What is signed rests on these. */
  readonly revoked: ReadonlySet<number>
  /**
   * Those of `revoked`, and those that the newest block has on the word of one provider: the contract takes none of them in a
   * certificate any more. Nothing that is signed rests on these.
   */
  readonly revokedNow: ReadonlySet<number>
}

/** True when `signed` of `total` weight is a quorum: signed · 10,000 ≥ total · quorumBps, as the contract computes it. */
export function isQuorum(signed: bigint, total: bigint, quorumBps: number): boolean {
  return signed * 10_000n >= total * BigInt(quorumBps)
}

/** Weight of the given rows as of a final block, each counted once, revoked and unknown rows zero: for what is signed. */
export function weightOf(table: EpochTable, rows: Iterable<number>): bigint {
  return weightWithout(table, rows, table.revoked)
}

/** The same as of the newest block, as the contract counts a certificate that is sent now. */
export function weightNow(table: EpochTable, rows: Iterable<number>): bigint {
  return weightWithout(table, rows, table.revokedNow)
}

function weightWithout({ members }: EpochTable, rows: Iterable<number>, revoked: ReadonlySet<number>): bigint {
  let sum = 0n
  for (const row of new Set(rows)) {
    const member = members[row]
    if (member !== undefined && !revoked.has(row)) sum += member.weight
  }
  return sum
}
