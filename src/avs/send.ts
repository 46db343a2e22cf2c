import { signatureFromBytes } from '../bls/keys.ts'
import type { PartialSignature } from '../types/certificate.ts'
import type { EpochTable } from '../types/epoch.ts'
import { encodeMessage } from '../types/wire/codec.ts'
import { describe, LariatError } from '../util/errors.ts'
import { aggregatorsOf } from './rank.ts'
import { need, orderOf, peerOf, type Runtime, type Signals, tallyOf } from './runtime.ts'

/**
 * Hands our partial to the attempt's aggregators over direct streams, and gossips it when none can be reached, or when no
 * certificate shows for a while.
 * @throws LariatError `send.failed` when it reached nobody
 */
export async function sendPartial(rt: Runtime, partial: PartialSignature, on: Signals): Promise<void> {
  const { statement } = partial
  const state = rt.book.open(statement.slot)
  const table = need(rt.epochs.byNumber(statement.epoch), 'trigger.no-epoch', `epoch ${statement.epoch} is gone`)
  const tally = need(
    tallyOf(rt, state, table, statement),
    'send.failed',
    `slot ${statement.slot} has too many payloads`,
  )
  tally.add(partial.author, signatureFromBytes(partial.signature), { verified: true })
  state.seenSigners.add(partial.author)
  on.quorum(statement.slot)

  const data = encodeMessage({ type: 'partial', ...partial })
  const aggregators = aggregatorsOf(orderOf(rt, state, table), statement.attempt)
  const sent = await Promise.all(aggregators.map((row) => sendTo(rt, table, row, partial.author, data)))
  const gossip = () => rt.transport.publish(rt.topic, data)
  if (!sent.includes(true)) {
    await gossip().catch((error) => {
      throw new LariatError('send.failed', 'no aggregator and no peer could be reached', {}, error)
    })
    return
  }
  rt.clock.after(rt.timing.fallbackMs, () => {
    if (state.certificate !== undefined) return
    gossip().catch((error) => rt.log.debug('could not gossip the partial', { error: describe(error) }))
  })
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
