/** Parts that a ratio is told in: enough for people and alarms, and exact as a JavaScript number far beyond any ratio. */
const PARTS = 1_000_000_000n

/** a ÷ b as a number, to nine decimals; undefined if b is 0. */
export function ratio(a: bigint, b: bigint): number | undefined {
  return b === 0n ? undefined : Number((a * PARTS) / b) / Number(PARTS)
}

/** Wei as ETH, for metrics; exact to some 15 digits. */
export function inEther(wei: bigint): number {
  return Number(wei) / 1e18
}
