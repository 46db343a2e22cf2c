import { atBlock, type BlockTimes, list, percent } from '../operator/words.ts'
import { CHAIN_EVERY_MS, CHAIN_TRUST_MS, type RegistrationOptions } from './registration.ts'
import type { ServiceStanding } from './standing.ts'
import { type Finding, type SelfCheck, warn } from './types.ts'

const WAD = 10n ** 18n
const rhythm = { everyMs: CHAIN_EVERY_MS, trustMs: CHAIN_TRUST_MS } as const

export interface TimedOptions extends RegistrationOptions {
  /** Seconds from block to block; undefined when unknown. */
  readonly secondsPerBlock: () => number | undefined
}

/** No change of what the set can slash is on its way. */
export function allocationCheck({ service, standing, secondsPerBlock }: TimedOptions): SelfCheck {
  return {
    name: 'allocation',
    service,
    ...rhythm,
    run: async () => findPending(service, await standing(), secondsPerBlock()),
  }
}

export function findPending(
  service: string,
  { allocations, block }: ServiceStanding,
  seconds: number | undefined,
): Finding | undefined {
  const times: BlockTimes = { now: block, seconds }
  const changes = allocations.flatMap(({ strategy, magnitude, pending }) =>
    pending === undefined
      ? []
      : `${percent(magnitude, WAD)} to ${percent(pending.magnitude, WAD)} of strategy ${strategy} at ${atBlock(pending.effectBlock, times)}`,
  )
  return changes.length === 0
    ? undefined
    : warn(
        `what ${service} can slash changes from ${list(changes)}: nothing to do if you asked for it; else find out who may act for the operator`,
      )
}

/** The ServiceManager alone can slash through the set, now and when what is pending counts. */
export function slasherCheck({ service, standing, secondsPerBlock }: TimedOptions): SelfCheck {
  return {
    name: 'slasher',
    service,
    ...rhythm,
    run: async () => findSlasher(service, await standing(), secondsPerBlock()),
  }
}

export function findSlasher(
  service: string,
  { set, slasher, pendingSlasher, block }: ServiceStanding,
  seconds: number | undefined,
): Finding | undefined {
  const mend = `leave with lariat operator opt-out ${service} unless you trust it`
  if (pendingSlasher !== undefined) {
    const when = atBlock(pendingSlasher.effectBlock, { now: block, seconds })
    return warn(`${pendingSlasher.slasher} becomes the slasher of ${service} at ${when}: ${mend}`)
  }
  return slasher.toLowerCase() === set.avs.toLowerCase()
    ? undefined
    : warn(`the slasher of ${service} is ${slasher} and not its ServiceManager: ${mend}`)
}
