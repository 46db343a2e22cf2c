import { bytesToHex, type Hex, hexToBytes, type RouteHeaders, type RouteReply } from 'lariat/avs'
import { decodeFunctionData } from 'viem'
import { bridgeIsmAbi } from '../abi/bridgeIsm.ts'
import { decodeMessage, messageId } from '../message.ts'
import { choose, metadataOf } from '../relay/choose.ts'
import { REASONS, type Reason } from '../relay/reasons.ts'
import { Level, streamService } from '../statements.ts'
import type { BridgeView, DestinationView } from './view.ts'

/** Characters of a gateway’s URL: a message of 6,600 bytes. */
export const MAX_GATEWAY_URL = 14_000
/** Seconds for which caches may keep metadata: newer certificates come, and the one that it has is good for as long as its epoch. */
const FRESH_S = 10

const PUBLIC: RouteHeaders = { 'access-control-allow-origin': '*' }
const FOUND: RouteHeaders = { ...PUBLIC, 'cache-control': `public, max-age=${FRESH_S}` }
const NOT_FOUND: RouteHeaders = { ...PUBLIC, 'cache-control': 'no-cache' }

/** What relayers take for a sign to ask again soon (Hyperlane’s does so ten times), and why. */
const pending = (reason: string, why: string): RouteReply => ({
  status: 404,
  body: { error: `pending: ${why}`, status: 'pending', reason },
  headers: NOT_FOUND,
})
const refused = (status: number, error: string): RouteReply => ({ status, body: { error }, headers: NOT_FOUND })

/**
 * `/v1/bridge/gateway/{sender}/{data}` of EIP-3668: the metadata of a message, for whoever was told so by `getOffchainVerifyInfo` of a
 * module of ours. It always has the certificate: a module that remembers the root does not look at it.
 * @param sender the module’s address
 * @param data the call of `getOffchainVerifyInfo`
 * @throws LariatError `chain.…` when the destination cannot be asked
 */
export async function gatewayPage(view: BridgeView, sender: string, data: string): Promise<RouteReply> {
  const destination = [...view.destinations.values()].find(
    ({ module }) => module?.destination.ism.toLowerCase() === sender.toLowerCase(),
  )
  if (destination?.module === undefined) return refused(404, `${sender} is no module that this node serves`)
  const encoded = messageIn(data)
  if (encoded === undefined) return refused(400, 'the data is no call of getOffchainVerifyInfo with a message')
  return metadataFor(view, destination, destination.module, encoded)
}

async function metadataFor(
  view: BridgeView,
  { domain }: DestinationView,
  module: NonNullable<DestinationView['module']>,
  encoded: Uint8Array,
): Promise<RouteReply> {
  const { origin, destination } = decodeMessage(encoded)
  if (destination !== domain)
    return refused(404, `the message is for domain ${destination}, the module is on ${domain}`)
  const source = view.sources.get(origin)
  if (source === undefined) return refused(404, `this node does not follow domain ${origin}`)
  const service = await module.serviceOf(origin)
  const level = (Object.keys(Level) as (keyof typeof Level)[]).find(
    (one) => streamService(source, Level[one]) === service,
  )
  if (service === undefined || level === undefined) return refused(404, REASONS['no-route'])
  const tree = (level === 'fast' ? source.ahead() : undefined) ?? source
  const message = tree.message(messageId(encoded))
  if (message === undefined) return pending('not-final', `no final block of domain ${origin} has the message`)
  const isLive = (epoch: bigint) => module.isLive(epoch)
  const { certificates } = view
  const chosen = await choose({ tree, certificates, service, leaf: message.index, isLive })
  if (typeof chosen === 'string') return pending(chosen, REASONS[chosen satisfies Reason])
  const metadata = bytesToHex(metadataOf(tree, chosen, message.index, false))
  // nobody is slashed for a fast checkpoint
  return { status: 200, body: { data: metadata, level, slashable: level === 'finalized' }, headers: FOUND }
}

/** The message that a call asks about; undefined when it is another call, or no message. */
function messageIn(data: string): Uint8Array | undefined {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(data)) return undefined
  try {
    const call = decodeFunctionData({ abi: bridgeIsmAbi, data: data as Hex })
    if (call.functionName !== 'getOffchainVerifyInfo') return undefined
    const bytes = hexToBytes(call.args[0])
    decodeMessage(bytes)
    return bytes
  } catch {
    return undefined
  }
}
