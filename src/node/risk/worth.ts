import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import { strategyAbi } from '../../chain/abi/strategy.ts'
import type { LstEntry } from '../../chain/deployment.ts'
import { readLstValue } from '../../chain/lst.ts'
import type { ChainReader } from '../../chain/types.ts'
import type { Address } from '../../util/hex.ts'

const ONE = 10n ** 18n

/** Wei of ETH that 1e18 shares of a strategy are worth; undefined if nobody says. Asked for once, then remembered. */
export type WorthOf = (strategy: Address) => Promise<bigint | undefined>

/**
 * Values strategies by the own rate of the LST that they hold, as the deployment file names it, or else by the rate that a
 * service's contract has for them. Never by a market. For one round of reads: what it remembers grows old.
 * @param services ServiceManagers
 */
export function createWorths(
  chain: Pick<ChainReader, 'read'>,
  lsts: readonly Pick<LstEntry, 'kind' | 'token' | 'strategy'>[],
  services: readonly Address[],
): WorthOf {
  const known = new Map<string, Promise<bigint | undefined>>()
  let listed: Promise<ReadonlyMap<string, Address>> | undefined

  /** Which service counts a strategy. */
  async function list(): Promise<ReadonlyMap<string, Address>> {
    const lists = await Promise.all(
      services.map(async (address) => {
        const strategies = await chain.read({ address, abi: serviceManagerAbi, functionName: 'strategies', args: [] })
        return strategies.map((strategy) => [strategy.toLowerCase(), address] as const)
      }),
    )
    return new Map(lists.flat())
  }

  async function read(strategy: Address): Promise<bigint | undefined> {
    const lst = lsts.find((entry) => entry.strategy.toLowerCase() === strategy.toLowerCase())
    if (lst !== undefined) {
      const args = [ONE] as const
      const tokens = await chain.read({
        address: strategy,
        abi: strategyAbi,
        functionName: 'sharesToUnderlyingView',
        args,
      })
      return readLstValue(chain, lst, tokens)
    }
    listed ??= list()
    const address = (await listed).get(strategy.toLowerCase())
    if (address === undefined) return undefined
    const rate = { address, abi: serviceManagerAbi, functionName: 'strategyRate', args: [strategy] } as const
    const [worth] = await chain.read(rate)
    return worth
  }

  return (strategy) => {
    const key = strategy.toLowerCase()
    const before = known.get(key)
    if (before !== undefined) return before
    const reading = read(strategy)
    known.set(key, reading)
    return reading
  }
}
