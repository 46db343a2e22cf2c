/** Values of a label that are not known beforehand: in words what they are, and how many there can be. */
export interface OpenBound {
  readonly of: string
  readonly atMost: number
}

/** What bounds the values of a label: all of them, or `OpenBound`. A value beyond it is counted as `BEYOND`. */
export type Bound = readonly string[] | OpenBound
export type Bounds = Readonly<Record<string, Bound>>

/** Labels as their bounds have them. */
export type LabelsOf<B extends Bounds> = {
  readonly [K in keyof B]: B[K] extends readonly (infer V extends string)[] ? V : string
}

/** Value of a label that stands for all that its bound does not have: a mistake of ours must not fill a memory. */
export const BEYOND = 'beyond-bound'

/** Plug-ins of the configuration (at most 32), and what one of them signs apart: a bridge by chain and by what it does. */
export const SERVICES: OpenBound = { of: 'services of the configuration, with what they sign apart', atMost: 256 }
/** An epoch has at most 200 rows; a process that runs for long sees operators come and go. */
export const OPERATORS: OpenBound = { of: 'addresses of operators in the epochs seen', atMost: 1_024 }
export const CHAINS: OpenBound = { of: 'chains of the configuration', atMost: 32 }
/** ServiceManagers. */
export const CONTRACTS: OpenBound = { of: 'ServiceManagers of the configuration', atMost: 64 }
export const TOKENS: OpenBound = { of: 'addresses of tokens that the contracts name', atMost: 128 }

/** Keeps labels within their bounds, and remembers which values there were of those that are open. */
export class Limiter {
  readonly #bounds: readonly (readonly [string, Bound])[]
  readonly #seen = new Map<string, Set<string>>()

  constructor(bounds: Bounds) {
    this.#bounds = Object.entries(bounds)
  }

  within(labels: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(this.#bounds.map(([name, bound]) => [name, this.#value(name, bound, labels[name] ?? '')]))
  }

  #value(name: string, bound: Bound, value: string): string {
    if (!isOpen(bound)) return bound.includes(value) ? value : BEYOND
    const seen = this.#seen.get(name) ?? new Set()
    this.#seen.set(name, seen)
    if (!seen.has(value) && seen.size >= bound.atMost) return BEYOND
    seen.add(value)
    return value
  }
}

export function isOpen(bound: Bound): bound is OpenBound {
  return 'of' in bound
}

/** All labels with every value of those whose values are all known; `open` are the others. */
export function everyValue(bounds: Bounds, open: Readonly<Record<string, string>>): Record<string, string>[] {
  return Object.entries(bounds).reduce<Record<string, string>[]>(
    (rows, [name, bound]) =>
      rows.flatMap((row) => (isOpen(bound) ? [open[name] ?? ''] : bound).map((value) => ({ ...row, [name]: value }))),
    [{}],
  )
}

/** Into how many series one value of each open label can part. */
export function closedSeries(bounds: Bounds): number {
  return Object.values(bounds).reduce((product, bound) => product * (isOpen(bound) ? 1 : bound.length), 1)
}
