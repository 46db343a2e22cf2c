import { Kind } from '../types/statement.ts'
import { encodeMessage } from '../types/wire/codec.ts'
import { describe } from '../util/errors.ts'
import type { Runtime } from './runtime.ts'

/** Greetings that a peer gets with one certificate: every connection brings one, and two instances of an operator take turns with theirs. */
const MAX_GREETINGS = 8

/**
 * Hands the newest certificate to each peer that begins to listen: who starts anew knows at once where the service stands,
 * and sees, before it has signed anything, whether another instance of its operator is among the signers.
 * @returns the function that ends it
 */
export function greetPeers(rt: Runtime): () => void {
  /** The newest certificate that each peer was greeted with; peers are the registered operators. */
  const greeted = new Map<string, { readonly slot: bigint; readonly times: number }>()
  return rt.transport.onSubscribed((peer, topic) => {
    if (topic !== rt.topic) return
    const greeting = greetingOf(rt)
    if (greeting === undefined) return
    const before = greeted.get(peer)
    const times = before?.slot === greeting.slot ? before.times : 0
    if (times >= MAX_GREETINGS) return
    greeted.set(peer, { slot: greeting.slot, times: times + 1 })
    rt.transport
      .send(peer, topic, greeting.data)
      .catch((error: unknown) => rt.log.debug('a peer could not be greeted', { peer, error: describe(error) }))
  })
}

/** The newest certificate as a message, while peers would look at it. */
function greetingOf(rt: Runtime): { readonly slot: bigint; readonly data: Uint8Array } | undefined {
  try {
    const [newest] = rt.certificates.list({ service: rt.service, limit: 1 })
    if (newest === undefined || rt.window.place(newest.slot, rt.clock.now()) !== 'open') return undefined
    const { slot, attempt, epoch, payload, absent, signature, value } = newest
    const statement = { service: rt.service, kind: Kind.certify, epoch, slot, attempt, payload }
    return { slot, data: encodeMessage({ type: 'certificate', statement, absent, signature, value }) }
  } catch (error) {
    rt.log.debug('the newest certificate cannot be told', { error: describe(error) })
    return undefined
  }
}
