import { encodeG2 } from '../bls/eip2537.ts'
import { signatureFromBytes } from '../bls/keys.ts'
import type { Certificate } from '../types/certificate.ts'
import { sleep, until } from '../util/clock.ts'
import { isAbort, LariatError } from '../util/errors.ts'
import { bytesToHex } from '../util/hex.ts'
import type { Submission } from './api.ts'
import type { ServiceChain } from './ports.ts'
import { land, leave } from './record.ts'
import { need, orderOf, ownRow, type Runtime, taskOf } from './runtime.ts'

/** How a service ends: after `drain` nothing new begins, after `stop` nothing goes on. */
export interface Ending {
  readonly drain: AbortSignal
  readonly stop: AbortSignal
}

/**
 * Puts a certificate on chain: rank r waits r · Δ, and the plug-in sends only what the chain does not have yet.
 * @throws LariatError `submit.…`
 */
export async function submitByRank(rt: Runtime, certificate: Certificate, ending: Ending): Promise<Submission> {
  const { submit } = rt.definition
  const { statement } = certificate
  const state = rt.book.open(statement.slot)
  if (submit === undefined) return { status: 'not-due' }
  const task = need(taskOf(rt, state), 'submit.unknown-value', `slot ${statement.slot} was not triggered here`)
  if (!state.values.has(statement.payload)) {
    throw new LariatError('submit.unknown-value', `slot ${statement.slot} was certified with another value than ours`)
  }
  const value = state.values.get(statement.payload)
  const table = need(rt.epochs.byNumber(statement.epoch), 'trigger.no-epoch', `epoch ${statement.epoch} is gone`)
  const order = orderOf(rt, state, table)
  const place = order.indexOf(ownRow(rt, table) ?? -1)
  // the leader of the attempt goes first; who is not in the table goes last
  const rank = place < 0 ? order.length : (place - (statement.attempt % order.length) + order.length) % order.length

  const wait = rank * rt.timing.submitStaggerMs
  if (wait >= rt.timing.submitWithinMs) return { status: 'not-due' } // so many others come first

  const limit = until(rt.clock, task.triggeredAt + rt.timing.submitWithinMs, ending.stop)
  try {
    await sleep(rt.clock, wait, AbortSignal.any([limit.signal, ending.drain]))
    const onChain = {
      absent: bytesToHex(certificate.absent),
      signature: bytesToHex(encodeG2(signatureFromBytes(certificate.signature))),
    }
    const { service, slot, attempt } = statement
    const intent = { id: `${service}/${slot}/${attempt}`, until: task.triggeredAt + rt.timing.submitWithinMs }
    const result = await submit({
      ...rt.context,
      chain: withIntent(rt.context.chain, intent),
      chains: new Map([...rt.context.chains].map(([name, chain]) => [name, withIntent(chain, intent)])),
      task,
      certified: { value, certificate, onChain },
      signal: limit.signal,
    })
    if (result.status === 'not-due') leave(rt, state, null)
    else land(rt, state, result.status === 'landed' ? result.receipt.hash : null)
    return result
  } catch (error) {
    if (ending.drain.aborted) return { status: 'not-due' }
    const reverted = error instanceof LariatError && error.code === 'chain.reverted'
    const code = reverted ? 'submit.reverted' : 'submit.failed'
    leave(rt, state, code)
    throw new LariatError(
      code,
      isAbort(error) ? 'not on chain in time' : 'the certificate could not be put on chain',
      { slot: statement.slot },
      error,
    )
  } finally {
    limit.done()
  }
}

/** A chain whose writes are for `intent`: what was sent for a slot is found again after a restart, and never sent twice. */
function withIntent<C extends ServiceChain>(chain: C, intent: { readonly id: string; readonly until: number }): C {
  // The caller's types follow from its ABI; they pass through unchanged.
  const write: ServiceChain['write'] = (call) => chain.write({ intent, ...call })
  return { ...chain, write }
}
