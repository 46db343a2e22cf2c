import { getContractAddress, type LocalAccount, type PublicClient, parseEther, zeroHash } from 'viem'
import { lrtVaultAbi } from '../chain/abi/lrtVault.ts'
import { LST_KINDS } from '../chain/deployment.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch } from './batch.ts'
import { type TestnetCore, WITHDRAWAL_DELAY } from './core.ts'
import { ETH_HEARTBEAT } from './feeds.ts'
import type { TestnetLst } from './lsts.ts'

/** The liquid restaking token of the testnet. */
export const LRT_SYMBOL = 'lrtETH'
/** Operators that the vault can have: it reads all of them for every rate. */
export const MAX_LRT_OPERATORS = 8

/** Blocks that changes of operators, targets and feeds wait: longer than every way out of the vault. */
const TIMELOCK = 2 * WITHDRAWAL_DELAY
/** Seconds over which gains vest: a minute, so that the rate is seen to move. On a real network a week would be short. */
const VESTING = 60
/** Of gains, basis points. */
const FEE_BPS = 500
/** Deposits of an LST stop when its market is so far below its own rate, basis points. */
const DEPEG_BPS = 200
/** How old an answer of a market feed may be, seconds: its heartbeat, and what a node needs to put it on chain. */
const MARKET_AGE = 3 * ETH_HEARTBEAT
/** Most of one LST, wei of ETH. */
const CAP = parseEther('100000')

/** Gas limits, about twice what is used. */
const GAS = { addLst: 6_000_000n, addOperator: 4_000_000n, small: 500_000n, deposit: 3_000_000n, restake: 8_000_000n }

export interface TestnetLrt {
  readonly vault: Address
  readonly token: Address
  readonly rateFeed: Address
  readonly lens: Address
}

/** Where the vault will be if it is what `creator` creates next, and what comes with it (`deployLrt`). */
export async function foreseeLrt(client: PublicClient, creator: Address): Promise<TestnetLrt> {
  const nonce = BigInt(await client.getTransactionCount({ address: creator, blockTag: 'pending' }))
  const [vault, rateFeed, lens] = [0n, 1n, 2n].map((i) => getContractAddress({ from: creator, nonce: nonce + i }))
  if (vault === undefined || rateFeed === undefined || lens === undefined) throw new TypeError('there are three')
  return { vault, token: tokenOf(vault), rateFeed, lens }
}

/** The vault creates its token first. */
const tokenOf = (vault: Address) => getContractAddress({ from: vault, nonce: 1n })

/**
 * Puts the vault and what comes with it where `foreseeLrt` said.
 * @param accounts `librarian` creates the libraries, so that their number does not move what `creator` creates
 * @throws LariatError `testnet.transaction`
 */
export async function createLrt(options: {
  readonly client: PublicClient
  readonly artifacts: Artifacts
  readonly core: TestnetCore
  readonly owner: Address
  readonly accounts: { readonly creator: LocalAccount; readonly librarian: LocalAccount }
  readonly signal: AbortSignal
}): Promise<void> {
  const { client, artifacts, core, owner, accounts, signal } = options
  const first = await Batch.open(client, accounts.librarian)
  const libraries = first.deployLibraries(artifacts, ['LrtVault', 'LrtRateFeed', 'LrtLens'])
  await first.land(signal)
  const batch = await Batch.open(client, accounts.creator, libraries)
  deployLrt(batch, artifacts, core, owner)
  await batch.land(signal)
}

/** Queues the creation of the vault; it is opened later, when its market feeds have prices. */
export function deployLrt(batch: Batch, artifacts: Artifacts, core: TestnetCore, owner: Address): TestnetLrt {
  const vault = batch.deploy(artifacts, 'LrtVault', [
    'Lariat test LRT',
    LRT_SYMBOL,
    core.delegationManager,
    core.rewardsCoordinator,
    [owner, owner, owner],
    TIMELOCK,
    VESTING,
    FEE_BPS,
    owner,
  ])
  const rateFeed = batch.deploy(artifacts, 'LrtRateFeed', [vault, `${LRT_SYMBOL} / ETH rate`])
  const lens = batch.deploy(artifacts, 'LrtLens', [])
  return { vault, token: tokenOf(vault), rateFeed, lens }
}

/** Part of the stake that should be with each operator, basis points: each another, and none with four or more a third. */
export function targetsOf(operators: number): number[] {
  const spread = (i: number) => 1.2 - (0.4 * i) / Math.max(1, operators - 1)
  const parts = Array.from({ length: operators }, (_, i) => Math.floor((spread(i) / operators) * 10_000))
  // what rounding left goes to the smallest
  const last = parts.length - 1
  return parts.map((part, i) => (i === last ? 10_000 - parts.slice(0, -1).reduce((a, b) => a + b, 0) : part))
}

/**
 * Opens the vault: LSTs with their market feeds, operators with their targets; then the first depositor restakes what it
 * has, and all of it is delegated.
 * @throws LariatError `testnet.transaction`
 */
export async function openLrt(options: {
  readonly client: PublicClient
  readonly artifacts: Artifacts
  readonly deployer: LocalAccount
  readonly vault: Address
  readonly lsts: readonly TestnetLst[]
  /** Address of each LST's market feed, by symbol. */
  readonly marketFeed: (symbol: string) => Address
  readonly operators: readonly Address[]
  readonly signal: AbortSignal
}): Promise<void> {
  const { client, artifacts, deployer, vault, lsts, operators, signal } = options
  const batch = await Batch.open(client, deployer)
  const { abi } = artifacts.get('LrtVault')
  const call = (what: string, functionName: string, args: readonly unknown[], gas: bigint) =>
    batch.call({ what, address: vault, abi, functionName, args, gas })

  for (const { symbol, kind, token, strategy } of lsts) {
    const market = { feed: options.marketFeed(symbol), heartbeat: MARKET_AGE, bps: DEPEG_BPS }
    const entry = vault // not read
    const lst = { token, kind: LST_KINDS.indexOf(kind), strategy, entry, market, cap: CAP }
    call(`adding ${symbol}`, 'addLst', [lst], GAS.addLst)
  }
  for (const operator of operators) {
    call(`adding ${operator}`, 'addOperator', [operator, { signature: '0x', expiry: 0n }, zeroHash], GAS.addOperator)
  }
  call('setting targets', 'setTargets', [operators, targetsOf(operators.length)], GAS.small)
  call('opening the vault', 'open', [], GAS.small)
  await batch.land(signal)

  const entries = await client.readContract({ address: vault, abi: lrtVaultAbi, functionName: 'lsts' })
  const entryAbi = artifacts.get('LrtEntry').abi
  for (const { symbol, token, amount } of lsts) {
    const entry = entries.find((each) => each.token.toLowerCase() === token.toLowerCase())?.entry ?? vault
    batch.call({
      what: `allowance of ${symbol}`,
      address: token,
      abi: artifacts.get('TestToken').abi,
      functionName: 'approve',
      args: [entry, amount],
      gas: 150_000n,
    })
    batch.call({
      what: `restaking ${symbol}`,
      address: entry,
      abi: entryAbi,
      functionName: 'deposit',
      args: [amount, deployer.address],
      gas: GAS.deposit,
    })
  }
  for (const { symbol, token } of lsts) call(`delegating ${symbol}`, 'restake', [token], GAS.restake)
  await batch.land(signal)
}
