import type { Part } from '../../avs/api.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import { toJson } from '../../util/json.ts'
import type { Log } from '../../util/log.ts'
import { type ApiRequest, type EventSink, problem, type Reply } from '../api/router.ts'

/** Pages that are open at once: each costs what it is sent. More are answered 503. */
export const MAX_CLIENTS = 32
/** Entries that are kept for those who come back: some minutes of slots. */
const MAX_KEPT = 512
/** ms between looks at what has changed; none are made while nobody listens. */
const LOOK_MS = 1_000
/** ms between signs of life. */
const BEAT_MS = 5_000
/** Bytes that wait for one client: more, and it reads too slowly, is cut off, and begins anew. */
const MAX_WAITING = 512 * 1024

export interface EventsOptions {
  /** What is told whole whenever it changes, by the events' names. */
  readonly state: () => Promise<Readonly<Record<string, unknown>>>
  readonly clock: Clock
  readonly log: Log
}

export interface Events extends Part {
  /** Tells all that listen, and keeps it for those who come back. */
  publish(event: string, data: unknown): void
  /** The stream of events for one client: the whole state first, then what it missed since `last-event-id`, then all that comes. */
  connect(request: Pick<ApiRequest, 'header'>): Reply
}

interface Kept {
  readonly number: number
  readonly text: string
}

/**
 * Server-sent events. A number counts what is published in the life of a process; ids are `<start of the process>-<number>`, so that
 * a client which comes back to another process, or after too long, is told `reset`: it must ask for everything again.
 */
export function createEvents({ state, clock, log }: EventsOptions): Events {
  const life = Math.round(clock.now()).toString(36)
  const kept: Kept[] = []
  const clients = new Set<EventSink>()
  const stopping = new AbortController()
  /** What was told last, by event. */
  let told = new Map<string, string>()
  let number = 0
  let beatAt = 0
  let looking: Promise<void> | undefined

  function send(client: EventSink, text: string): void {
    client.write(text)
    if (client.waiting() <= MAX_WAITING) return
    log.debug('a client of the events reads too slowly', { bytes: client.waiting() })
    client.cut()
  }
  const sendAll = (text: string) => {
    for (const client of clients) send(client, text)
  }

  async function look(): Promise<void> {
    const now = new Map(Object.entries(await state()).map(([event, data]) => [event, toJson(data)]))
    for (const [event, data] of now) if (told.get(event) !== data) sendAll(message(event, data))
    told = now
    if (clock.now() - beatAt < BEAT_MS) return
    beatAt = clock.now()
    sendAll(message('beat', toJson({ now: beatAt / 1_000 })))
  }

  /** Looks again and again while anybody listens. */
  async function run(): Promise<void> {
    while (clients.size > 0 && !stopping.signal.aborted) {
      await look().catch((error: unknown) => log.error('the state of the status page could not be read', { error }))
      await sleep(clock, LOOK_MS, stopping.signal).catch(() => {})
    }
  }

  async function greet(client: EventSink, lastId: string | undefined): Promise<void> {
    const missed = missedSince(lastId)
    const id = `${life}-${number}`
    // the browser waits this long before it comes back by itself
    client.write('retry: 2000\n\n')
    client.write(message(missed === undefined ? 'reset' : 'resumed', toJson({ now: clock.now() / 1_000 }), id))
    for (const { text } of missed ?? []) client.write(text)
    clients.add(client)
    client.closed.addEventListener('abort', () => void clients.delete(client), { once: true })
    const now = new Map(Object.entries(await state()).map(([event, data]) => [event, toJson(data)]))
    for (const [event, data] of now) send(client, message(event, data))
    // nobody else waits for what has changed meanwhile
    if (clients.size === 1) told = now
    looking ??= run().finally(() => {
      looking = undefined
    })
  }

  /** Undefined when it cannot be told. */
  function missedSince(id: string | undefined): readonly Kept[] | undefined {
    const [of, text = ''] = (id ?? '').split('-')
    if (of !== life || !/^\d{1,15}$/.test(text)) return undefined
    const last = Number(text)
    const first = kept[0]?.number ?? number + 1
    return last > number || last + 1 < first ? undefined : kept.filter((entry) => entry.number > last)
  }

  return {
    name: 'events',
    publish(event, data) {
      const entry = { number: ++number, text: message(event, toJson(data), `${life}-${number}`) }
      kept.push(entry)
      if (kept.length > MAX_KEPT) kept.shift()
      sendAll(entry.text)
    },
    connect({ header }) {
      if (clients.size >= MAX_CLIENTS) return problem(503, 'events.full', 'too many status pages are open')
      const lastId = header?.('last-event-id')
      return {
        status: 200,
        stream: (client) =>
          void greet(client, lastId).catch((error: unknown) => {
            log.error('a status page could not be served', { error })
            client.cut()
          }),
      }
    },
    async start() {},
    async stop() {
      stopping.abort(new LariatError('events.stopping', 'the node is stopping'))
      for (const client of clients) client.cut()
      await looking
    },
  }
}

/** JSON has no line breaks, so it is one line of data. */
function message(event: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`
}
