import { createMemoryChain, type MemoryChain } from '../../../../src/chain/memory.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import type { Address } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

export const ETH = 10n ** 18n
export const address = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`

export const OPERATOR = address(0xa)
export const SERVICE = address(0xb)
export const OTHER_AVS = address(0xc)
export const RECIPIENT = address(0xd)
/** rETH's, valued by its own rate; a second token's, valued by the service; one that nobody values. */
export const RETH_STRATEGY = address(0x11)
export const TOKEN_STRATEGY = address(0x12)
export const OBSCURE_STRATEGY = address(0x13)
export const VAULT = address(0x21)
export const LRT = address(0x22)
export const LRT_FEED = address(0x23)
export const RETH = address(0x31)
export const STETH = address(0x32)
export const STETH_FEED = address(0x33)

export const CORE = {
  delegationManager: address(1),
  strategyManager: address(2),
  allocationManager: address(3),
}
export const RETH_ENTRY = {
  symbol: 'rETH',
  kind: 'reth',
  token: RETH,
  pool: address(0x41),
  strategy: RETH_STRATEGY,
} as const
export const LRT_ENTRY = { vault: VAULT, token: LRT, rateFeed: address(0x24), marketFeed: LRT_FEED }

/** What a test changes of the chain below. */
export interface RiskWorld {
  readonly chain: MemoryChain
  readonly clock: SimClock
  /** Every view call so far. */
  readonly calls: { count: number }
  members: Address[]
  supply: bigint
  /** Called at each read of the LRT's supply. */
  onSupply: () => void
  lrtMarket: bigint
}

/** A core with an operator in a slashable set, a set that it has left, and an LRT over two LSTs. */
export function createRiskWorld(): RiskWorld {
  const clock = new SimClock()
  const chain = createMemoryChain({ clock, log: silentLog })
  const world: RiskWorld = {
    chain,
    clock,
    calls: { count: 0 },
    members: [OPERATOR],
    supply: 100n * ETH,
    onSupply: () => {},
    lrtMarket: ETH,
  }
  const put = (at: Address, functions: Record<string, (...args: never[]) => unknown>) =>
    chain.contract(
      at,
      Object.fromEntries(
        Object.entries(functions).map(([name, fn]) => [
          name,
          ({ args }: { args: readonly unknown[] }) => {
            world.calls.count++
            return fn(...(args as never[]))
          },
        ]),
      ),
    )
  const isOurs = ({ avs }: { avs: Address }) => avs === SERVICE

  put(CORE.allocationManager, {
    getAllocatedSets: () => [
      { avs: SERVICE, id: 0 },
      { avs: OTHER_AVS, id: 4 },
    ],
    isOperatorSlashable: (_: Address, set: { avs: Address }) => isOurs(set),
    isRedistributingOperatorSet: (set: { avs: Address }) => !isOurs(set),
    getRedistributionRecipient: () => RECIPIENT,
    getAllocatedStrategies: (_: Address, set: { avs: Address }) =>
      isOurs(set) ? [RETH_STRATEGY, TOKEN_STRATEGY] : [RETH_STRATEGY, OBSCURE_STRATEGY],
    getAllocation: (_: Address, __: unknown, strategy: Address) =>
      strategy === RETH_STRATEGY
        ? { currentMagnitude: ETH / 4n, pendingDiff: ETH / 4n, effectBlock: 9 }
        : { currentMagnitude: ETH, pendingDiff: -ETH, effectBlock: 9 },
    getMaxMagnitudes: (_: Address, strategies: Address[]) => strategies.map(() => ETH),
    isOperatorRedistributable: (operator: Address) => operator === RECIPIENT,
    getMembers: () => world.members,
    getMinimumSlashableStake: (_: unknown, operators: Address[]) => operators.map(() => [10n * ETH, 20n * ETH]),
  })
  put(CORE.delegationManager, {
    getOperatorShares: (_: Address, strategies: Address[]) => strategies.map(() => 90n * ETH),
    getSlashableSharesInQueue: () => 10n * ETH,
  })
  put(SERVICE, {
    operatorSetId: () => 0,
    strategies: () => [RETH_STRATEGY, TOKEN_STRATEGY],
    strategyRate: () => [ETH / 2n, ETH],
  })
  put(RETH_STRATEGY, { sharesToUnderlyingView: (shares: bigint) => (shares * 102n) / 100n })
  put(RETH, { getEthValue: (amount: bigint) => (amount * 11n) / 10n, balanceOf: () => 12n * ETH })
  put(STETH, { sharesOf: () => 0n })
  const lst = (token: Address, kind: number, feed: Address) => ({
    token,
    kind,
    strategy: RETH_STRATEGY,
    entry: token,
    market: { feed, heartbeat: 600, bps: 300 },
    cap: 0n,
  })
  put(VAULT, {
    lsts: () => [lst(RETH, 2, address(0)), lst(STETH, 0, STETH_FEED)],
    holding: (token: Address) =>
      token === RETH
        ? { idle: 10n * ETH, reserved: 2n * ETH, staked: 40n * ETH, queued: 0n, rate: (11n * ETH) / 10n }
        : { idle: 0n, reserved: 0n, staked: 30n * ETH, queued: 15n * ETH, rate: ETH },
    getRate: () => ETH,
    operators: () => [OPERATOR, RECIPIENT].map((operator) => ({ operator })),
  })
  put(LRT, {
    totalSupply: () => {
      world.onSupply()
      return world.supply
    },
  })
  const feed = (value: () => bigint) => ({
    decimals: () => 18,
    latestRoundData: () => {
      if (value() < 0n) throw new LariatError('chain.reverted', 'No data present')
      return [1n, value(), 0n, BigInt(Math.floor(clock.now() / 1_000)) - 100n, 1n]
    },
  })
  put(
    LRT_FEED,
    feed(() => world.lrtMarket),
  )
  put(
    STETH_FEED,
    feed(() => (96n * ETH) / 100n),
  )
  return world
}
