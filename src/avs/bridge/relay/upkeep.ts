import { bytesToHex, type Clock, describe, hexToBytes, LariatError, type Log, type Receipt } from 'lariat/avs'
import { bridgeIsmAbi } from '../abi/bridgeIsm.ts'
import { EPOCHS_SERVICE, epochPayload, Level, revocationPayload, streamService } from '../statements.ts'
import type { RelayMetrics } from './metrics.ts'
import type { Module } from './module.ts'
import type { Correction, RelayPorts, Revocation } from './ports.ts'
import type { Turns } from './turns.ts'

/** Epochs that are imported in one go: a destination that was away for long catches up in several. */
const MAX_EPOCHS = 8
/** Things that are left alone after they were refused. */
const MAX_RESTING = 256
/** ms for which one is left alone then. */
const REST_MS = 60_000

export interface UpkeepOptions {
  readonly module: Module
  readonly ports: RelayPorts
  readonly turns: Turns
  readonly clock: Clock
  readonly log: Log
  readonly metrics: RelayMetrics
}

type What = 'epoch' | 'revocation' | 'correction' | 'pause' | 'unpause'

/** Brings epochs, revocations and corrections to the module of a destination. Operators take turns. */
export class Upkeep {
  readonly #options: UpkeepOptions
  /** Until when what was refused is left alone, ms since the epoch. */
  readonly #resting = new Map<string, number>()
  #problem: string | undefined

  constructor(options: UpkeepOptions) {
    this.#options = options
  }

  /** What keeps the module from what the operators handed over, and how to mend it. */
  problem(): string | undefined {
    return this.#problem
  }

  /** @throws LariatError `chain.…` of reads and of sending, but for what the module refuses */
  async run(signal: AbortSignal): Promise<void> {
    this.#problem = undefined
    await this.#pauses(signal)
    await this.#epochs(signal)
    for (const revocation of this.#options.ports.revocations()) await this.#revoke(revocation, signal)
    for (const correction of this.#options.ports.corrections()) await this.#correct(correction, signal)
  }

  /** A pause before all else, and its end. */
  async #pauses(signal: AbortSignal): Promise<void> {
    const { module, ports, log } = this.#options
    const { isPaused, count } = await module.pauses()
    const what = isPaused ? 'unpause' : 'pause'
    const kept = ports.votes(module.destination.domain, !isPaused, count)
    if (kept === undefined) return
    const { epoch } = kept.certificate.statement
    if (!(await module.isLive(epoch))) return
    const done = await this.#write(what, `${what}/${count}`, (intent) =>
      module.destination.chain.write({
        ...{ ...this.#ism, functionName: what, args: [epoch, kept.onChain] as const },
        ...{ signal, intent },
      }),
    )
    if (done !== true) return
    log.warn(isPaused ? 'a module is open again' : 'a module is paused: nothing is delivered through it', {
      ...{ destination: module.destination.domain, pause: count },
    })
  }

  async #epochs(signal: AbortSignal): Promise<void> {
    const { module, ports, log } = this.#options
    for (let step = 0; step < MAX_EPOCHS; step++) {
      const latest = await module.latestEpoch()
      const where = `module ${module.destination.ism} of domain ${module.destination.domain}`
      if (latest === 0n) {
        this.#problem = `${where} has no epoch: its owner must call initialize`
        return
      }
      const number = latest + 1n
      const [kept] = ports.certificates.list({
        ...{ service: EPOCHS_SERVICE, fromSlot: number, toSlot: number, limit: 1 },
      })
      const handed = ports.handedEpoch(number)
      if (kept === undefined || handed === undefined) return
      const { epoch, payload } = kept.certificate.statement
      if (epoch !== latest || epochPayload(handed) !== payload) {
        this.#problem = `${where}: the hand-over of epoch ${number} that is certified is not what this node sees in epoch ${number}`
        return
      }
      const table = { ...handed, rows: bytesToHex(handed.rows) }
      const done = await this.#write('epoch', `epoch/${number}`, (intent) =>
        module.destination.chain.write({
          ...{ ...this.#ism, functionName: 'importEpoch', args: [table, kept.onChain] as const },
          ...{ signal, intent },
        }),
      )
      module.forgetEpochs()
      if (done === 'EpochNotLive') {
        this.#problem = `${where}: epoch ${latest} is over there, so that nothing can be handed over any more: its owner must recover it`
      }
      if (done !== true) return
      log.info('an epoch was brought to a destination', { destination: module.destination.domain, epoch: number })
    }
  }

