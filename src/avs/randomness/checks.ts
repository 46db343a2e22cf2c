import type { Check } from 'lariat/avs'
import type { RandomnessConfig } from './config.ts'
import type { RandomnessState } from './state.ts'

/** Rounds behind the clock before it is a problem: the newest may be under way. */
const MAX_BEHIND = 2n

/** Whether rounds come. Before the first key generation there are none to come. */
export const beaconCheck: Check<RandomnessConfig, RandomnessState> = {
  name: 'randomness-rounds',
  run({ state }) {
    const { chain } = state.engine
    if (chain === undefined) return undefined
    const current = chain.current()
    const latest = chain.latest?.round ?? 0n
    if (current - latest <= MAX_BEHIND) return undefined
    return `the newest round is ${latest}, and ${current} is due: see who is missing, GET /v1/randomness/participation`
  },
}

/** Whether key generation and resharing get on: it tells what this node could not do, and tries again. */
export const ceremonyCheck: Check<RandomnessConfig, RandomnessState> = {
  name: 'randomness-key',
  run({ state }) {
    const [first] = state.ceremony.problems()
    return first
  },
}

/** Whether requests that pay are fulfilled. */
export const deliveryCheck: Check<RandomnessConfig, RandomnessState> = {
  name: 'randomness-requests',
  run: ({ state }) => state.deliverer?.problem(),
}
