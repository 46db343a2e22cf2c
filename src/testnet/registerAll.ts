import { type PublicClient, zeroAddress } from 'viem'
import type { Artifacts } from './artifacts.ts'
import { Batch, type Call } from './batch.ts'
import type { Deployed } from './deploy.ts'
import { allocationCall, type Further, joiningCall, stakeParts } from './joining.ts'
import type { TestnetOperator } from './operators.ts'
import { joiningCalls, type Slasher } from './slasher.ts'

/**
 * Stakes, registers, allocates and joins the price service with every operator: what `lariat operator register`, `opt-in` and `allocate` do step by step, here sent
 * all at once, so that it takes a block or two instead of five.
 * @throws LariatError `testnet.transaction`
 */
export async function registerAll(options: {
  readonly client: PublicClient
  readonly artifacts: Artifacts
  readonly deployed: Deployed
  readonly operators: readonly TestnetOperator[]
  /** What each stakes itself, in the test token's smallest unit. */
  readonly stakes: readonly bigint[]
  /** The AVS that will slash the first operator, if it shall be slashed. */
  readonly slasher: Slasher | undefined
  /** What a part of the stake is left for. */
  readonly further: Further
  readonly signal: AbortSignal
}): Promise<void> {
  const { client, operators, stakes, slasher, signal } = options
  await Promise.all(
    operators.map(async (operator, i) => {
      const batch = await Batch.open(client, operator.account)
      const slashed = i === 0 ? slasher : undefined
      const { prices } = stakeParts(slashed?.wad ?? 0n, options.further)
      const calls = callsOf(operator, { ...options, stake: stakes[i] ?? 0n, magnitude: prices })
      if (slashed !== undefined) calls.push(...joiningCalls(slashed, operator.account.address))
      for (const call of calls) batch.call({ ...call, what: `${call.what} of ${operator.name}` })
      await batch.land(signal)
    }),
  )
}

function callsOf(
  operator: TestnetOperator,
  of: {
    readonly artifacts: Artifacts
    readonly deployed: Deployed
    readonly stake: bigint
    /** Part of its stake that it allocates to the price service, of 1e18. */
    readonly magnitude: bigint
  },
): Call[] {
  const { artifacts, deployed, stake, magnitude } = of
  const { deployment, token, strategy, priceFeeds } = deployed
  const { delegationManager, strategyManager } = deployment.core
  // stake in the LSTs comes later, from the LRT
  const joined = { deployment, service: priceFeeds, magnitude }
  return [
    {
      what: 'approval',
      address: token,
      abi: artifacts.get('TestToken').abi,
      functionName: 'approve',
      args: [strategyManager, stake],
      gas: 100_000n,
    },
    {
      what: 'deposit',
      address: strategyManager,
      abi: artifacts.get('StrategyManager').abi,
      functionName: 'depositIntoStrategy',
      args: [strategy, token, stake],
      gas: 500_000n,
    },
    {
      what: 'registration',
      address: delegationManager,
      abi: artifacts.get('DelegationManager').abi,
      functionName: 'registerAsOperator',
      args: [zeroAddress, 0, ''],
      gas: 500_000n,
    },
    allocationCall(operator, joined),
    joiningCall(operator, joined),
  ]
}
