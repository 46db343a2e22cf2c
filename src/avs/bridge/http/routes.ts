import type { Route, RouteReply, ServiceConfig } from 'lariat/avs'
import { padHex } from 'viem'
import { gatewayPage, MAX_GATEWAY_URL } from './gateway.ts'
import { messagesPage, originsOf } from './messages.ts'
import { trace } from './trace.ts'
import type { ValidatorStorage } from './validator.ts'
import { type BridgeView, hashOf } from './view.ts'

/** What the routes need of the state of the bridge. */
export interface Served {
  readonly view: BridgeView
  /** Undefined where no key signs checkpoints of Hyperlane’s multisig modules. */
  readonly validator: ValidatorStorage | undefined
}

/** The HTTP routes of the bridge. @param servedBy picks what they need from the state of its hooks */
export function routesOf<Config extends ServiceConfig, State>(
  servedBy: (state: State) => Served,
): readonly Route<Config, State, unknown>[] {
  return [
    { path: '/v1/bridge/trace/{id}', handle: async ({ state, params }) => tracePage(servedBy(state).view, params.id) },
    { path: '/v1/bridge/messages', handle: async ({ state, query }) => messagesPage(servedBy(state).view, query) },
    {
      path: '/v1/bridge/gateway/{sender}/{data}',
      longest: MAX_GATEWAY_URL,
      handle: async ({ state, params: { sender = '', data = '' } }) => gatewayPage(servedBy(state).view, sender, data),
    },
    {
      path: '/v1/bridge/validator/{domain}/{file}',
      handle: async ({ state, params }) => validatorPage(servedBy(state), params.domain ?? '', params.file ?? ''),
    },
  ]
}

async function tracePage(view: BridgeView, text: string | undefined): Promise<RouteReply> {
  const id = hashOf(text)
  if (id === undefined) return { status: 400, body: { error: 'expected the id of a message: 0x and 64 hex digits' } }
  const found = await trace(view, id)
  if (found !== undefined) return { status: 200, body: found }
  const error = 'no final block of an origin that this node follows has this message'
  return { status: 404, body: { error, id, origins: originsOf(view) } }
}

async function validatorPage({ view, validator }: Served, domain: string, file: string): Promise<RouteReply> {
  const source = /^\d{1,10}$/.test(domain) ? view.sources.get(Number(domain)) : undefined
  if (validator === undefined)
    return { status: 404, body: { error: 'this node signs no checkpoints for validators’ storage' } }
  if (source === undefined) return { status: 404, body: { error: `this node does not follow domain ${domain}` } }
  const mailbox = view.mailboxes.get(source.domain)
  return mailbox === undefined
    ? { status: 404, body: { error: `this node does not follow domain ${domain}` } }
    : validator.page(source, padHex(mailbox, { size: 32 }), file)
}
