import type { Address, Log } from 'lariat/avs'
import type { Gathering } from './gathering.ts'
import type { BeaconMetrics, Part } from './metrics.ts'
import { ownerOf } from './sharings.ts'

/** Rounds in a row that a member misses before it is told of by name: one may be lost on its way, ten are not. */
const WITHHOLDS_AFTER = 10
/** Rounds of which is remembered who missed: nine hours of a beacon of 1 s. Nearly all have nobody. */
const MAX_REMEMBERED = 32_768

/** Who took part in one round, as this node saw it. */
export interface RoundParticipation {
  readonly round: bigint
  /** Members that own shares. */
  readonly members: readonly Address[]
  readonly missed: readonly Address[]
  /** Members of which a false partial came from themselves. */
  readonly false: readonly Address[]
}

/** What one operator did in a range of rounds. */
export interface Conduct {
  readonly operator: Address
  /** Rounds in which it had shares. */
  readonly rounds: number
  /** Of these, those without all its true partials. */
  readonly missed: number
}

/** Counts who takes part. A partial that came counts once it was verified, so that nobody passes by sending rubbish. */
export class Participation {
  readonly #metrics: BeaconMetrics
  readonly #log: Log
  /** By round, ascending as they are counted. */
  readonly #rounds = new Map<bigint, RoundParticipation>()
  readonly #inARow = new Map<Address, number>()

  constructor(metrics: BeaconMetrics, log: Log) {
    this.#metrics = metrics
    this.#log = log
  }

  /** Counts a round whose time for partials is over; all that it holds must have been sifted. */
  count(gathering: Gathering): void {
    const { round, sharing, present, falseIndices } = gathering
    const shares = new Map<Address, { missing: number; false: boolean }>()
    const total = sharing.members.reduce((sum, member) => sum + member.shares, 0)
    for (let index = 0; index < total; index++) {
      const owner = ownerOf(sharing, index)
      if (owner === undefined) continue
      const state = shares.get(owner) ?? { missing: 0, false: false }
      if (!present.has(index)) state.missing++
      if (falseIndices.has(index)) state.false = true
      shares.set(owner, state)
    }
    const missed: Address[] = []
    const bad: Address[] = []
    for (const [operator, state] of shares) {
      const part: Part = state.false ? 'false' : state.missing > 0 ? 'missed' : 'present'
      this.#metrics.participation.inc({ operator, part })
      if (state.false) bad.push(operator)
      if (part !== 'present') missed.push(operator)
      this.#streak(operator, part !== 'present', round)
    }
    this.#rounds.set(round, { round, members: [...shares.keys()], missed, false: bad })
    if (missed.length > 0) this.#log.debug('members were missing in a round', { round, missed, false: bad })
    for (const oldest of this.#rounds.keys()) {
      if (this.#rounds.size <= MAX_REMEMBERED) break
      this.#rounds.delete(oldest)
    }
  }

  /** Rounds `from` to `to`, both included, as far as they are remembered, newest first, at most `limit`. */
  list(from: bigint, to: bigint, limit: number): readonly RoundParticipation[] {
    return [...this.#rounds.values()]
      .filter(({ round }) => round >= from && round <= to)
      .sort((a, b) => (a.round < b.round ? 1 : -1))
      .slice(0, limit)
  }

  /** What each operator did in these rounds, and how many of them this node has seen. */
  conduct(from: bigint, to: bigint): { readonly seen: number; readonly operators: readonly Conduct[] } {
    const counts = new Map<string, { operator: Address; rounds: number; missed: number }>()
    let seen = 0
    for (const { round, members, missed } of this.#rounds.values()) {
      if (round < from || round > to) continue
      seen++
      for (const operator of members) {
        const count = counts.get(operator.toLowerCase()) ?? { operator, rounds: 0, missed: 0 }
        count.rounds++
        if (missed.includes(operator)) count.missed++
        counts.set(operator.toLowerCase(), count)
      }
    }
    return { seen, operators: [...counts.values()] }
  }

  /** Rounds in a row, of those counted last, that this operator missed. */
  missedInARow(operator: Address): number {
    return this.#inARow.get(operator) ?? 0
  }

  #streak(operator: Address, isMissing: boolean, round: bigint): void {
    const before = this.#inARow.get(operator) ?? 0
    const now = isMissing ? before + 1 : 0
    this.#inARow.set(operator, now)
    this.#metrics.missedInARow.set({ operator }, now)
    if (now === WITHHOLDS_AFTER) {
      this.#log.warn('an operator withholds its partials', { operator, rounds: now, since: round - BigInt(now - 1) })
    }
    if (now === 0 && before >= WITHHOLDS_AFTER) {
      this.#log.info('an operator takes part again', { operator, missed: before, round })
    }
  }
}
