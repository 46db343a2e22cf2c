import type { Check } from 'lariat/avs'
import { contradiction, isCertified } from './attest/streams.ts'
import type { BridgeConfig } from './config.ts'
import type { BridgeState } from './state.ts'
import { Level, streamService } from './statements.ts'

/** ms that the newest final checkpoint may be without a certificate. */
const PATIENCE_MS = 60_000

/** Whether all trees are followed and none contradicts itself. */
export const sourcesCheck: Check<BridgeConfig, BridgeState> = {
  name: 'bridge-trees',
  run({ state, certificates }) {
    const wrong = state.sources.flatMap(({ source }) => source.halted() ?? contradiction(source, certificates) ?? [])
    return wrong.length === 0 ? undefined : wrong.join('; ')
  },
}

/** Whether what is final is certified. */
export const uncertifiedCheck: Check<BridgeConfig, BridgeState> = {
  name: 'bridge-certificates',
  run(context) {
    const { state, clock } = context
    const late = state.sources.filter(({ source }) => {
      const tip = source.tip()
      const since = Math.max(tip?.time ?? 0, state.startedAt)
      if (tip === undefined || clock.now() - since < PATIENCE_MS) return false
      return !isCertified(context, streamService(source, Level.finalized), tip)
    })
    if (late.length === 0) return undefined
    const names = late.map(
      ({ source }) => `${source.chain.name} (domain ${source.domain}, index ${source.tip()?.index})`,
    )
    return `the newest final checkpoint has had no certificate for a minute: ${names.join(', ')}; see GET /v1/slots?service=bridge/CHAIN-finalized for the reason`
  },
}

/** Whether messages can be delivered where this node does so. */
export const deliveryCheck: Check<BridgeConfig, BridgeState> = {
  name: 'bridge-deliveries',
  run({ state }) {
    const problems = [state.supply, ...state.modules, ...state.relayers].flatMap((one) => one.problem() ?? [])
    return problems.length === 0 ? undefined : problems.join('; ')
  },
}
