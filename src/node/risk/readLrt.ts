import { erc20Abi, parseAbi } from 'viem'
import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import { lrtVaultAbi } from '../../chain/abi/lrtVault.ts'
import { type CoreAddresses, type Deployment, LST_KINDS } from '../../chain/deployment.ts'
import { isReverted } from '../../chain/errors.ts'
import { readLstRate, readLstUnits } from '../../chain/lst.ts'
import type { ChainReader } from '../../chain/types.ts'
import type { Address } from '../../util/hex.ts'
import { type Backing, backingOf } from './backing.ts'
import { type MarketAnswer, type Peg, type PegLimits, pegOf } from './peg.ts'

const aggregatorAbi = parseAbi([
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
])

const NO_ANSWER: MarketAnswer = { answer: 0n, decimals: 18, updatedAt: 0n }

/** How often supply and rate may change while the holdings are read before the figures are taken as they are. */
const MAX_TRIES = 3
/** Part of the rate, one millionth, that may vest while it is read. */
const STEADY = 1_000_000n

export interface LstPeg extends Peg {
  readonly token: Address
}

export interface LrtRisk extends Backing {
  /** Wei of ETH that 1e18 shares stand for. */
  readonly rate: bigint
  /** False if the vault changed again and again while it was read: then the backing is of several moments. */
  readonly steady: boolean
  /** The LRT at its market; undefined if the deployment names no feed. */
  readonly market: Peg | undefined
  /** Operators of the vault that a set can slash, or soon could, to an address of its choice. */
  readonly redistributable: readonly Address[]
  /** The LSTs at theirs, by the limits that the vault stops deposits at; those without a feed are left out. */
  readonly lsts: readonly LstPeg[]
}

/**
 * How an LRT is backed, and what markets say of it and its LSTs.
 * @param now Unix seconds
 * @param limits of the LRT's own market; those of the LSTs are the vault's
 * @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract`
 */
export async function readLrtRisk(
  chain: Pick<ChainReader, 'read'>,
  core: CoreAddresses,
  lrt: NonNullable<Deployment['lrt']>,
  now: number,
  limits: PegLimits,
): Promise<LrtRisk> {
  const vault = { address: lrt.vault, abi: lrtVaultAbi } as const
  const lsts = await chain.read({ ...vault, functionName: 'lsts', args: [] })
  const tokens = lsts.map(({ token, kind, market }) => ({ token, kind: kindOf(kind), market }))

  const readClaims = () =>
    Promise.all([
      chain.read({ address: lrt.token, abi: erc20Abi, functionName: 'totalSupply', args: [] }),
      chain.read({ ...vault, functionName: 'getRate', args: [] }),
    ])
  const readHoldings = () =>
    Promise.all(
      tokens.map(async (lst) => {
        const [holding, held] = await Promise.all([
          chain.read({ ...vault, functionName: 'holding', args: [lst.token] }),
          readLstUnits(chain, lst, lrt.vault),
        ])
        return { ...holding, held }
      }),
    )

  let [supply, rate] = await readClaims()
  let holdings = await readHoldings()
  let steady = false
  for (let tries = 1; !steady; tries++) {
    const [supplyAfter, rateAfter] = await readClaims()
    const moved = rateAfter > rate ? rateAfter - rate : rate - rateAfter
    steady = supplyAfter === supply && moved * STEADY <= rate
    ;[supply, rate] = [supplyAfter, rateAfter]
    if (steady || tries === MAX_TRIES) break
    holdings = await readHoldings()
  }

  const [redistributable, market, pegs] = await Promise.all([
    readRedistributable(chain, core, lrt.vault),
    lrt.marketFeed === undefined
      ? undefined
      : readMarket(chain, lrt.marketFeed).then((answer) => pegOf(rate, answer, now, limits)),
    Promise.all(
      tokens
        .filter((lst) => BigInt(lst.market.feed) !== 0n)
        .map(async (lst): Promise<LstPeg> => {
          const { feed, heartbeat, bps } = lst.market
          const [own, answer] = await Promise.all([readLstRate(chain, lst), readMarket(chain, feed)])
          return { token: lst.token, ...pegOf(own, answer, now, { heartbeat, depegBps: bps }) }
        }),
    ),
  ])
  return { ...backingOf(holdings, supply, rate), rate, steady, redistributable, market, lsts: pegs }
}

async function readRedistributable(
  chain: Pick<ChainReader, 'read'>,
  core: CoreAddresses,
  vault: Address,
): Promise<Address[]> {
  const all = await chain.read({ address: vault, abi: lrtVaultAbi, functionName: 'operators', args: [] })
  const told = await Promise.all(
    all.map(({ operator }) =>
      chain.read({
        address: core.allocationManager,
        abi: allocationManagerAbi,
        functionName: 'isOperatorRedistributable',
        args: [operator],
      }),
    ),
  )
  return all.map(({ operator }) => operator).filter((_, i) => told[i] === true)
}

async function readMarket(chain: Pick<ChainReader, 'read'>, address: Address): Promise<MarketAnswer> {
  const feed = { address, abi: aggregatorAbi } as const
  try {
    const [decimals, [, answer, , updatedAt]] = await Promise.all([
      chain.read({ ...feed, functionName: 'decimals', args: [] }),
      chain.read({ ...feed, functionName: 'latestRoundData', args: [] }),
    ])
    return { answer, decimals, updatedAt }
  } catch (error) {
    // So Chainlink's feeds, and ours, say that they have no answer yet: no reason to know nothing else of the LRT.
    if (isReverted(error)) return NO_ANSWER
    throw error
  }
}

/** @throws RangeError for a kind of a later version */
function kindOf(kind: number): (typeof LST_KINDS)[number] {
  const name = LST_KINDS[kind]
  if (name === undefined) throw new RangeError(`the vault has an LST of kind ${kind}, which this version does not know`)
  return name
}
