import type { PublicClient } from 'viem'
import { allocationManagerAbi } from '../chain/abi/allocationManager.ts'
import { FULL_MAGNITUDE } from '../chain/core.ts'
import type { Deployment } from '../chain/deployment.ts'
import { encodeRegistration } from '../chain/registration.ts'
import { proveRegistration } from '../signer/proof.ts'
import type { Address } from '../util/hex.ts'
import { Batch, type Call } from './batch.ts'
import { OPERATOR_SET_ID } from './deploy.ts'
import type { TestnetOperator } from './operators.ts'

/** Gas limit of an allocation, and of joining. */
const GAS = 1_500_000n
/** Times that transactions beside those of a running node are tried: it takes a nonce every ten seconds or so. */
const TRIES = 5

/** Parts of an operator's stake, of 1e18, that it allocates to each service. */
export interface StakeParts {
  readonly prices: bigint
  readonly randomness: bigint
  readonly bridge: bigint
}

/** What there is besides the price service. */
export interface Further {
  readonly randomness: boolean
  readonly bridge: boolean
}

/**
 * How an operator divides its stake: a part may be for an AVS that slashes, and of the rest beacon and bridge have a quarter each, if
 * there is one. What one service takes, the others keep.
 * @param wad of 1e18, allocated elsewhere
 */
export function stakeParts(wad: bigint, further: Further): StakeParts {
  const rest = FULL_MAGNITUDE - wad
  const randomness = further.randomness ? rest / 4n : 0n
  const bridge = further.bridge ? rest / 4n : 0n
  return { prices: rest - randomness - bridge, randomness, bridge }
}

/** A service that an operator joins. */
export interface Joined {
  readonly deployment: Deployment
  readonly service: Address
  /** Of 1e18 of the operator's stake in every strategy. */
  readonly magnitude: bigint
}

/** What the core and a service need to know of an operator. */
export type Joining = Pick<TestnetOperator, 'account' | 'bls' | 'identity' | 'multiaddr'>

/** What an operator does to serve an AVS: it allocates. */
export function allocationCall(
  { account }: Pick<Joining, 'account'>,
  { deployment, service, magnitude }: Joined,
): Call {
  const strategies = deployment.strategies.map((each) => each.strategy)
  const set = { operatorSet: { avs: service, id: OPERATOR_SET_ID }, strategies }
  return {
    address: deployment.core.allocationManager,
    abi: allocationManagerAbi,
    what: 'allocation',
    functionName: 'modifyAllocations',
    args: [account.address, [{ ...set, newMagnitudes: strategies.map(() => magnitude) }]],
    gas: GAS,
  }
}

/** And it joins, with a proof that the BLS key is its own, and where it is reached. */
export function joiningCall({ account, bls, identity, multiaddr }: Joining, { deployment, service }: Joined): Call {
  const operator = account.address
  const proof = proveRegistration(bls, { chainId: deployment.chainId, serviceManager: service }, operator)
  const data = encodeRegistration({ ...proof, peerId: identity.peerId, addresses: [multiaddr] })
  return {
    address: deployment.core.allocationManager,
    abi: allocationManagerAbi,
    what: 'joining',
    functionName: 'registerForOperatorSets',
    args: [operator, { avs: service, operatorSetIds: [OPERATOR_SET_ID], data }],
    gas: GAS,
  }
}

/**
 * Lets an operator join a service while its node runs and sends from the same account: when the two take the same nonce, what is
 * missing yet is sent again.
 * @throws LariatError `testnet.transaction`, or what the chain's client throws, when it fails again and again
 */
export async function join(
  client: PublicClient,
  operator: TestnetOperator,
  joined: Joined,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const calls = await missingCalls(client, operator, joined)
    if (calls.length === 0) return
    try {
      const batch = await Batch.open(client, operator.account)
      for (const call of calls) batch.call({ ...call, what: `${call.what} of ${operator.name}` })
      await batch.land(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (tries === TRIES) throw error
    }
  }
}

async function missingCalls(client: PublicClient, operator: TestnetOperator, joined: Joined): Promise<Call[]> {
  const { deployment, service, magnitude } = joined
  const core = { address: deployment.core.allocationManager, abi: allocationManagerAbi } as const
  const set = { avs: service, id: OPERATOR_SET_ID }
  const { address } = operator.account
  const [isMember, ...allocations] = await Promise.all([
    client.readContract({ ...core, functionName: 'isMemberOfOperatorSet', args: [address, set] }),
    ...deployment.strategies.map(({ strategy }) =>
      client.readContract({ ...core, functionName: 'getAllocation', args: [address, set, strategy] }),
    ),
  ])
  const isAllocated = allocations.every(({ currentMagnitude }) => currentMagnitude === magnitude)
  return [
    ...(isAllocated ? [] : [allocationCall(operator, joined)]),
    ...(isMember ? [] : [joiningCall(operator, joined)]),
  ]
}
