import { loadBeacon, loadBridge, loadRounds, loadSlots, loadSources, loadWarnings } from './load.ts'
import { addSlot, addWarnings, type Store, serves, WHOLE } from './state.ts'
import type { NodeInfo, Slot, Warning } from './types.ts'

/** ms without a sign of life after which the connection counts as broken: the node sends one every five seconds. */
const SILENCE_MS = 12_000
/** ms until a connection that the node refused is tried again. */
const AGAIN_MS = 3_000

/** Keeps the store up to date by server-sent events, for as long as the page is open. */
export function stayLive(store: Store): void {
  let heardAt = Date.now()
  let source = connect()
  let version: string | undefined
  /** Lines whose slots were asked for in this connection. */
  let lines = new Set<string>()

  function connect(): EventSource {
    const made = new EventSource('./v1/events')
    const on = <T>(event: string, handle: (data: T) => void) =>
      made.addEventListener(event, (message) => {
        heard()
        handle(JSON.parse((message as MessageEvent<string>).data) as T)
      })
    for (const part of WHOLE) on(part, (data) => store.update((state) => ({ ...state, [part]: data })))
    on<NodeInfo>('node', (node) => {
      // another version has another page
      if (version !== undefined && version !== node.version) location.reload()
      version = node.version
    })
    on<unknown>('services', () => refresh(loadNewLines))
    on<{ now: number }>('reset', ({ now }) => {
      lines = new Set()
      store.update((state) => ({ ...state, slots: new Map(), rounds: [], ahead: now - Date.now() / 1_000 }))
      refresh(loadWarnings)
    })
    on<{ now: number }>('beat', ({ now }) => {
      store.update((state) => ({ ...state, ahead: now - Date.now() / 1_000 }))
      if (!document.hidden) refresh(loadDetails)
    })
    on<Slot & { service: string }>('slot', ({ service, ...slot }) => {
      store.update((state) => addSlot(state, service, slot))
      if (service === 'prices' && slot.outcome !== 'missed') refresh(loadRounds)
    })
    on<Warning>('warning', (warning) => store.update((state) => addWarnings(state, [warning])))
    made.addEventListener('error', () => {
      broken()
      // closed for good: the node answered something else than a stream
      if (made.readyState === EventSource.CLOSED) setTimeout(reconnect, AGAIN_MS)
    })
    return made
  }

  function reconnect(): void {
    source.close()
    source = connect()
  }
  function heard(): void {
    heardAt = Date.now()
    if (store.state.brokenSince !== undefined) store.update(({ brokenSince: _, ...state }) => state)
  }
  function broken(): void {
    if (store.state.brokenSince === undefined) {
      store.update((state) => ({ ...state, brokenSince: Date.now() / 1_000 }))
    }
  }

  /** What fails is asked for again with the next beat, and the connection's own state tells why. */
  function refresh(load: (store: Store) => Promise<void>): void {
    load(store).catch(() => {})
  }
  async function loadNewLines(): Promise<void> {
    const wanted = (store.state.services ?? []).flatMap((service) => service.lines)
    const missing = wanted.filter((line) => !lines.has(line))
    const first = lines.size === 0
    for (const line of missing) lines.add(line)
    await Promise.all(missing.map((line) => loadSlots(store, line)))
    if (first) await loadDetails(store)
  }

  setInterval(() => {
    if (Date.now() - heardAt < SILENCE_MS) return
    heardAt = Date.now()
    broken()
    reconnect()
  }, 1_000)
}

/** What services tell on pages of their own. */
async function loadDetails(store: Store): Promise<void> {
  const { state } = store
  await Promise.all([
    ...(serves(state, 'prices') ? [loadRounds(store), loadSources(store)] : []),
    ...(serves(state, 'randomness') ? [loadBeacon(store)] : []),
    ...(serves(state, 'bridge') ? [loadBridge(store)] : []),
  ])
}
