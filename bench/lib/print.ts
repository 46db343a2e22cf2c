/** One result: the bench, what tells its cases apart, and a figure with its unit. */
export interface Figure {
  readonly bench: string
  readonly value: number
  readonly unit: string
  /** What cannot be beaten, measured in the same run, and how far `value` is from it. */
  readonly floor?: number
  readonly ratio?: number
  readonly [key: string]: string | number | undefined
}

/** Prints one JSON object on a line of its own. */
export function print(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`)
}

/** The value below which `q` (0 to 1) of the samples lie: the nearest rank. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits))
