/** When a fault holds, in ms of the network's clock; without bounds always. */
interface When {
  readonly since?: number
  readonly until?: number
}

/** Which messages a fault touches: from, to, or by any peer when left out. */
interface Where {
  readonly from?: string
  readonly to?: string
}

/** What may go wrong in an in-memory network, as data. Probabilities are per message and link, in [0, 1]. */
export type Fault = When &
  (
    | { readonly kind: 'cut'; readonly between: readonly [string, string] }
    | ({ readonly kind: 'drop'; readonly probability: number } & Where)
    | ({ readonly kind: 'delay'; readonly ms: number; readonly jitterMs?: number } & Where)
    | ({ readonly kind: 'duplicate'; readonly probability: number } & Where)
    | ({ readonly kind: 'corrupt'; readonly probability: number } & Where)
  )

/** Whether the link between `a` and `b` is cut at `now`. */
export function isCut(faults: readonly Fault[], a: string, b: string, now: number): boolean {
  return faults.some((fault) => fault.kind === 'cut' && holds(fault, now) && joins(fault.between, a, b))
}

/** What arrives, and after how many extra ms, of one message sent from `from` to `to`. Empty when it is lost. */
export function strike(
  faults: readonly Fault[],
  link: { readonly from: string; readonly to: string },
  data: Uint8Array,
  now: number,
  random: () => number,
): { data: Uint8Array; delayMs: number }[] {
  let delayMs = 0
  let copies = 1
  let arriving = data
  for (const fault of faults) {
    if (fault.kind === 'cut' || !holds(fault, now) || !touches(fault, link)) continue
    if (fault.kind === 'delay') delayMs += fault.ms + random() * (fault.jitterMs ?? 0)
    else if (random() >= fault.probability) continue
    else if (fault.kind === 'drop') return []
    else if (fault.kind === 'duplicate') copies++
    else arriving = corrupted(arriving, random)
  }
  return Array.from({ length: copies }, () => ({ data: arriving, delayMs }))
}

function holds({ since, until }: When, now: number): boolean {
  return (since === undefined || now >= since) && (until === undefined || now < until)
}

function touches(where: Where, link: { readonly from: string; readonly to: string }): boolean {
  return (where.from ?? link.from) === link.from && (where.to ?? link.to) === link.to
}

function joins([x, y]: readonly [string, string], a: string, b: string): boolean {
  return (x === a && y === b) || (x === b && y === a)
}

/** A copy with one bit flipped, or one byte more when there is none to flip. */
function corrupted(data: Uint8Array, random: () => number): Uint8Array {
  if (data.length === 0) return Uint8Array.of(Math.floor(random() * 256))
  const copy = new Uint8Array(data)
  const at = Math.floor(random() * copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  return copy
}
