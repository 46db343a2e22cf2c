import { defineService, identical, onInterval } from 'lariat/avs'
import { beaconCheck, ceremonyCheck, deliveryCheck } from './checks.ts'
import { encrypt } from './commands/encrypt.ts'
import { get, info, verify } from './commands/rounds.ts'
import { conductPayload, observeConduct, submitConduct } from './conduct.ts'
import { randomnessConfigSchema } from './config.ts'
import { REQUEST_STORE_SPEC } from './delivery/requests.ts'
import { routes } from './http/routes.ts'
import { messages } from './messages.ts'
import { roundStoreSpec } from './rounds/store.ts'
import { keyGenerationOf, openState, REQUESTS_STORE, ROUNDS_STORE } from './state.ts'
import { randomnessStatus } from './status.ts'

/**
 * The randomness beacon: members of a sharing make a round of drand's format every few seconds. What is certified are windows of
 * conduct: who missed too many rounds is to leave.
 */
export default defineService({
  name: 'randomness',
  configSchema: randomnessConfigSchema,
  state: (context) => openState(context),
  parts: ({ state: { engine, ceremony, deliverer } }) => [
    engine,
    ceremony,
    ...(deliverer === undefined ? [] : [deliverer]),
  ],
  triggers: ({ state: { windows } }) => [onInterval({ genesis: Number(windows.genesis), interval: windows.seconds })],
  agreement: identical(),
  observe: async ({ state, task }) =>
    observeConduct(task.slot, state.windows, state.engine.chain?.group.schedule, state.engine.participation),
  payload: conductPayload,
  submit: ({ config, chain, certified, signal }) => submitConduct(config.contract, chain, certified, signal),
  routes,
  checks: [beaconCheck, ceremonyCheck, deliveryCheck],
  status: randomnessStatus,
  messages,
  stores: ({ keepRounds }) => ({ [ROUNDS_STORE]: roundStoreSpec(keepRounds), [REQUESTS_STORE]: REQUEST_STORE_SPEC }),
  shares: keyGenerationOf,
  commands: [get, verify, info, encrypt],
})
