import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Abi, AbiParameter } from 'viem'
import { toEventSelector, toFunctionSelector } from 'viem'
import { buildContracts, readArtifact } from '../../../scripts/lib/forge.ts'
import { allocationManagerAbi } from '../../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../../src/chain/abi/delegationManager.ts'
import { keyRegistrarAbi } from '../../../src/chain/abi/keyRegistrar.ts'
import { permissionControllerAbi } from '../../../src/chain/abi/permissionController.ts'
import { rewardsCoordinatorAbi } from '../../../src/chain/abi/rewardsCoordinator.ts'
import { strategyAbi } from '../../../src/chain/abi/strategy.ts'
import { strategyManagerAbi } from '../../../src/chain/abi/strategyManager.ts'

/** What EigenLayer's compiled interfaces say, one entry a signature. */
interface Recorded {
  readonly functions: Readonly<Record<string, { selector: string; results: string; mutability: string }>>
  readonly events: Readonly<Record<string, { topic: string; indexed: string }>>
  readonly errors: Readonly<Record<string, string>>
}

const recorded: Readonly<Record<string, Recorded>> = JSON.parse(
  readFileSync(new URL('../../vectors/eigenlayer-selectors.json', import.meta.url), 'utf8'),
)

/** Functions, events and errors that our contracts have and EigenLayer's sources do not declare, with the reason. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  IDelegationManager: [
    // There is no proxy: the three managers are introduced to each other once.
    'connect(address,address)',
    'OnlyDeployer()',
    'AlreadyConnected()',
    // OpenZeppelin 5.
    'eip712Domain()',
    'EIP712DomainChanged()',
    'InvalidShortString()',
    'StringTooLong(string)',
    'ReentrancyGuardReentrantCall()',
    'CheckpointUnorderedInsertion()',
    'SafeCastOverflowedUintDowncast(uint8,uint256)',
    // Of EigenLayer's SlashingLib.
    'InvalidDepositScalingFactor()',
  ],
  IStrategyManager: [
    // Of the mixin for signatures that EigenLayer's implementation has.
    'domainSeparator()',
    'InvalidSignature()',
    'SignatureExpired()',
    // OpenZeppelin 5; EigenLayer inherits the same functions and event from OpenZeppelin 4.
    'owner()',
    'renounceOwnership()',
    'transferOwnership(address)',
    'OwnershipTransferred(address,address)',
    'OwnableInvalidOwner(address)',
    'OwnableUnauthorizedAccount(address)',
    'ReentrancyGuardReentrantCall()',
    'SafeERC20FailedOperation(address)',
    'eip712Domain()',
    'EIP712DomainChanged()',
    'InvalidShortString()',
    'StringTooLong(string)',
  ],
  IStrategy: [],
  IAllocationManager: [
    // OpenZeppelin 5.
    'SafeCastOverflowedIntToUint(int256)',
    'SafeCastOverflowedUintDowncast(uint8,uint256)',
  ],
  IAVSRegistrar: [],
  IPermissionController: [
    // Thrown by the managers; EigenLayer declares it in the mixin that they share.
    'InvalidPermissions()',
  ],
  IRewardsCoordinator: [
    // OpenZeppelin 5, as for the strategy manager.
    'owner()',
    'renounceOwnership()',
    'transferOwnership(address)',
    'OwnershipTransferred(address,address)',
    'OwnableInvalidOwner(address)',
    'OwnableUnauthorizedAccount(address)',
    'ReentrancyGuardReentrantCall()',
    'SafeCastOverflowedUintDowncast(uint8,uint256)',
    'SafeERC20FailedOperation(address)',
  ],
  IKeyRegistrar: [
    // OpenZeppelin 5.
    'InvalidShortString()',
    'StringTooLong(string)',
  ],
}

/** Signatures of formats.md, without which the daemon could not speak to EigenLayer. */
const NEEDED = [
  'registerAsOperator(address,uint32,string)',
  'depositIntoStrategy(address,address,uint256)',
  'delegateTo(address,(bytes,uint256),bytes32)',
  'updateAVSMetadataURI(address,string)',
  'setAVSRegistrar(address,address)',
  'createOperatorSets(address,(uint32,address[],address)[])',
  'modifyAllocations(address,((address,uint32),address[],uint64[])[])',
  'registerForOperatorSets(address,(address,uint32[],bytes))',
  'deregisterFromOperatorSets((address,address,uint32[]))',
  'slashOperator(address,(address,uint32,address[],uint256[],string))',
  'getMinimumSlashableStake((address,uint32),address[],address[],uint32)',
  'setAppointee(address,address,address,bytes4)',
  'setAllocationDelay(address,uint32)',
  'undelegate(address)',
  'redelegate(address,(bytes,uint256),bytes32)',
  'queueWithdrawals((address[],uint256[],address)[])',
  'completeQueuedWithdrawal((address,address,address,uint256,uint32,address[],uint256[]),address[],bool)',
  'getQueuedWithdrawals(address)',
  'clearBurnOrRedistributableShares((address,uint32),uint256)',
  'createRedistributingOperatorSets(address,(uint32,address[],address)[],address[])',
  'SlashingWithdrawalQueued(bytes32,(address,address,address,uint256,uint32,address[],uint256[]),uint256[])',
  'StakerForceUndelegated(address,address)',
  'registerOperator(address,address,uint32[],bytes)',
  'OperatorSlashed(address,(address,uint32),address[],uint256[],string)',
  'createOperatorDirectedAVSRewardsSubmission(address,((address,uint96)[],address,(address,uint256)[],uint32,uint32,string)[])',
  'processClaim((uint32,uint32,bytes,(address,bytes32),uint32[],bytes[],(address,uint256)[]),address)',
  'registerKey(address,(address,uint32),bytes,bytes)',
]

