import type { Chain } from '../../chain/clients.ts'
import type { Clock } from '../../util/clock.ts'
import type { Following } from '../chains/follow.ts'
import { chainAge, finalityCheck, MAX_HEAD_AGE_MS } from './chain.ts'
import { providersCheck } from './providers.ts'
import { type Finding, fail, type SelfCheck } from './types.ts'

/** ms from one look to the next; a look costs nothing, as the following of heads has asked. */
const EVERY_MS = 1_000
/** ms; these looks cannot fail to be made. */
const TRUST_MS = 30_000

/** A further chain is followed, its providers agree, and its blocks come. It stops nothing but what asks about this chain. */
export function furtherChainCheck({ port, opened, notOpen }: Following, clock: Clock): SelfCheck {
  return {
    name: 'further chain',
    chain: port.name,
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    async run(signal) {
      const open = opened()
      if (open === undefined) {
        return fail(`it cannot be followed, and is tried again: ${notOpen()?.reason ?? 'the node is stopping'}`)
      }
      const distrust = port.distrust()
      if (distrust !== undefined) return fail(`nothing is signed over it: ${distrust.reason}`)
      return standstill(open.chain, clock) ?? (await both(open.chain, signal))
    },
  }
}

function standstill({ heads }: Pick<Chain, 'heads'>, clock: Clock): Finding | undefined {
  const age = clock.now() - Number(heads.current('latest').timestamp) * 1_000
  return age > MAX_HEAD_AGE_MS ? fail(chainAge(age)) : undefined
}

const both = async (chain: Chain, signal: AbortSignal): Promise<Finding | undefined> =>
  (await finalityCheck(chain).run(signal)) ?? (await providersCheck(chain).run(signal))
