import { MAX_SLOTS } from './slots.ts'
import { addRounds, addSlot, addWarnings, MAX_ROUNDS, type State, type Store } from './state.ts'
import type { Beacon, Bridge, FeedSources, Round, Slot, Warning } from './types.ts'

/** Rounds of the beacon, and messages, that are shown. */
const BEACON_ROUNDS = 120
const MESSAGES = 8

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`./${path}`)
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return (await response.json()) as T
}

export async function loadSlots(store: Store, line: string): Promise<void> {
  const { slots } = await get<{ slots: Slot[] }>(`v1/slots?service=${encodeURIComponent(line)}&limit=${MAX_SLOTS}`)
  store.update((state) => {
    const older: State = { ...state, slots: new Map(state.slots).set(line, slots.toReversed()) }
    return (state.slots.get(line) ?? []).reduce((sum, slot) => addSlot(sum, line, slot), older)
  })
}

export async function loadWarnings(store: Store): Promise<void> {
  const { warnings } = await get<{ warnings: Warning[] }>('v1/warnings')
  store.update((state) => addWarnings({ ...state, warnings: [] }, warnings))
}

let loadingRounds = false
/** Those since the newest that is there. */
export async function loadRounds(store: Store): Promise<void> {
  if (loadingRounds) return
  loadingRounds = true
  try {
    const newest = store.state.rounds.at(-1)
    const from = newest === undefined ? '' : `&from=${newest.slot}`
    const { rounds } = await get<{ rounds: Round[] }>(`v1/prices/history?limit=${MAX_ROUNDS}${from}`)
    store.update((state) => addRounds(state, rounds))
  } finally {
    loadingRounds = false
  }
}

export async function loadSources(store: Store): Promise<void> {
  const { feeds } = await get<{ feeds: FeedSources[] }>('v1/prices/sources')
  store.update((state) => ({ ...state, sources: feeds }))
}

export async function loadBeacon(store: Store): Promise<void> {
  const beacon = await get<Beacon>(`v1/randomness/participation?limit=${BEACON_ROUNDS}`)
  store.update((state) => ({ ...state, beacon }))
}

export async function loadBridge(store: Store): Promise<void> {
  const bridge = await get<Bridge>(`v1/bridge/messages?limit=${MESSAGES}`)
  store.update((state) => ({ ...state, bridge }))
}
