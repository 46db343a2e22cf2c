import { keccak256, stringToBytes } from 'viem'
import { gated } from '../signer/gate.ts'
import { LariatError } from '../util/errors.ts'
import type { Context, ServiceConfig } from './api.ts'
import { keptCertificates } from './certified.ts'
import { CHECKPOINT_STORE, CHECKPOINT_STORE_SPEC, type Checkpoints, checkpointsOf } from './checkpoints.ts'
import { DEAL_STORE, DEAL_STORE_SPEC, dealerOf } from './dealing.ts'
import { createMessaging, type Deliver, type Messaging } from './messages.ts'
import type { ServiceChain } from './ports.ts'
import type { RunnerOptions } from './runner.ts'
import { stopAfterSighting } from './secondSelf/gates.ts'
import type { Shares } from './shares.ts'

/** Names of stores; what begins otherwise is the runner's own. */
const STORE_PATTERN = /^[a-z][a-z0-9-]{0,31}$/

/** What a plug-in's hooks get of its declarations: messages, stores, shares, checkpoints, dealings. */
export interface Bound {
  readonly context: Context<ServiceConfig>
  readonly messaging: Messaging
  /** Hands messages to the plug-in's handlers, with the state that its hooks share. */
  readonly deliver: (state: unknown) => Deliver
}

/** @throws LariatError `plugin.invalid`, `store.version`, `store.out-of-range` for declarations that cannot be met */
export function contextOf(options: RunnerOptions): Bound {
  const { definition, domain, epochs, directory, transport, keyValues, shares, checkpointSigner, peerTime } = options
  const { name, messages: types = [], stores: specsOf } = definition
  const { service, clock, metrics } = options.context
  const log = options.context.log.child({ service: name })
  const undeclared = (what: string) => new LariatError('plugin.undeclared', `service ${name} declares no ${what}`)
  const messaging = createMessaging({ name, service, domain, types, transport, directory, clock, log, metrics })
  const stores = new Map(
    Object.entries(specsOf?.(options.context.config) ?? {}).map(([store, spec]) => {
      if (!STORE_PATTERN.test(store)) {
        throw new LariatError(
          'plugin.invalid',
          `service ${name}: store "${store}": use lower-case letters, digits and hyphens`,
        )
      }
      return [store, keyValues.open(service, store, spec)]
    }),
  )
  const deal = dealerOf({
    service: dealServiceOf(name),
    // no silence at the start: sessions are rare, and the guard refuses whatever was opened before the floor
    signer: gated(options.signer, [stopAfterSighting(options.secondSelf.sightings)]),
    epochs,
    clock,
    store: () => keyValues.open(service, DEAL_STORE, DEAL_STORE_SPEC),
  })
  const checkpoints =
    definition.checkpoints?.(options.context.config) && checkpointSigner !== undefined
      ? checkpointsOf({
          ...{ signer: checkpointSigner, clock },
          store: () => keyValues.open(service, CHECKPOINT_STORE, CHECKPOINT_STORE_SPEC),
        })
      : undefined
  const context: Context<ServiceConfig> = {
    ...options.context,
    chain: finalByDefault(options.context.chain),
    chains: new Map([...options.context.chains].map(([key, chain]) => [key, finalByDefault(chain)])),
    log,
    messages: messaging,
    peerTime,
    epochs,
    certificates: keptCertificates(options.certificates),
    store(store) {
      const found = stores.get(store)
      if (found === undefined) throw undeclared(`store "${store}"`)
      return found
    },
    shares: definition.shares !== undefined && shares !== undefined ? shares : refusing(undeclared('shares')),
    checkpoints: checkpoints ?? refusing(undeclared('checkpoints')),
    deal,
  }
  const deliver =
    (state: unknown): Deliver =>
    (type, message) => {
      const handler = types.find((one) => one.name === type)
      return handler?.handle({ ...context, state, message }) ?? 'ignore'
    }
  return { context, messaging, deliver }
}

/** What a plug-in reads without a word about the block may be signed over. */
export function finalByDefault<C extends ServiceChain>(chain: C): C {
  return { ...chain, read: (call) => chain.read({ block: 'finalized', ...call }) }
}

/** What a service has in place of keys that it does not declare. */
function refusing<Port extends Shares | Checkpoints>(error: LariatError): Port {
  const refuse = (): never => {
    throw error
  }
  return new Proxy({} as Port, { get: refuse })
}

/** Id in `deal` statements of the service of that name. */
export function dealServiceOf(name: string): `0x${string}` {
  return keccak256(stringToBytes(`lariat/${name}/key`))
}
