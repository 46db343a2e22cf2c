import type { PartialSignature } from '../types/certificate.ts'
import type { EpochTable } from '../types/epoch.ts'
import { encodeMessage } from '../types/wire/codec.ts'
import { describe, LariatError } from '../util/errors.ts'
import { aggregatorsOf } from './rank.ts'
import { need, orderOf, peerOf, type Runtime, type Signals, tallyOf } from './runtime.ts'

/**
 * Hands our partial to the attempt's first aggregator over its direct stream, to the second one when the first cannot be
 * reached or no certificate shows, and to all by gossip when that does not help either.
 * @throws LariatError `send.failed` when it reached nobody
 */
export async function sendPartial(rt: Runtime, partial: PartialSignature, on: Signals): Promise<void> {
  const { statement } = partial
  const state = rt.book.open(statement.slot)
  const table = need(rt.epochs.byNumber(statement.epoch), 'trigger.no-epoch', `epoch ${statement.epoch} is gone`)
  const data = encodeMessage({ type: 'partial', ...partial })
  const [first, ...others] = aggregatorsOf(orderOf(rt, state, table), statement.attempt)
  const sendToOne = (row: number) => sendTo(rt, table, row, partial.author, data)
  const sendToOthers = async () => (await Promise.all(others.map(sendToOne))).includes(true)
  const gossip = () => rt.transport.publish(rt.topic, data)
  // our own share is counted while the aggregator is already at work on what we sent
  const sending = first === undefined ? false : sendToOne(first)
  tallyOf(rt, state, table, statement).add(partial.author, partial.signature, { verified: true })
  state.seenSigners.add(partial.author)
  on.quorum(statement.slot)
  if (!((await sending) || (await sendToOthers()))) {
    await gossip().catch((error) => {
      throw new LariatError('send.failed', 'no aggregator and no peer could be reached', {}, error)
    })
    return
  }
  // the second aggregator and then gossip are only needed when the first one does not come up with a certificate
  const unlessCertified = (send: () => Promise<unknown>) => () => {
    if (state.isSettled(statement.epoch)) return
    send().catch((error) => rt.log.debug('could not send the partial again', { error: describe(error) }))
  }
  rt.clock.after(rt.timing.secondAfterMs, unlessCertified(sendToOthers))
  rt.clock.after(rt.timing.fallbackMs, unlessCertified(gossip))
}

async function sendTo(rt: Runtime, table: EpochTable, row: number, own: number, data: Uint8Array): Promise<boolean> {
  if (row === own) return true
  const peer = peerOf(rt, table, row)
  if (peer === undefined) return false
  try {
    await rt.transport.send(peer, rt.topic, data)
    return true
  } catch (error) {
    rt.log.debug('an aggregator is not reachable directly', { peer, error: describe(error) })
    return false
  }
}
