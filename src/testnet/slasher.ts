import { allocationManagerAbi } from '../chain/abi/allocationManager.ts'
import { FULL_MAGNITUDE } from '../chain/core.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import type { Batch, Call } from './batch.ts'

/** Operator set of the AVS that slashes. */
const SET_ID = 0
const GAS = 2_000_000n

/**
 * An AVS of the testnet that does nothing but slash. One operator of the price service serves it too, with so much of its
 * stake as it shall lose; what it loses there, every holder of its stake loses, the LRT's among them. Stake allocated to the
 * price service is not touched: an operator's stake is divided among its sets.
 */
export interface Slasher {
  /** Account of the AVS, which is also the slasher of its set. */
  readonly avs: Address
  readonly allocationManager: Address
  /** Ascending, as the core wants them. */
  readonly strategies: readonly Address[]
  /** Part of the operator's stake that is allocated to the set, and that is slashed: of 1e18. */
  readonly wad: bigint
}

/** Queues the set-up of the AVS; `avs` is the account of the batch. */
export function deploySlasher(
  batch: Batch,
  artifacts: Artifacts,
  slasher: Omit<Slasher, 'strategies'> & { readonly strategies: readonly Address[] },
): Slasher {
  const { avs, allocationManager } = slasher
  const strategies = [...slasher.strategies].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
  const registrar = batch.deploy(artifacts, 'OpenRegistrar', [])
  const call = (functionName: string, args: readonly unknown[]) =>
    batch.call({
      what: `${functionName} of the AVS that slashes`,
      address: allocationManager,
      abi: allocationManagerAbi.filter((item) => !isShortCreate(item)),
      functionName,
      args,
      gas: GAS,
    })
  call('updateAVSMetadataURI', [avs, 'https://lariat.invalid/slasher'])
  call('setAVSRegistrar', [avs, registrar])
  call('createOperatorSets', [avs, [{ operatorSetId: SET_ID, strategies, slasher: avs }]])
  return { ...slasher, strategies }
}

/** The core's two `createOperatorSets` differ in a member of a tuple, which viem cannot tell from values: the one without slasher goes. */
function isShortCreate(item: (typeof allocationManagerAbi)[number]): boolean {
  return (
    item.type === 'function' &&
    item.name === 'createOperatorSets' &&
    !item.inputs[1].components.some(({ name }) => name === 'slasher')
  )
}

/** What an operator does to serve the AVS: it allocates, and joins. */
export function joiningCalls({ avs, allocationManager, strategies, wad }: Slasher, operator: Address): Call[] {
  const allocation = { address: allocationManager, abi: allocationManagerAbi }
  const magnitudes = strategies.map(() => wad)
  return [
    {
      ...allocation,
      what: 'allocation to the AVS that slashes',
      functionName: 'modifyAllocations',
      args: [operator, [{ operatorSet: { avs, id: SET_ID }, strategies, newMagnitudes: magnitudes }]],
      gas: GAS,
    },
    {
      ...allocation,
      what: 'joining the AVS that slashes',
      functionName: 'registerForOperatorSets',
      args: [operator, { avs, operatorSetIds: [SET_ID], data: '0x' }],
      gas: GAS,
    },
  ]
}

/** What slashes all of the operator's allocation to the AVS. */
export function slashCall({ avs, allocationManager, strategies }: Slasher, operator: Address): Call {
  const wads = strategies.map(() => FULL_MAGNITUDE)
  const params = {
    operator,
    operatorSetId: SET_ID,
    strategies,
    wadsToSlash: wads,
    description: 'a slash for everyone to see',
  }
  return {
    what: 'the slash',
    address: allocationManager,
    abi: allocationManagerAbi,
    functionName: 'slashOperator',
    args: [avs, params],
    gas: 4_000_000n,
  }
}
