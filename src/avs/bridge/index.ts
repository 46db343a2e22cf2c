import { defineService, identical, onFeed } from 'lariat/avs'
import { feedHandovers, handoverPayload, observeHandover } from './attest/handover.ts'
import { revocationStrand } from './attest/revocations.ts'
import { streamStrand } from './attest/streams.ts'
import { deliveryCheck, sourcesCheck, uncertifiedCheck } from './checks.ts'
import { traceCommand } from './commands/trace.ts'
import { type BridgeConfig, bridgeConfigSchema } from './config.ts'
import { routesOf } from './http/routes.ts'
import { type BridgeState, openState, storesOf } from './state.ts'
import { EPOCHS_SERVICE, Level } from './statements.ts'
import { bridgeStatus } from './status.ts'

/**
 * Attests to messages between chains: what its own service certifies is the hand-over of its epochs to other chains; its strands are the
 * checkpoints of each tree of messages, and revocations.
 */
export default defineService({
  name: 'bridge',
  configSchema: bridgeConfigSchema,
  serviceId: () => EPOCHS_SERVICE,
  state: (context) => openState(context),
  parts: ({ state }) => state.parts,
  triggers: (context) => [onFeed<undefined>((begin) => feedHandovers(context, context.state.epochBook, begin))],
  agreement: identical(),
  observe: async ({ state, task }) => observeHandover(state.epochBook, task.slot),
  payload: handoverPayload,
  certified: ({ state }) => state.wake(),
  strands: ({ state }) =>
    [
      ...state.sources.flatMap(({ source, config }) => [
        streamStrand(source, Level.finalized, () => state.supply.problem()),
        ...(config.fast === undefined ? [] : [streamStrand(source, Level.fast, () => state.supply.problem())]),
      ]),
      revocationStrand(state.revocations),
      ...state.modules.flatMap((module) => module.strands()),
    ].map((strand) => ({ ...strand, certified: () => state.wake() })),
  checkpoints: ({ mailboxes }) => mailboxes.some(({ storage }) => storage !== undefined),
  checks: [sourcesCheck, uncertifiedCheck, deliveryCheck],
  status: bridgeStatus,
  stores: storesOf,
  routes: routesOf<BridgeConfig, BridgeState>(({ served }) => served),
  commands: [traceCommand],
})
