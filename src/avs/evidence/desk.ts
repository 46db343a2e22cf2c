import type { CaseKey, EvidenceCase, EvidenceStore } from '../../store/evidence.ts'
import type { Equivocation } from '../../types/evidence.ts'
import type { Clock } from '../../util/clock.ts'
import { describe } from '../../util/errors.ts'
import type { Address, Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { EvidenceForm, EvidenceMetrics } from './metrics.ts'
import { encodeEvidence } from './onChain.ts'

export interface DeskOptions {
  readonly serviceManager: Address
  readonly service: Hex
  /** Name of the plug-in, for metrics. */
  readonly name: string
  readonly operator: Address
  readonly store: EvidenceStore
  readonly clock: Clock
  readonly log: Log
  readonly metrics: EvidenceMetrics
}

/** Where proofs of equivocation of one service are filed: durably, once for each operator and epoch. */
export class EvidenceDesk {
  readonly #options: DeskOptions
  readonly #handlers = new Set<() => void>()

  constructor(options: DeskOptions) {
    this.#options = options
  }

  /** Calls `handler` after each new case. */
  onCase(handler: () => void): () => void {
    this.#handlers.add(handler)
    return () => {
      this.#handlers.delete(handler)
    }
  }

  /** Those of `operators` against whom there is no case of that evidence's epoch. */
  unknown(evidence: Equivocation, operators: readonly Address[]): Address[] {
    return operators.filter((operator) => !this.isAccused(operator, evidence.first.statement.epoch))
  }

  /** Whether there is a case against an operator, of that epoch. */
  isAccused(operator: Address, epoch: bigint): boolean {
    return this.#options.store.has(this.#key(operator, epoch))
  }

  /**
   * Files a verified proof against `operators`.
   * @param from who found it: this node, or a peer that told us
   * @returns the encoded evidence for gossip, undefined when it accuses nobody new or cannot be stored
   */
  file(evidence: Equivocation, operators: readonly Address[], from: 'here' | 'peer'): Uint8Array | undefined {
    const { name, store, clock, log, metrics } = this.#options
    const { data, id } = encodeEvidence(evidence)
    const { kind, slot, attempt } = evidence.first.statement
    let isNew = false
    for (const operator of operators) {
      const own = operator.toLowerCase() === this.#options.operator.toLowerCase()
      const found: EvidenceCase = {
        ...this.#key(operator, evidence.first.statement.epoch),
        ...{ id, data, kind, slot, attempt },
        seenAt: clock.now(),
        status: own ? 'own' : 'open',
        changedAt: clock.now(),
        transaction: null,
        note: null,
      }
      try {
        if (!store.add(found)) continue
      } catch (error) {
        log.error('evidence of equivocation could not be stored', { operator, slot, error: describe(error) })
        continue
      }
      // nobody gossips evidence against itself
      if (!own) isNew = true
      metrics.cases.inc({ service: name, operator })
      const what = own
        ? 'THIS OPERATOR signed two payloads for one slot and can be slashed: find out who else has its key'
        : 'an operator signed two payloads for one slot'
      log.error(what, { operator, kind, slot, attempt, from, evidence: id })
    }
    if (!isNew) return undefined
    metrics.found.inc({ service: name, form: formOf(evidence), from })
    for (const handler of [...this.#handlers]) handler()
    return data
  }

  #key(operator: Address, epoch: bigint): CaseKey {
    const { serviceManager, service } = this.#options
    return { serviceManager, service, operator, epoch }
  }
}

function formOf({ first, second }: Equivocation): EvidenceForm {
  if (first.form !== second.form) return 'mixed'
  return first.form === 'signature' ? 'signatures' : 'certificates'
}
