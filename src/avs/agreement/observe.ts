import { isAbort, LariatError } from '../../util/errors.ts'
import type { Task } from '../api.ts'
import type { SlotState } from '../book.ts'
import type { Runtime } from '../runtime.ts'
import { reached } from '../tracking.ts'

/**
 * This operator's own observation of the slot: made once, whatever the attempts.
 * @throws LariatError `observe.…`
 */
export function observeOnce(rt: Runtime, state: SlotState, task: Task<unknown>, signal: AbortSignal): Promise<unknown> {
  state.own ??= observe(rt, state, task, signal)
  return state.own
}

async function observe(rt: Runtime, state: SlotState, task: Task<unknown>, signal: AbortSignal): Promise<unknown> {
  reached(state, 'observe')
  try {
    return await rt.definition.observe({ ...rt.context, task, signal })
  } catch (error) {
    if (isAbort(error)) throw new LariatError('observe.timeout', 'the observation was not there in time', {}, error)
    if (error instanceof LariatError && error.code.startsWith('observe.')) throw error
    throw new LariatError('observe.failed', 'the plug-in’s observation failed', {}, error)
  }
}
