import { erc20Abi, zeroAddress, zeroHash } from 'viem'
import { allocationManagerAbi } from '../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../src/chain/abi/delegationManager.ts'
import { serviceManagerAbi } from '../../src/chain/abi/serviceManager.ts'
import { strategyAbi } from '../../src/chain/abi/strategy.ts'
import { strategyManagerAbi } from '../../src/chain/abi/strategyManager.ts'
import type { OperatorSet } from '../../src/chain/core.ts'
import type { CoreAddresses } from '../../src/chain/deployment.ts'
import { encodeRegistration, type Registration } from '../../src/chain/registration.ts'
import type { Receipt, ServiceChain } from '../../src/chain/types.ts'
import type { Address } from '../../src/util/hex.ts'

/** The restaking core as an operator, or a staker, uses it. Transactions are sent by the chain's account. */
export interface CoreClient {
  /** Makes the account an operator, forever delegated to itself. `allocationDelay` in blocks. */
  registerAsOperator(options: { metadataUri: string; allocationDelay: number; approver?: Address }): Promise<Receipt>
  /** Deposits `amount` units of the strategy's token, which is approved for it first where the allowance is too small. */
  deposit(strategy: Address, amount: bigint): Promise<Receipt>
  /** Delegates all deposits of the account to an operator that wants no approval. */
  delegateTo(operator: Address): Promise<Receipt>
  /** Lets the set slash `magnitude` (of 1e18) of the operator's stake in each strategy. */
  allocate(
    operator: Address,
    set: OperatorSet,
    allocations: readonly { readonly strategy: Address; readonly magnitude: bigint }[],
  ): Promise<Receipt>
  /** Joins the operator set, with a key and where to be reached. A registrar's refusal is decoded too. */
  join(operator: Address, set: OperatorSet, registration: Registration): Promise<Receipt>
  /** Leaves the set. The operator stays slashable for the core's DEALLOCATION_DELAY. */
  leave(operator: Address, set: OperatorSet): Promise<Receipt>
  /** Replaces peer id and addresses of the account at the ServiceManager. */
  setPeer(serviceManager: Address, peerId: Uint8Array, addresses: readonly string[]): Promise<Receipt>
}

/** Every method throws what `ServiceChain.write` throws. */
export function createCoreClient(chain: ServiceChain, addresses: CoreAddresses): CoreClient {
  const delegation = { address: addresses.delegationManager, abi: delegationManagerAbi } as const
  const strategies = { address: addresses.strategyManager, abi: strategyManagerAbi } as const
  const allocation = { address: addresses.allocationManager, abi: allocationManagerAbi } as const
  // The registrar's own errors come up through the core's call.
  const joining = {
    address: addresses.allocationManager,
    abi: [...allocationManagerAbi, ...serviceManagerAbi],
  } as const

  return {
    registerAsOperator: ({ metadataUri, allocationDelay, approver = zeroAddress }) =>
      chain.write({
        ...delegation,
        functionName: 'registerAsOperator',
        args: [approver, allocationDelay, metadataUri],
      }),

    async deposit(strategy, amount) {
      const token = await chain.read({ address: strategy, abi: strategyAbi, functionName: 'underlyingToken', args: [] })
      const erc20 = { address: token, abi: erc20Abi } as const
      // Approving anew each time would leave nothing behind, but costs a transaction where an allowance is there already.
      const allowance = await chain.read({
        ...erc20,
        functionName: 'allowance',
        args: [chain.account, strategies.address],
      })
      if (allowance < amount) {
        await chain.write({ ...erc20, functionName: 'approve', args: [strategies.address, amount] })
      }
      return chain.write({ ...strategies, functionName: 'depositIntoStrategy', args: [strategy, token, amount] })
    },

    delegateTo: (operator) =>
      chain.write({
        ...delegation,
        functionName: 'delegateTo',
        args: [operator, { signature: '0x', expiry: 0n }, zeroHash],
      }),

    allocate(operator, operatorSet, allocations) {
      const params = {
        operatorSet,
        strategies: allocations.map(({ strategy }) => strategy),
        newMagnitudes: allocations.map(({ magnitude }) => magnitude),
      }
      return chain.write({ ...allocation, functionName: 'modifyAllocations', args: [operator, [params]] })
    },

    join: (operator, { avs, id }, registration) =>
      chain.write({
        ...joining,
        functionName: 'registerForOperatorSets',
        args: [operator, { avs, operatorSetIds: [id], data: encodeRegistration(registration) }],
      }),

    leave: (operator, { avs, id }) =>
      chain.write({
        ...joining,
        functionName: 'deregisterFromOperatorSets',
        args: [{ operator, avs, operatorSetIds: [id] }],
      }),

    setPeer: (address, peerId, list) =>
      chain.write({
        address,
        abi: serviceManagerAbi,
        functionName: 'setPeer',
        args: [`0x${Buffer.from(peerId).toString('hex')}`, list],
      }),
  }
}
