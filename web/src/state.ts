import { withSlot } from './slots.ts'
import type {
  Beacon,
  Bridge,
  ChainInfo,
  Checks,
  FeedSources,
  NodeInfo,
  Peers,
  Risk,
  Round,
  Service,
  Slot,
  Warning,
} from './types.ts'

/** Rounds of prices that charts show. */
export const MAX_ROUNDS = 150
/** Warnings that are shown. */
export const MAX_WARNINGS = 60

/** All that is shown; parts are undefined until they are known. Each change makes a part anew, so that views can compare. */
export interface State {
  readonly node?: NodeInfo
  readonly checks?: Checks
  readonly chains?: readonly ChainInfo[]
  readonly peers?: Peers
  readonly services?: readonly Service[]
  readonly risk?: Risk | null
  readonly slots: ReadonlyMap<string, readonly Slot[]>
  readonly warnings: readonly Warning[]
  readonly rounds: readonly Round[]
  readonly sources: readonly FeedSources[]
  readonly beacon?: Beacon
  readonly bridge?: Bridge
  /** Since when there is no connection, Unix seconds; undefined while there is one. */
  readonly brokenSince?: number | undefined
  /** What the node's clock is ahead of this machine's, seconds. */
  readonly ahead: number
}

export const EMPTY: State = { slots: new Map(), warnings: [], rounds: [], sources: [], ahead: 0 }

/** The parts that are told whole. */
export const WHOLE = ['node', 'checks', 'chains', 'peers', 'services', 'risk'] as const

export function addSlot(state: State, service: string, slot: Slot): State {
  const slots = new Map(state.slots)
  slots.set(service, withSlot(slots.get(service) ?? [], slot))
  return { ...state, slots }
}

export function addWarnings(state: State, warnings: readonly Warning[]): State {
  return { ...state, warnings: [...state.warnings, ...warnings].slice(-MAX_WARNINGS) }
}

/** Adds rounds that are not there yet, ascending. */
export function addRounds(state: State, rounds: readonly Round[]): State {
  const bySlot = new Map([...state.rounds, ...rounds].map((round) => [round.slot, round]))
  const sorted = [...bySlot.values()].sort((a, b) => a.observedAt - b.observedAt)
  return { ...state, rounds: sorted.slice(-MAX_ROUNDS) }
}

/** Whether the node serves a service of that name. */
export function serves({ services }: State, name: string): boolean {
  return services?.some((service) => service.name === name) === true
}

export interface Store {
  readonly state: State
  update(change: (state: State) => State): void
}

/** Holds the state; `draw` is called once per frame in which it changed. */
export function createStore(draw: (state: State) => void): Store {
  let state = EMPTY
  let drawing = false
  return {
    get state() {
      return state
    },
    update(change) {
      state = change(state)
      if (drawing) return
      drawing = true
      requestAnimationFrame(() => {
        drawing = false
        draw(state)
      })
    },
  }
}
