import assert from 'node:assert/strict'
import {
  encodeFunctionData,
  getContractAddress,
  type PublicClient,
  parseEther,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { delegationManagerAbi } from '../../src/chain/abi/delegationManager.ts'
import { lrtVaultAbi } from '../../src/chain/abi/lrtVault.ts'
import { LST_KINDS } from '../../src/chain/deployment.ts'
import { ANVIL_MNEMONIC, startAnvil } from '../../src/testnet/anvil.ts'
import type { Artifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { deployCore, type TestnetCore, WITHDRAWAL_DELAY } from '../../src/testnet/core.ts'
import { deployLrt, MAX_LRT_OPERATORS } from '../../src/testnet/lrt.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { transact } from './transact.ts'

/** What is staked for each LST, and what the vault gets of it, wei of ETH. */
const STAKED = parseEther('100')
const FILLED = parseEther('50')
const BOUNDS = { annualGainBps: 10_000, lossBps: 1_000, minInterval: 1 }
const CAP = parseEther('10000')
const HEARTBEAT = 86_400
const DEPEG_BPS = 100
/**
 * Code that answers every call with the words 18, 2e18, now, now, 18: a market feed of 18 decimals that says 2 ETH in its
 * round 18, far above what any LST here is worth.
 */
const FEED: Hex = '0x60125f52671bc16d674ec800006020524260405242606052601260805260a05ff3'

/** A chain as mainnet is, with core, LSTs and a vault that all of them and as many operators as it can have belong to. */
export interface LrtNet {
  readonly vault: Address
  readonly lsts: readonly { readonly token: Address; readonly entry: Address }[]
  /** Has all of the LRT, and some of every LST. */
  readonly staker: HDAccount
  /** Sends a transaction. @returns the gas that all of it used */
  call(from: HDAccount, contract: string, to: Address, functionName: string, args: readonly unknown[]): Promise<bigint>
  mine(blocks: number): Promise<void>
  /** Ends the delegation of the vault's account by every operator, which queues a withdrawal of each LST. */
  undelegateAll(): Promise<void>
  /** The first operator, and its open withdrawals; every operator has as many. */
  open(): Promise<{ readonly operator: Address; readonly roots: readonly Hex[] }>
  stop(): Promise<void>
}

export async function startLrtNet(artifacts: Artifacts): Promise<LrtNet> {
  const anvil = await startAnvil({ accounts: MAX_LRT_OPERATORS + 1 })
  const client = localClient(anvil.rpcUrl)
  const account = (addressIndex: number) => mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex })
  const staker = account(0)
  const operators = Array.from({ length: MAX_LRT_OPERATORS }, (_, i) => account(i + 1))
  const call: LrtNet['call'] = async (from, contract, to, functionName, args) => {
    const { abi } = artifacts.get(contract)
    return transact({ client, from, to, data: encodeFunctionData({ abi, functionName, args }), abi })
  }
  const { core, vault, tokens, strategies } = await deployAll(client, artifacts, staker)
  for (const each of operators) {
    await call(each, 'DelegationManager', core.delegationManager, 'registerAsOperator', [zeroAddress, 0, ''])
  }
  const ofVault = (functionName: string, ...args: readonly unknown[]) =>
    call(staker, 'LrtVault', vault, functionName, args)
  for (const [kind, token] of tokens.entries()) {
    const feed = `0x${'fe'.repeat(19)}0${kind}` as const
    await client.request({ method: 'anvil_setCode', params: [feed, FEED] } as never)
    const market = { feed, heartbeat: HEARTBEAT, bps: DEPEG_BPS }
    await ofVault('addLst', { token, kind, strategy: strategies[kind], entry: zeroAddress, market, cap: CAP })
  }
  const addresses = operators.map(({ address }) => address)
  for (const address of addresses) await ofVault('addOperator', address, { signature: '0x', expiry: 0n }, zeroHash)
  await ofVault(
    'setTargets',
    addresses,
    addresses.map(() => 10_000 / MAX_LRT_OPERATORS),
  )
  await ofVault('open')

  const lsts = await client.readContract({ address: vault, abi: lrtVaultAbi, functionName: 'lsts' })
  for (const { token, entry } of lsts) {
    await call(staker, 'TestToken', token, 'approve', [entry, STAKED])
    await call(staker, 'LrtEntry', entry, 'deposit', [FILLED, staker.address])
  }
  const held = () => client.readContract({ address: vault, abi: lrtVaultAbi, functionName: 'operators' })
  return {
    ...{ vault, lsts, staker, call },
    mine: (blocks) => client.request({ method: 'anvil_mine', params: [toHex(blocks)] } as never),
    async undelegateAll() {
      for (const [i, { account: delegating }] of (await held()).entries()) {
        const operator = operators[i]
        assert.ok(operator !== undefined)
        await call(operator, 'DelegationManager', core.delegationManager, 'undelegate', [delegating])
      }
    },
    async open() {
      const all = await held()
      const roots = await Promise.all(
        all.map(({ account: delegating }) =>
          client.readContract({
            address: core.delegationManager,
            abi: delegationManagerAbi,
            functionName: 'getQueuedWithdrawalRoots',
            args: [delegating],
          }),
        ),
      )
      const [first, ...others] = roots
      assert.ok(all[0] !== undefined && first !== undefined)
      for (const other of others) assert.equal(other.length, first.length)
      return { operator: all[0].operator, roots: first }
    },
    stop: () => anvil.stop(),
  }
}