  async #revoke({ epoch, atBlock, revoked, certificate }: Revocation, signal: AbortSignal): Promise<void> {
    const { module, log } = this.#options
    const { statement } = certificate.certificate
    if (revocationPayload(epoch, revoked) !== statement.payload) return
    if (!(await module.isLive(statement.epoch)) || !(await module.isKnown(epoch))) return
    if (isWithin(revoked, hexToBytes(await module.revokedRows(epoch)))) return
    const rows = bytesToHex(revoked)
    const args = [statement.epoch, epoch, atBlock, rows, certificate.onChain] as const
    const done = await this.#write('revocation', `revoke/${epoch}/${rows}`, (intent) =>
      module.destination.chain.write({ ...this.#ism, functionName: 'revoke', args, signal, intent }),
    )
    if (done !== true) return
    log.warn('rows of an epoch lost their weight at a destination', {
      ...{ destination: module.destination.domain, epoch, rows },
    })
  }

  /** Whether there is something to correct, the module alone knows: it refuses what contradicts nothing. */
  async #correct({ origin, finalized, certificate }: Correction, signal: AbortSignal): Promise<void> {
    const { module, ports, log } = this.#options
    const { epoch } = certificate.certificate.statement
    const source = ports.sources.get(origin)
    const believed = await module.serviceOf(origin)
    if (source === undefined || believed !== streamService(source, Level.fast) || !(await module.isLive(epoch))) return
    const args = [origin, epoch, finalized, certificate.onChain] as const
    const thing = `correct/${origin}/${finalized.index}/${finalized.root}`
    // no intent: once the owner has opened the route again, the same may be wanted again
    const done = await this.#write('correction', thing, () =>
      module.destination.chain.write({ ...this.#ism, functionName: 'correct', args, signal }),
    )
    if (done !== true) return
    log.error('a fast checkpoint was corrected: the route is closed until its owner opens it', {
      ...{ destination: module.destination.domain, origin, index: finalized.index },
    })
  }

  /** Sends, if it is our turn. @returns true when it landed, the error’s name when it was refused, undefined when it was not sent */
  async #write(
    what: What,
    thing: string,
    send: (intent: { readonly id: string }) => Promise<Receipt>,
  ): Promise<true | string | undefined> {
    const { module, ports, turns, clock, log, metrics } = this.#options
    const { domain } = module.destination
    const now = clock.now()
    if (now < (this.#resting.get(thing) ?? 0)) return undefined
    const operators = ports.epochs.at(now / 1_000)?.members.map(({ operator }) => operator) ?? []
    if (!turns.isOurs(`${domain}/${thing}`, operators)) return undefined
    try {
      await send({ id: `bridge/${domain}/${thing}` })
      metrics.upkeep.inc({ destination: `${domain}`, what })
      return true
    } catch (error) {
      if (!(error instanceof LariatError) || error.code !== 'chain.reverted') throw error
      const name = String(error.details.error)
      this.#rest(thing, now + REST_MS)
      log.debug('a destination’s module refused', { destination: domain, what, error: describe(error) })
      return name
    }
  }

  get #ism() {
    return { address: this.#options.module.destination.ism, abi: bridgeIsmAbi } as const
  }

  #rest(thing: string, until: number): void {
    this.#resting.delete(thing)
    this.#resting.set(thing, until)
    const [oldest] = this.#resting.keys()
    if (this.#resting.size > MAX_RESTING && oldest !== undefined) this.#resting.delete(oldest)
  }
}

/** Whether all bits of `bits` are in `all`. */
function isWithin(bits: Uint8Array, all: Uint8Array): boolean {
  return bits.every((byte, i) => (byte & ~(all[i] ?? 0)) === 0)
}
