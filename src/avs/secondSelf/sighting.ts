import type { Statement } from '../../types/statement.ts'
import type { Address } from '../../util/hex.ts'

/**
 * A validly signed statement of this operator that its guard does not know: another instance of it runs. Either its own
 * signature, or a certificate that counts it among its signers.
 */
export interface Sighting {
  /** ms since the epoch. */
  readonly at: number
  /** Name of the service's plug-in, and its ServiceManager. */
  readonly service: string
  readonly contract: Address
  readonly form: 'signature' | 'certificate'
  readonly statement: Statement
  /** Whether the guard has another payload on record for it: then the two are slashable. */
  readonly conflicts: boolean
  /** Peer that handed it to us, and the operator that it is registered for. */
  readonly peer: string
  readonly peerOperator: Address | undefined
}

/** What all services of a node share about another instance of their operator. */
export interface Sightings {
  /** The first one that no operator's command has settled yet; while there is one, nothing is signed. */
  current(): (Pick<Sighting, 'at'> & { readonly reason: string }) | undefined
  /** Stops all signing before it returns, for good; what is seen after the first one changes nothing. */
  report(sighting: Sighting): void
  /** Calls `handler` after each report; returns the function that ends it. */
  onReport(handler: () => void): () => void
}

/** Sightings that die with the process: for simulations. */
export function memorySightings(): Sightings & { readonly all: readonly Sighting[] } {
  const all: Sighting[] = []
  const handlers = new Set<() => void>()
  return {
    all,
    onReport(handler) {
      handlers.add(handler)
      return () => {
        handlers.delete(handler)
      }
    },
    current() {
      const [first] = all
      return first && { at: first.at, reason: reasonOf(first) }
    },
    report(sighting) {
      all.push(sighting)
      for (const handler of handlers) handler()
    },
  }
}

/** A sighting as an operator is told of it. */
export function reasonOf({ service, form, statement, conflicts, peer, peerOperator, at }: Sighting): string {
  const what =
    form === 'certificate' ? 'a certificate with this operator among its signers' : 'a statement signed by it'
  const by = peerOperator === undefined ? `peer ${peer}` : `peer ${peer} of operator ${peerOperator}`
  const record = conflicts ? 'has another payload on record for' : 'does not know'
  return (
    `another instance of this operator runs: at ${new Date(at).toISOString()} ${by} handed over ${what} that the guard ${record} ` +
    `(${service}, kind ${statement.kind}, slot ${statement.slot}, attempt ${statement.attempt}, payload ${statement.payload})`
  )
}
