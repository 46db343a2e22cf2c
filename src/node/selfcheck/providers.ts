import type { Chain } from '../../chain/clients.ts'
import { reasonOf } from '../../chain/trust.ts'
import { fail, type SelfCheck, warn } from './types.ts'

/** ms from one look to the next; a look costs nothing, as the following of heads has asked. */
const EVERY_MS = 1_000
/** ms; these looks cannot fail to be made. */
const TRUST_MS = 30_000

/** Whether what the providers say may be signed over. */
export function agreementCheck({ trust }: Pick<Chain, 'trust'>): SelfCheck {
  return {
    name: 'agreement',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run() {
      const problem = trust.problem()
      return problem === undefined ? undefined : fail(problem.reason)
    },
    now: () => trust.problem()?.reason,
  }
}

/** Whether a final block of the chain of `service` was undone, which its operator has not acknowledged. */
export function reorgCheck(service: string, { id, trust }: Pick<Chain, 'id' | 'trust'>): SelfCheck {
  const found = () => {
    const undone = trust.undone()
    return undone === undefined ? undefined : `on chain ${id}, ${reasonOf(undone)}`
  }
  return {
    name: 'reorg',
    service,
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run() {
      const reason = found()
      return reason === undefined ? undefined : fail(reason)
    },
    now: found,
  }
}

/** Whether every provider answers, keeps up, and was never caught in a false answer. */
export function providersCheck({ providers }: Pick<Chain, 'providers'>): SelfCheck {
  return {
    name: 'providers',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run() {
      const ill = providers.standing().filter(({ status }) => status !== 'ok')
      if (ill.length === 0) return undefined
      const each = ill.map(({ name, status, why }) => `${name} is ${status}${why === undefined ? '' : ` (${why})`}`)
      return warn(
        `${each.join('; ')}; ${providers.needed} of ${providers.count} must answer alike: see ${providers.section}.rpc`,
      )
    },
  }
}
