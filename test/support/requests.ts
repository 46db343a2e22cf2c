import type { Round, RoundStore } from '../../src/avs/randomness/rounds/store.ts'

/** Rounds as the delivery of requests reads them, of a map of rounds. */
export function roundsOf(rounds: ReadonlyMap<bigint, Round>): Pick<RoundStore, 'get' | 'latest'> {
  return {
    get: (round) => rounds.get(round),
    latest: () => [...rounds.values()].reduce<Round | undefined>((a, b) => (a && a.round > b.round ? a : b), undefined),
  }
}
