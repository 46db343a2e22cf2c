import type { Journal, SlotRecord } from '../../store/store.ts'
import type { Log } from '../../util/log.ts'
import type { ApiRoute } from '../api/router.ts'
import { slotView } from '../api/routes.ts'
import { pageFolder, pageRoutes } from './assets.ts'
import { createEvents, type Events } from './events.ts'
import { type OverviewOf, overviewOf } from './overview.ts'
import type { RecentWarnings } from './warnings.ts'

export interface StatusPageOf extends OverviewOf {
  readonly warnings: RecentWarnings
  readonly slots: SlotTeller
  readonly log: Log
}

export interface StatusPage {
  readonly routes: readonly ApiRoute[]
  /** Ends the streams; to be started after the HTTP server. */
  readonly events: Events
}

/** The status page: its files, and the events by which it stays up to date (docs/status-page.md). */
export function createStatusPage({ warnings, slots, log, ...of }: StatusPageOf): StatusPage {
  const names = new Map(
    of.services.flatMap(({ runner }) => runner.lines.map(({ name, service }) => [service as string, name] as const)),
  )
  const events = createEvents({ state: async () => ({ ...(await overviewOf(of)) }), clock: of.clock, log })
  slots.tell((record) => {
    const service = names.get(record.service)
    if (service !== undefined) events.publish('slot', { service, ...slotView(record) })
  })
  warnings.onWarning((warning) => events.publish('warning', warning))
  return {
    events,
    routes: [
      ...pageRoutes(pageFolder()),
      { path: '/v1/events', handle: (request) => events.connect(request) },
      { path: '/v1/warnings', handle: () => ({ status: 200, body: { warnings: warnings.list() } }) },
    ],
  }
}

/** A journal that tells of what is recorded. */
export interface SlotTeller {
  readonly journal: Journal
  /** Sets who is told; until then nobody is. */
  tell(handler: (record: SlotRecord) => void): void
}

export function tellingJournal(journal: Journal): SlotTeller {
  let handler: (record: SlotRecord) => void = () => {}
  return {
    journal: {
      record(entry) {
        journal.record(entry)
        handler(entry)
      },
      list: (query) => journal.list(query),
    },
    tell(other) {
      handler = other
    },
  }
}
