/** One partial signature of a round: one share's. */
export interface RoundPartial {
  /** Share index, 0-based; the share is the group polynomial's value at index + 1. */
  readonly index: number
  /** G1, compressed, 48 bytes. */
  readonly signature: Uint8Array
}

/** A sharing's shares of this operator, as the vault keeps them. No method gives a secret away. */
export interface Shares {
  /** Whether shares of this sharing are held here, so that `signRound` can answer. */
  holds(sharing: bigint): boolean
  /**
   * Partial signatures of a round by all shares of `sharing` that are held here.
   * @throws LariatError `shares.too-early` before the round's time by our own clock or by our peers', `shares.unknown` when
   * none are held
   */
  signRound(request: { readonly sharing: bigint; readonly round: bigint }): Promise<readonly RoundPartial[]>
}
