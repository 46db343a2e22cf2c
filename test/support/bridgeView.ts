import type { RouteReply } from '../../src/avs/api.ts'
import { routesOf, type Served } from '../../src/avs/bridge/http/routes.ts'
import type { BridgeView, DestinationView } from '../../src/avs/bridge/http/view.ts'
import { Module } from '../../src/avs/bridge/relay/module.ts'
import type { Delivery } from '../../src/avs/bridge/relay/relayer.ts'
import { streamService } from '../../src/avs/bridge/statements.ts'
import type { FollowedChain } from '../../src/avs/ports.ts'
import { createRouter } from '../../src/node/api/router.ts'
import type { EpochTable } from '../../src/types/epoch.ts'
import type { Address } from '../../src/util/hex.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { HOOK, MemoryCertificates, memorySource } from './bridge.ts'
import { FakeDestination } from './bridgeDestination.ts'

export const [ORIGIN, THERE] = [1_000, 2_000]
export const ORIGIN_MAILBOX: Address = `0x${'0a'.repeat(20)}`
export const operatorOf = (i: number): Address => `0x${`0${i + 1}`.repeat(20)}`

/** An epoch of four operators, of whom the routes take names and rows. */
export const TABLE = {
  number: 1n,
  members: [0, 1, 2, 3].map((index) => ({
    index,
    operator: operatorOf(index),
    publicKey: new Uint8Array(96),
    weight: 1n,
  })),
} as unknown as EpochTable

/** An origin, a destination with a module, and what the routes see of them. */
export function viewWorld({ chain = { name: 'base' } as FollowedChain } = {}) {
  const clock = new SimClock(1_700_000_000_000)
  const source = memorySource({ domain: ORIGIN, destination: THERE, now: () => clock.now(), chain })
  const there = new FakeDestination(THERE, clock)
  there.services.set(ORIGIN, streamService({ domain: ORIGIN, hook: HOOK }, 1))
  const certificates = new MemoryCertificates()
  const deliveries = new Map<number, Delivery>()
  const destination: DestinationView = {
    ...{ domain: THERE, chain: 'there', module: new Module(there.as(operatorOf(0)), clock) },
    relayer: { delivery: (_, index) => deliveries.get(index) },
  }
  const view: BridgeView = {
    sources: new Map([[ORIGIN, source]]),
    mailboxes: new Map([[ORIGIN, ORIGIN_MAILBOX]]),
    destinations: new Map([[THERE, destination]]),
    certificates,
    epochs: { byNumber: (number) => (number === 1n ? TABLE : undefined) },
  }
  const served: Served & { validator: Served['validator'] } = { view, validator: undefined }
  return { clock, source, there, certificates, deliveries, view, served }
}

/** What the routes answer to a GET. */
export async function get(served: Served, path: string): Promise<RouteReply> {
  const routes = routesOf<{ contract: Address }, Served>((state) => state)
  const match = createRouter(
    routes.map(({ path, longest }) => ({
      ...{ path, handle: () => ({ status: 0, body: '' }) },
      ...(longest === undefined ? {} : { longest }),
    })),
  )
  const found = match('GET', path)
  if (!('route' in found)) return { status: found.reply.status, body: undefined }
  const route = routes.find((one) => one.path === found.route.path)
  if (route === undefined) throw new Error('no route')
  const context = { state: served, query: found.query, params: found.params, signal: new AbortController().signal }
  return route.handle(context as unknown as Parameters<typeof route.handle>[0])
}
