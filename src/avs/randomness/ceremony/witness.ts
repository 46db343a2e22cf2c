import type { Address, Log } from 'lariat/avs'
import { absentOf, type BoardSession } from './board.ts'

/** What the contract's reasons of a conviction mean. */
const REASONS: Readonly<Record<number, string>> = {
  1: 'dealt a wrong share',
  2: 'committed to what is no point of the group',
  3: 'complained of a share that is right',
  4: 'dealt twice',
}

/** Names in the log who broke the rules of a session, and who was not there: each once, as the final board has it. */
export class Witness {
  readonly #log: Log
  readonly #own: Address
  #session = 0n
  readonly #told = new Set<string>()

  constructor(log: Log, own: Address) {
    this.#log = log
    this.#own = own
  }

  /** @param final the block up to which `session` was read */
  see(session: BoardSession, final: bigint): void {
    const { facts, convicted, dealEnd } = session
    if (facts.session !== this.#session) this.#told.clear()
    this.#session = facts.session
    for (const [operator, reason] of convicted) {
      if (this.#told.has(operator)) continue
      this.#told.add(operator)
      const why = REASONS[reason] ?? `reason ${reason}`
      const fields = { session: facts.session, operator, why }
      if (operator === this.#own.toLowerCase()) this.#log.error('this operator was convicted in key generation', fields)
      else this.#log.warn('an operator was convicted in key generation', fields)
    }
    if (final < dealEnd || this.#told.has('')) return
    this.#told.add('')
    const absent = absentOf(session)
    if (absent.length > 0) this.#log.warn('no dealing came from some operators', { session: facts.session, absent })
  }
}
