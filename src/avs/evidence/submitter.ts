import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { EvidenceCase, EvidenceStore, Settlement } from '../../store/evidence.ts'
import type { Statement } from '../../types/statement.ts'
import { type Clock, until } from '../../util/clock.ts'
import { Condition } from '../../util/condition.ts'
import { describe, isAbort, LariatError } from '../../util/errors.ts'
import type { Address, Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { ServiceChain } from '../ports.ts'
import type { EvidenceDesk } from './desk.ts'
import type { EvidenceMetrics } from './metrics.ts'
import { decodeEvidence, MAX_SLASHED_AT_ONCE, onChainTestimony } from './onChain.ts'

export interface SubmitterOptions {
  readonly chain: ServiceChain
  readonly serviceManager: Address
  readonly service: Hex
  /** Name of the plug-in, for metrics. */
  readonly name: string
  readonly operator: Address
  readonly store: EvidenceStore
  readonly desk: EvidenceDesk
  /** How many of the honest come before us: rank r waits r · `staggerMs`. */
  readonly rank: (about: Statement, accused: readonly Address[]) => number
  readonly staggerMs: number
  /** ms between looks at cases that are open; one that comes in is looked at at once. */
  readonly checkMs: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: EvidenceMetrics
}

/** Errors of the contract that no later try can help, and what becomes of the case. */
const FINAL: Readonly<Record<string, 'expired' | 'refused'>> = {
  EquivocationTooLate: 'expired',
  EquivocationServiceExempt: 'refused',
  EquivocationStatementsFit: 'refused',
  EquivocationNotOneOperator: 'refused',
  EquivocationNotASigner: 'refused',
  EquivocationSignatureInvalid: 'refused',
  CertificateKeyInfinite: 'refused',
}

/**
 * Brings open cases of one service before its contract, in the order of rank, until a finalized block says that the
 * operator was punished: what a reorg undoes is brought again, and so is what was open when the node stopped. Each
 * transaction is journaled by its evidence before it is sent, so that a crash neither loses nor doubles it.
 */
export class EvidenceSubmitter {
  readonly #options: SubmitterOptions
  readonly #contract: { readonly address: Address; readonly abi: typeof serviceManagerAbi }
  readonly #stop = new AbortController()
  readonly #changed = new Condition()
  #pending = true
  #loop: Promise<void> = Promise.resolve()
  #ends: (() => void)[] = []

  constructor(options: SubmitterOptions) {
    this.#options = options
    this.#contract = { address: options.serviceManager, abi: serviceManagerAbi }
  }

  start(): void {
    const { desk, chain, serviceManager } = this.#options
    this.#ends.push(
      desk.onCase(() => {
        this.#pending = true
        this.#changed.notify()
      }),
      chain.watch(
        {
          ...this.#contract,
          eventName: 'EquivocationSlashed',
          finality: 'finalized',
          cursor: `${serviceManager}/${this.#options.service}/evidence`,
        },
        async (log) => this.#slashed(log.args as SlashedArgs, log.transactionHash),
      ),
    )
    this.#loop = this.#run(this.#stop.signal)
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end()
    this.#stop.abort(new DOMException('the node is stopping', 'AbortError'))
    await this.#loop
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, checkMs } = this.#options
    while (!signal.aborted) {
      this.#pending = false
      let next = clock.now() + checkMs
      for (const cases of this.#open()) {
        if (signal.aborted) return
        const due = await this.#attend(cases, signal)
        if (due !== undefined && due < next) next = due
      }
      const wait = until(clock, next, signal)
      await this.#changed.wait(() => this.#pending || undefined, wait.signal).catch(() => undefined)
      wait.done()
    }
  }

  /** Open cases by the evidence that they share, oldest first. */
  #open(): EvidenceCase[][] {
    const { store, serviceManager, service, name, metrics, log } = this.#options
    try {
      const open = store.list({ serviceManager, service, status: 'open' })
      metrics.open.set({ service: name }, open.length)
      const byId = Map.groupBy(open.reverse(), ({ id }) => id)
      return [...byId.values()]
    } catch (error) {
      log.error('evidence cannot be read', { error: describe(error) })
      return []
    }
  }

  /** Settles what is settled on chain, and submits the rest when it is our turn. @returns when to look again, ms, if before the next check */
  async #attend(cases: readonly EvidenceCase[], signal: AbortSignal): Promise<number | undefined> {
    const { clock, log, name, metrics, rank, staggerMs } = this.#options
    try {
      const waiting: EvidenceCase[] = []
      for (const one of cases) {
        if (await this.#isPunished(one, 'finalized')) this.#settle(one, { status: 'slashed', at: clock.now() })
        else if (!(await this.#isPunished(one, 'latest'))) waiting.push(one)
      }
      const [first] = waiting
      if (first === undefined) return undefined
      const evidence = decodeEvidence(first.data)
      const accused = cases.map(({ operator }) => operator)
      const due = first.seenAt + rank(evidence.first.statement, accused) * staggerMs
      if (clock.now() < due) return due
      await this.#submit(waiting.slice(0, MAX_SLASHED_AT_ONCE), signal)
      return waiting.length > MAX_SLASHED_AT_ONCE ? clock.now() : undefined
    } catch (error) {
      if (signal.aborted || isAbort(error)) return undefined
      metrics.submissions.inc({ service: name, outcome: 'failed' })
      log.warn('evidence could not be brought on chain, it is tried again', {
        evidence: cases[0]?.id,
        error: describe(error),
      })
      return undefined
    }
  }

  async #submit(cases: readonly EvidenceCase[], signal: AbortSignal): Promise<void> {
    const { chain, clock, log, name, metrics, service } = this.#options
    const [one] = cases
    if (one === undefined) return
    const { first, second } = decodeEvidence(one.data)
    const operators = cases.map(({ operator }) => operator)
    try {
      const { hash } = await chain.write({
        ...this.#contract,
        functionName: 'slashEquivocation',
        args: [onChainTestimony(first), onChainTestimony(second), operators],
        intent: { id: `${service}/evidence/${one.id}` },
        signal,
      })
      // what landed once is not sent again, though a provider that lags or a reorg shows the operator unpunished
      if (cases.every(({ transaction }) => transaction === hash)) {
        log.debug('evidence landed before, and waits to be final', { evidence: one.id, transaction: hash })
        return
      }
      metrics.submissions.inc({ service: name, outcome: 'landed' })
      log.warn('evidence of equivocation is on chain', {
        evidence: one.id,
        operators,
        slot: one.slot,
        transaction: hash,
      })
      // open still: only a finalized block settles it
      for (const each of cases) this.#settle(each, { status: 'open', at: clock.now(), transaction: hash })
    } catch (error) {
      const name_ = errorName(error)
      if (name_ === 'EquivocationNothingToSlash') return this.#nothingToSlash(cases)
      const status = name_ === undefined ? undefined : FINAL[name_]
      if (status === undefined) throw error
      metrics.submissions.inc({ service: name, outcome: 'refused' })
      log.error('the contract does not take evidence of equivocation', { evidence: one.id, operators, error: name_ })
      for (const each of cases) this.#settle(each, { status, at: clock.now(), note: name_ ?? null })
    }
  }

  /** Others were quicker, or the operators have nothing that could be slashed. */
  async #nothingToSlash(cases: readonly EvidenceCase[]): Promise<void> {
    const { clock, log, name, metrics } = this.#options
    for (const one of cases) {
      if (await this.#isPunished(one, 'latest')) {
        metrics.submissions.inc({ service: name, outcome: 'already-there' })
        continue
      }
      metrics.submissions.inc({ service: name, outcome: 'refused' })
      const note = 'the operator has nothing that could be slashed, or was punished with another of its epochs'
      log.warn('an operator equivocated, and nothing of it can be slashed', {
        operator: one.operator,
        evidence: one.id,
      })
      this.#settle(one, { status: 'refused', at: clock.now(), note })
    }
  }

  #isPunished({ operator, service, epoch }: EvidenceCase, block: 'finalized' | 'latest'): Promise<boolean> {
    const args = [operator, service, epoch] as const
    return this.#options.chain.read({ ...this.#contract, functionName: 'punished', args, block })
  }

  #settle(one: EvidenceCase, settlement: Settlement): void {
    this.#options.store.settle(one, settlement)
  }

  /** What the chain says was in fact lost, whoever brought the evidence. */
  #slashed({ operator, service, epoch, slot, kind, strategies, shares }: SlashedArgs, transaction: Hex): void {
    const { serviceManager, store, clock, log, name, metrics } = this.#options
    if (service.toLowerCase() !== this.#options.service.toLowerCase()) return
    metrics.slashed.inc({ service: name, operator })
    const own = operator.toLowerCase() === this.#options.operator.toLowerCase()
    const lost = strategies.map((strategy, i) => `${shares[i] ?? 0n} shares of ${strategy}`).join(', ')
    const what = own ? 'THIS OPERATOR was slashed for equivocation' : 'an operator was slashed for equivocation'
    log[own ? 'error' : 'warn'](what, { operator, epoch, slot, kind, lost, transaction })
    store.settle({ serviceManager, service, operator, epoch }, { status: 'slashed', at: clock.now(), transaction })
  }
}

interface SlashedArgs {
  readonly operator: Address
  readonly service: Hex
  readonly epoch: bigint
  readonly kind: number
  readonly slot: bigint
  readonly strategies: readonly Address[]
  readonly shares: readonly bigint[]
}

/** Name of the contract's error, where a call was refused by it. */
function errorName(error: unknown): string | undefined {
  if (!(error instanceof LariatError) || error.code !== 'chain.reverted') return undefined
  const name = error.details.error
  return typeof name === 'string' ? name : undefined
}
