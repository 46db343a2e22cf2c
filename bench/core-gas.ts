// Gas of whole transactions to the core on osaka, the first call of each. Fails above 1.2 times what the real core
// (EigenLayer v1.12) needs for it.
import { encodeFunctionData, zeroAddress, zeroHash } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { ANVIL_MNEMONIC, startAnvil } from '../src/testnet/anvil.ts'
import { Batch, localClient } from '../src/testnet/batch.ts'
import type { Address, Hex } from '../src/util/hex.ts'
import { builtArtifacts } from './lib/artifacts.ts'
import { print } from './lib/print.ts'
import { transact } from './lib/transact.ts'

/** Gas of the real core, first call each; the upper end where it is a range. Calls without a figure are not judged. */
const REAL: Readonly<Record<string, bigint>> = {
  registerAsOperator: 145_000n,
  depositIntoStrategy: 240_000n,
  delegateTo: 136_000n,
  registerForOperatorSets: 229_000n,
  slashOperator: 415_000n,
  queueWithdrawals: 440_000n,
}
/** Times the real core's gas, in tenths. */
const LIMIT_TENTHS = 12n
/** Test tokens that are staked, 10^-18. */
const STAKE = 32n * 10n ** 18n
const WAD = 10n ** 18n
/** Blocks: a withdrawal and a deallocation mature as soon as they may, so that all calls are made. */
const WITHDRAWAL_DELAY = 1
const DEALLOCATION_DELAY = 1
const CONFIGURATION_DELAY = 0
const SET_ID = 1
/** Code that answers 1 to every call: a registrar that supports every AVS and does nothing. */
const IDLE_REGISTRAR: Hex = '0x60015f5260205ff3'

const artifacts = await builtArtifacts()
const anvil = await startAnvil({ accounts: 5 })
const client = localClient(anvil.rpcUrl)
const account = (addressIndex: number) => mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex })
type Account = ReturnType<typeof account>
const [deployer, operator, staker, avs, slasher] = [account(0), account(1), account(2), account(3), account(4)]

let exceeded = 0

async function call(from: Account, contract: string, to: Address, functionName: string, args: readonly unknown[]) {
  const { abi } = artifacts.get(contract)
  return transact({ client, from, to, data: encodeFunctionData({ abi, functionName, args }), abi })
}

async function measure(from: Account, contract: string, to: Address, functionName: string, args: readonly unknown[]) {
  const gas = await call(from, contract, to, functionName, args)
  const real = REAL[functionName]
  const compared = real === undefined ? {} : { floor: Number(real), ratio: Number((gas * 1000n) / real) / 1000 }
  print({ bench: 'core-gas', case: functionName, value: Number(gas), unit: 'gas', ...compared })
  if (real === undefined || gas * 10n <= real * LIMIT_TENTHS) return
  exceeded++
  process.stderr.write(`${functionName} needs ${gas} gas; the real core needs ${real}, and 1.2 times that is allowed\n`)
}

try {
  const batch = await Batch.open(client, deployer)
  const permissions = batch.deploy(artifacts, 'PermissionController', [])
  const delegation = batch.deploy(artifacts, 'DelegationManager', [permissions, WITHDRAWAL_DELAY])
  const strategies = batch.deploy(artifacts, 'StrategyManager', [delegation, deployer.address])
  const delays = [DEALLOCATION_DELAY, CONFIGURATION_DELAY]
  const allocations = batch.deploy(artifacts, 'AllocationManager', [delegation, permissions, ...delays])
  const token = batch.deploy(artifacts, 'TestToken', ['Test staked ether', 'tstETH'])
  const strategy = batch.deploy(artifacts, 'StrategyBase', [strategies, token])
  await batch.land(new AbortController().signal)
  const registrar = `0x${'4e'.repeat(20)}` as const
  await client.request({ method: 'anvil_setCode', params: [registrar, IDLE_REGISTRAR] } as never)

  await call(deployer, 'DelegationManager', delegation, 'connect', [strategies, allocations])
  await call(deployer, 'StrategyManager', strategies, 'addStrategiesToDepositWhitelist', [[strategy]])
  await call(avs, 'AllocationManager', allocations, 'updateAVSMetadataURI', [avs.address, 'https://avs.example/a.json'])
  await call(avs, 'AllocationManager', allocations, 'setAVSRegistrar', [avs.address, registrar])
  const set = { operatorSetId: SET_ID, strategies: [strategy], slasher: slasher.address }
  await call(avs, 'AllocationManager', allocations, 'createOperatorSets', [avs.address, [set]])
  await call(staker, 'TestToken', token, 'mint', [staker.address, STAKE])
  await call(staker, 'TestToken', token, 'approve', [strategies, STAKE])

  const metadata = 'https://operator.example/metadata.json'
  await measure(operator, 'DelegationManager', delegation, 'registerAsOperator', [zeroAddress, 0, metadata])
  await measure(staker, 'StrategyManager', strategies, 'depositIntoStrategy', [strategy, token, STAKE])
  const approval = { signature: '0x', expiry: 0n }
  await measure(staker, 'DelegationManager', delegation, 'delegateTo', [operator.address, approval, zeroHash])
  await measure(operator, 'AllocationManager', allocations, 'registerForOperatorSets', [
    operator.address,
    { avs: avs.address, operatorSetIds: [SET_ID], data: '0x' },
  ])
  const operatorSet = { avs: avs.address, id: SET_ID }
  const allocation = { operatorSet, strategies: [strategy], newMagnitudes: [WAD / 2n] }
  await measure(operator, 'AllocationManager', allocations, 'modifyAllocations', [operator.address, [allocation]])
  const slash = {
    operator: operator.address,
    operatorSetId: SET_ID,
    strategies: [strategy],
    wadsToSlash: [WAD / 10n],
    description: 'double signing',
  }
  await measure(slasher, 'AllocationManager', allocations, 'slashOperator', [avs.address, slash])
  const withdrawal = { strategies: [strategy], depositShares: [STAKE / 2n], __deprecated_withdrawer: zeroAddress }
  await measure(staker, 'DelegationManager', delegation, 'queueWithdrawals', [[withdrawal]])
  const { abi } = artifacts.get('DelegationManager')
  const [withdrawals] = (await client.readContract({
    address: delegation,
    abi,
    functionName: 'getQueuedWithdrawals',
    args: [staker.address],
  })) as [unknown[], unknown]
  await client.request({ method: 'anvil_mine', params: [`0x${(WITHDRAWAL_DELAY + 1).toString(16)}`] } as never)
  const complete = [withdrawals[0], [token], true]
  await measure(staker, 'DelegationManager', delegation, 'completeQueuedWithdrawal', complete)
  await measure(staker, 'DelegationManager', delegation, 'undelegate', [staker.address])
} finally {
  await anvil.stop()
}
process.exitCode = exceeded === 0 ? 0 : 1
