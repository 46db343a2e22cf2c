import type { Address } from 'lariat/avs'
import type { BeaconPorts } from './node.ts'

/** For how long partials of a member that sent a false one are looked at before they are used, ms. */
const SUSPECT_MS = 60_000

/** Members that sent false partials: named, penalised, and for a while not trusted to be looked at later. */
export class Suspects {
  readonly #ports: Pick<BeaconPorts, 'clock' | 'log' | 'metrics' | 'messages'>
  /** By operator, lower case: until when, ms since the epoch. Operators of sharings are few. */
  readonly #until = new Map<string, number>()

  constructor(ports: Pick<BeaconPorts, 'clock' | 'log' | 'metrics' | 'messages'>) {
    this.#ports = ports
  }

  has(operator: Address): boolean {
    return (this.#until.get(operator.toLowerCase()) ?? 0) > this.#ports.clock.now()
  }

  /** @param peer that handed it over as its own; undefined when it came otherwise, and then nobody pays */
  blame(operator: Address, peer: string | undefined, round: bigint, index: number): void {
    const { clock, log, metrics, messages } = this.#ports
    if (peer === undefined) return
    metrics.falsePartials.inc({ operator })
    log.warn('an operator sent a false partial', { operator, round, index, peer })
    this.#until.set(operator.toLowerCase(), clock.now() + SUSPECT_MS)
    messages.penalize(peer, 'invalid-signature')
  }
}
