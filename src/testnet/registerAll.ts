import { type PublicClient, zeroAddress } from 'viem'
import { FULL_MAGNITUDE } from '../chain/core.ts'
import { encodeRegistration } from '../chain/registration.ts'
import { proveRegistration } from '../signer/proof.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, type Call } from './batch.ts'
import { type Deployed, OPERATOR_SET_ID } from './deploy.ts'
import type { TestnetOperator } from './operators.ts'
import { joiningCalls, type Slasher } from './slasher.ts'

/**
 * Stakes, registers, allocates and joins with every operator: what `lariat operator register`, `opt-in` and `allocate` do step by step, here sent
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
  readonly signal: AbortSignal
}): Promise<void> {
  const { client, operators, stakes, slasher, signal } = options
  await Promise.all(
    operators.map(async (operator, i) => {
      const batch = await Batch.open(client, operator.account)
      const slashed = i === 0 ? slasher : undefined
      const calls = callsOf(operator, { ...options, stake: stakes[i] ?? 0n, wad: slashed?.wad ?? 0n })
      if (slashed !== undefined) calls.push(...joiningCalls(slashed, operator.account.address))
      for (const call of calls) batch.call({ ...call, what: `${call.what} of ${operator.name}` })
      await batch.land(signal)
    }),
  )
}

function callsOf(
  { account, bls, identity, multiaddr }: TestnetOperator,
  of: {
    readonly artifacts: Artifacts
    readonly deployed: Deployed
    readonly stake: bigint
    /** Part of its stake that it allocates elsewhere, of 1e18. */
    readonly wad: bigint
  },
): Call[] {
  const { artifacts, deployed, stake, wad } = of
  const { deployment, token, strategy, priceFeeds } = deployed
  // stake in the LSTs comes later, from the LRT
  const strategies = deployment.strategies.map((each) => each.strategy)
  const { delegationManager, strategyManager, allocationManager } = deployment.core
  const operator = account.address
  const allocation = { address: allocationManager, abi: artifacts.get('AllocationManager').abi }
  const set = { avs: priceFeeds, id: OPERATOR_SET_ID }
  const proof = proveRegistration(bls, { chainId: deployment.chainId, serviceManager: priceFeeds }, operator)
  const data = encodeRegistration({ ...proof, peerId: identity.peerId, addresses: [multiaddr] })
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
    {
      ...allocation,
      what: 'allocation',
      functionName: 'modifyAllocations',
      args: [operator, [{ operatorSet: set, strategies, newMagnitudes: strategies.map(() => FULL_MAGNITUDE - wad) }]],
      gas: 1_500_000n,
    },
    {
      ...allocation,
      what: 'joining',
      functionName: 'registerForOperatorSets',
      args: [operator, { avs: priceFeeds, operatorSetIds: [OPERATOR_SET_ID], data }],
      gas: 1_500_000n,
    },
  ]
}
