import type { MessageType } from 'lariat/avs'
import { MESSAGE_BYTES } from './beacon/wire.ts'
import type { RandomnessConfig } from './config.ts'
import type { RandomnessState } from './state.ts'

/**
 * What operators of the beacon send each other. One peer may hand us the partials of 64 members by gossip, three rounds a
 * second while it catches up; whatever it sends directly is far less.
 */
export const messages: readonly MessageType<RandomnessConfig, RandomnessState>[] = [
  {
    name: 'partial',
    maxBytes: MESSAGE_BYTES.partial,
    perPeer: { perSecond: 200, burst: 600 },
    handle: ({ state, message }) => state.engine.onPartials(message),
  },
  {
    name: 'round',
    maxBytes: MESSAGE_BYTES.round,
    perPeer: { perSecond: 10, burst: 50 },
    handle: ({ state, message }) => state.engine.onRound(message),
  },
  {
    name: 'ask',
    maxBytes: MESSAGE_BYTES.ask,
    // rounds that are made anew are asked for one by one, sixteen at a time
    perPeer: { perSecond: 10, burst: 40 },
    handle: ({ state, message }) => state.engine.onAsk(message),
  },
  {
    name: 'rounds',
    maxBytes: MESSAGE_BYTES.rounds,
    perPeer: { perSecond: 10, burst: 40 },
    handle: ({ state, message }) => state.engine.onRounds(message),
  },
]
