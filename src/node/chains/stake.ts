import type { FollowedChain } from '../../avs/ports.ts'
import { STAKE_CHAIN } from '../../chain/chainLabel.ts'
import type { Chain } from '../../chain/clients.ts'
import type { ServiceChain } from '../../chain/types.ts'

/** The chain of the stake among those that services may choose from: open from the start. */
export function stakePort({ trust }: Pick<Chain, 'trust'>, service: ServiceChain): FollowedChain {
  return {
    ...service,
    name: STAKE_CHAIN,
    async ready(signal) {
      signal?.throwIfAborted()
    },
    distrust() {
      const refusal = trust.refuse()
      return refusal === undefined ? undefined : { code: refusal.code, reason: refusal.message }
    },
  }
}
