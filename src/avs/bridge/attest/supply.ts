import { type Address, type Clock, describe, type FollowedChain, type Log, type Part } from 'lariat/avs'
import { parseAbi } from 'viem'
import { everyBeat } from './beat.ts'

/** Looks in a row that must find too much: what is under way while one look reads two chains is no fault. */
const LOOKS = 3

const collateralAbi = parseAbi(['function lockedFor(uint32 domain) view returns (uint256)'])
const syntheticAbi = parseAbi(['function totalSupply() view returns (uint256)'])

/** Tokens that are locked on one chain and minted on another. */
export interface Route {
  /** Where they are locked, and the contract that keeps them. */
  readonly chain: FollowedChain
  readonly collateral: Address
  /** Where they are minted, its domain, and the token there. */
  readonly away: FollowedChain
  readonly domain: number
  readonly token: Address
}

/**
 * Watches that never more is minted than was locked, in final blocks of both chains. A lock is final before it is attested to, minting comes after that;
 * a burn is final before what it unlocks: so the supply, read first, is at most what is locked then. Where it is not, something is
 * wrong with a contract, a module or a chain, and nothing more is attested to.
 */
export class SupplyWatch implements Part {
  readonly name = 'bridge supply'
  readonly #routes: readonly Route[]
  readonly #clock: Clock
  readonly #log: Log
  /** Looks in a row that found too much, by route. */
  readonly #found = new Map<Route, number>()
  readonly #problems = new Map<Route, string>()
  #looking: Promise<void> | undefined
  #end: (() => void) | undefined

  constructor(routes: readonly Route[], clock: Clock, log: Log) {
    this.#routes = routes
    this.#clock = clock
    this.#log = log
  }

  async start(): Promise<void> {
    if (this.#routes.length === 0) return
    this.#end = everyBeat(this.#clock, () => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined
      })
    })
  }

  async stop(): Promise<void> {
    this.#end?.()
    await this.#looking
  }

  /** Where more is minted than is locked; undefined while there is no such place. It ends when the two are in accord again. */
  problem(): string | undefined {
    const all = [...this.#problems.values()]
    return all.length === 0 ? undefined : all.join('; ')
  }

  async #look(): Promise<void> {
    for (const route of this.#routes) {
      try {
        await this.#compare(route)
      } catch (error) {
        // what is not known is no fault: the chains' own checks tell that they cannot be read
        this.#log.debug('a supply cannot be read', { token: route.token, error: describe(error) })
      }
    }
  }

  async #compare(route: Route): Promise<void> {
    const { chain, collateral, away, domain, token } = route
    const final = { block: 'finalized' } as const
    const minted = await away.read({
      ...final,
      address: token,
      abi: syntheticAbi,
      functionName: 'totalSupply',
      args: [],
    })
    const locked = await chain.read({
      ...{ ...final, address: collateral, abi: collateralAbi },
      ...{ functionName: 'lockedFor', args: [domain] },
    })
    if (minted <= locked) {
      if (this.#problems.delete(route)) this.#log.warn('a supply is in accord with what is locked again', { token })
      this.#found.delete(route)
      return
    }
    const found = (this.#found.get(route) ?? 0) + 1
    this.#found.set(route, found)
    if (found !== LOOKS) return
    const problem =
      `${minted} of token ${token} are minted on chain ${away.name}, and ${locked} are locked for it by ${collateral} on ${chain.name}: ` +
      'nothing is attested to; find out by which transaction, and fix the contract before the modules are opened again'
    this.#problems.set(route, problem)
    this.#log.error('more is minted than is locked', { token, minted, locked })
  }
}