const canonical = (p: AbiParameter): string =>
  'components' in p ? `${list(p.components)}${p.type.slice('tuple'.length)}` : p.type
const list = (parameters: readonly AbiParameter[]): string => `(${parameters.map(canonical).join(',')})`
const signature = (item: Extract<Abi[number], { type: 'function' | 'event' | 'error' }>): string =>
  `${item.name}${list(item.inputs)}`

describe('the core speaks EigenLayer v1.12', function () {
  this.timeout(180_000)
  const abis: Record<string, Abi> = {
    IDelegationManager: delegationManagerAbi,
    IStrategyManager: strategyManagerAbi,
    IStrategy: strategyAbi,
    IAllocationManager: allocationManagerAbi,
    IPermissionController: permissionControllerAbi,
    IRewardsCoordinator: rewardsCoordinatorAbi,
    IKeyRegistrar: keyRegistrarAbi,
  }
  const seen = new Set<string>()

  before(() => {
    buildContracts()
    abis.IAVSRegistrar = readArtifact('IAVSRegistrar').abi as unknown as Abi
  })

  for (const [name, theirs] of Object.entries(recorded).filter(([key]) => key !== 'source')) {
    it(name, () => {
      const ours = new Set(OURS[name])
      const used = new Set<string>()
      for (const item of abis[name] ?? assert.fail(`no ABI for ${name}`)) {
        if (item.type !== 'function' && item.type !== 'event' && item.type !== 'error') continue
        const text = signature(item)
        seen.add(text)
        if (ours.has(text)) {
          used.add(text)
        } else if (item.type === 'function') {
          const expected = theirs.functions[text] ?? assert.fail(`EigenLayer has no function ${text}`)
          assert.equal(toFunctionSelector(item), expected.selector, text)
          assert.equal(list(item.outputs), expected.results, text)
          const reads = (mutability: string) => mutability === 'view' || mutability === 'pure'
          // A function that may write there may just read here: the call looks the same.
          if (reads(expected.mutability)) assert.ok(reads(item.stateMutability), text)
        } else if (item.type === 'event') {
          const expected = theirs.events[text] ?? assert.fail(`EigenLayer has no event ${text}`)
          assert.equal(toEventSelector(item), expected.topic, text)
          assert.equal(item.inputs.map((p) => (p.indexed ? '1' : '0')).join(''), expected.indexed, text)
        } else {
          const expected = theirs.errors[text] ?? assert.fail(`EigenLayer has no error ${text}`)
          assert.equal(toFunctionSelector(text), expected, text)
        }
      }
      assert.deepEqual([...used].sort(), [...ours].sort(), 'exemptions that nobody needs')
    })
  }

  it('has what the daemon calls and watches', () => {
    assert.deepEqual(
      NEEDED.filter((text) => !seen.has(text)),
      [],
    )
  })
})
