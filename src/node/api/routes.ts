import type { Metrics } from '../../metrics/registry.ts'
import type { Journal, SlotRecord } from '../../store/store.ts'
import type { Hex } from '../../util/hex.ts'
import { type ApiRoute, badQuery, unsigned } from './router.ts'

/** Slot records in one answer: 100 kB of JSON. */
const MAX_SLOTS = 500
const DEFAULT_SLOTS = 50

export function metricsRoute(metrics: Metrics): ApiRoute {
  return {
    path: '/metrics',
    handle: async () => {
      const { contentType, body } = await metrics.expose()
      return { status: 200, contentType, text: body }
    },
  }
}

/** `/v1/slots?service=&from=&to=&limit=`: how slots ended on this node, newest first, bounds inclusive. */
export function slotsRoute(
  journal: Journal,
  services: readonly { readonly name: string; readonly id: Hex }[],
): ApiRoute {
  return {
    path: '/v1/slots',
    handle: ({ query }) => {
      const asked = query.get('service') ?? (services.length === 1 ? services[0]?.name : undefined)
      const service = services.find(({ name, id }) => asked === name || asked?.toLowerCase() === id)
      if (service === undefined) {
        throw badQuery(`service: expected one of ${services.map(({ name }) => name).join(', ')}`)
      }
      const [fromSlot, toSlot] = [unsigned(query, 'from'), unsigned(query, 'to')]
      const limit = Number(unsigned(query, 'limit') ?? DEFAULT_SLOTS)
      if (limit < 1 || limit > MAX_SLOTS) throw badQuery(`limit: expected 1 to ${MAX_SLOTS}`)
      const slots = journal.list({
        service: service.id,
        limit,
        ...(fromSlot === undefined ? {} : { fromSlot }),
        ...(toSlot === undefined ? {} : { toSlot }),
      })
      return { status: 200, body: { service: service.name, slots: slots.map(slotView) } }
    },
  }
}

/** A slot as it is told: times in Unix seconds. */
export function slotView({ service: _, triggeredAt, ...record }: SlotRecord) {
  return { ...record, triggeredAt: triggeredAt / 1_000 }
}