interface Deployed {
  readonly core: TestnetCore
  readonly vault: Address
  /** In the order of LST_KINDS, as are `strategies`. */
  readonly tokens: readonly Address[]
  readonly strategies: readonly Address[]
}

/** Core, LSTs and vault, and what is staked for every LST. */
async function deployAll(client: PublicClient, artifacts: Artifacts, owner: HDAccount): Promise<Deployed> {
  const batch = await Batch.open(client, owner)
  const { address } = owner
  const now = Number((await client.getBlock()).timestamp)
  const core = deployCore(batch, artifacts, { owner: address, now, withdrawalDelay: WITHDRAWAL_DELAY })
  const { vault } = deployLrt(batch, artifacts, core, address)
  const pool = (name: string) => batch.deploy(artifacts, name, [name, name, address, address, BOUNDS])
  /** The token that a pool creates, after the stand-in of its validators. */
  const ownToken = (of: Address) => getContractAddress({ from: of, nonce: 2n })
  const [stEth, rEthPool, cbEthPool] = [pool('StETH'), pool('REthPool'), pool('CbEthPool')]
  const wstEth = batch.deploy(artifacts, 'WstETH', ['wstETH', 'wstETH', stEth])
  const tokens = [stEth, wstEth, ownToken(rEthPool), ownToken(cbEthPool)]
  assert.equal(tokens.length, LST_KINDS.length)
  const strategies = tokens.map((token) => batch.deploy(artifacts, 'StrategyBase', [core.strategyManager, token]))
  const queue = (name: string, to: Address, functionName: string, args: readonly unknown[] = [], value = 0n) =>
    batch.call({ what: functionName, address: to, abi: artifacts.get(name).abi, functionName, args, value })
  queue('StrategyManager', core.strategyManager, 'addStrategiesToDepositWhitelist', [strategies])
  queue('StETH', stEth, 'deposit', [], 2n * STAKED)
  queue('StETH', stEth, 'approve', [wstEth, STAKED])
  queue('WstETH', wstEth, 'wrap', [STAKED])
  queue('REthPool', rEthPool, 'deposit', [], STAKED)
  queue('CbEthPool', cbEthPool, 'deposit', [], STAKED)
  await batch.land(new AbortController().signal)
  return { core, vault, tokens, strategies }
}
