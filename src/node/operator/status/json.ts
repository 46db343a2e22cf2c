import { strategyOf } from '../find.ts'
import type { OperatorSession, View } from '../session.ts'
import { freeMagnitude, sharesOf, tokensOf } from '../stake.ts'
import type { OperatorReport } from './read.ts'

const WAD = 10n ** 18n

/** The report for programs: amounts in the smallest unit and wei, magnitudes of 1e18, all as decimal strings once printed; null for what is not known. */
export function reportJson({ operator, deployment, chain }: OperatorSession, { block }: View, report: OperatorReport) {
  const { position, identities, worths, risk, rewards } = report
  const { isOperator, allocationDelay = null, deallocationDelay, configurationDelay, withdrawalDelay } = position
  return {
    operator,
    network: deployment.name,
    chainId: chain.id,
    block: block.number,
    time: block.timestamp,
    isOperator,
    delays: {
      allocation: allocationDelay,
      deallocation: deallocationDelay,
      configuration: configurationDelay,
      withdrawal: withdrawalDelay,
    },
    strategies: position.strategies.map((strategy, i) => {
      const worth = worths[i]
      const { strategy: address, token, symbol, decimals, shares, deposited, withdrawable, maxMagnitude } = strategy
      return {
        ...{ strategy: address, token, symbol, decimals, shares },
        tokens: tokensOf(strategy, shares),
        worth: worth === undefined ? null : (shares * worth) / WAD,
        own: { deposited, withdrawable, tokens: tokensOf(strategy, withdrawable) },
        maxMagnitude,
        free: freeMagnitude(strategy),
      }
    }),
    withdrawals: position.withdrawals.map(({ withdrawal, shares, fromBlock }) => ({
      strategies: withdrawal.strategies,
      shares,
      startBlock: withdrawal.startBlock,
      fromBlock,
    })),
    sets: position.sets.map((place, i) => {
      const identity = identities[i]
      const until = identity?.slashableUntil
      return {
        avs: place.set.avs,
        operatorSetId: place.set.id,
        name: identity?.name ?? null,
        member: place.member,
        /** Whether stake can be slashed: null for the last block while nothing was taken back. */
        slashable: until !== undefined,
        slashableUntil: until === undefined || !Number.isFinite(until) ? null : until,
        redistributesTo: place.redistributesTo ?? null,
        allocations: place.allocations.map(({ strategy, magnitude, pending = null }) => ({
          strategy,
          magnitude,
          shares: sharesOf(strategyOf(position, strategy), magnitude),
          pending,
        })),
        blsKey: identity?.blsKey ?? null,
        registrarKey: identity?.registrarKey ?? null,
        peer: identity?.peer ?? null,
      }
    }),
    risk: {
      stake: risk.stake,
      loss: risk.loss,
      byAvs: risk.byAvs,
      redistributing: risk.redistributing.map(({ set, recipient }) => ({
        avs: set.avs,
        operatorSetId: set.id,
        recipient,
      })),
      unvalued: risk.unvalued,
      complete: risk.complete,
    },
    rewards:
      rewards === undefined
        ? null
        : typeof rewards === 'string'
          ? { problem: rewards }
          : rewards.map(({ token, face, ...amounts }) => ({ token, symbol: face.symbol, ...amounts })),
  }
}
