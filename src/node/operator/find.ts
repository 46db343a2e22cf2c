import { getAddress, isAddress } from 'viem'
import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { OperatorSet } from '../../chain/core.ts'
import { findDepartures } from '../../chain/events.ts'
import {
  type OperatorPosition,
  readPosition,
  type SetPosition,
  type StrategyPosition,
  setName,
} from '../../chain/position.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { OperatorSession, View } from './session.ts'
import { list } from './words.ts'

/** An AVS as the command line names it. */
export interface Avs {
  readonly address: Address
  /** Name of the service, if deployment or configuration has one. */
  readonly name: string | undefined
  /** For people: the name, or the address. */
  readonly label: string
  readonly sets: readonly OperatorSet[]
  /** Whether it is a ServiceManager of ours, which takes a BLS key and a peer id when one joins. */
  readonly isServiceManager: boolean
}

type Known = Pick<OperatorSession, 'config' | 'deployment'>

/** Name of the service at an address, if deployment or configuration has one. */
export function serviceNameOf({ config, deployment }: Known, address: Address): string | undefined {
  return [...servicesOf({ config, deployment })].find(([, at]) => same(at, address))?.[0]
}

function servicesOf({ config, deployment }: Known): Map<string, Address> {
  return new Map([
    ...Object.entries(deployment.services),
    ...config.services.map(({ definition, config: { contract } }) => [definition.name, contract] as const),
  ])
}

/**
 * Finds an AVS by a service's name or its address.
 * @param ids operator sets; a ServiceManager of ours says itself which one it has
 * @throws LariatError `usage.avs`
 */
export async function findAvs(session: Known, { read }: View, text: string, ids: readonly number[] = []): Promise<Avs> {
  const services = servicesOf(session)
  const address = text.startsWith('0x') ? addressOf(text) : services.get(text)
  if (address === undefined) {
    const names = [...services.keys()].sort()
    throw new LariatError(
      'usage.avs',
      `no service is called ${text}: name ${names.length === 0 ? 'an AVS' : `${list(names)}, or another AVS`} by its address`,
      { avs: text },
    )
  }
  const name = serviceNameOf(session, address)
  const label = name ?? address
  const own = await ownSet(read, address)
  const chosen = ids.length > 0 ? ids : own === undefined ? [] : [own]
  if (chosen.length === 0) {
    throw new LariatError(
      'usage.avs',
      `${label} is no ServiceManager of Lariat, so it does not say which operator sets it has: correct the address, or name the sets with --set`,
      { avs: address },
    )
  }
  const sets = chosen.map((id): OperatorSet => ({ avs: address, id }))
  for (const set of sets) {
    const exists = await read({
      address: session.deployment.core.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'isOperatorSet',
      args: [set],
    })
    if (!exists) {
      throw new LariatError(
        'usage.avs',
        `the core has no operator set ${set.id} of ${label}: correct the address, the set, or chain.deployment`,
        { avs: address, set: set.id },
      )
    }
  }
  return { address, name, label, sets, isServiceManager: own !== undefined }
}

function addressOf(text: string): Address {
  if (isAddress(text, { strict: !/^0x[0-9a-f]{40}$/.test(text) })) return getAddress(text)
  throw new LariatError('usage.avs', `${text} is not an address with a correct checksum: copy it anew`, { avs: text })
}

/** The one operator set of a ServiceManager of ours; undefined for any other account. */
async function ownSet(read: View['read'], avs: Address): Promise<number | undefined> {
  try {
    return await read({ address: avs, abi: serviceManagerAbi, functionName: 'operatorSetId', args: [] })
  } catch (error) {
    const code = error instanceof LariatError ? error.code : ''
    if (['chain.reverted', 'chain.no-contract', 'chain.inconsistent'].includes(code)) return undefined
    throw error
  }
}

/** Where the operator of a session stands, with the sets that it left and may still be slashed in. */
export async function positionOf(
  { chain, deployment, operator }: Pick<OperatorSession, 'chain' | 'deployment' | 'operator'>,
  view: View,
  also: readonly OperatorSet[] = [],
): Promise<OperatorPosition> {
  const allocation = { address: deployment.core.allocationManager, abi: allocationManagerAbi } as const
  const delay = BigInt(await view.read({ ...allocation, functionName: 'DEALLOCATION_DELAY', args: [] }))
  const to = view.block.number
  const start = BigInt(deployment.startBlock)
  // twice the delay, so that what it leaves behind, such as keys, can be cleared up for as long again
  const from = to - 2n * delay > start ? to - 2n * delay : start
  const left = await findDepartures(chain, deployment.core.allocationManager, operator, from, to)
  return readPosition({ snapshot: view, deployment, operator, also, left })
}

/** @throws LariatError `operator.not-registered` */
export function needOperator({ isOperator, operator }: OperatorPosition): void {
  if (isOperator) return
  throw new LariatError(
    'operator.not-registered',
    `${operator} is not registered as an operator with the core: run lariat operator register first, or correct operator.address`,
    { operator },
  )
}

/** The operator's place in a set; the set was among `also` when the position was read. */
export function setOf({ sets }: OperatorPosition, set: OperatorSet): SetPosition {
  const found = sets.find((position) => setName(position.set) === setName(set))
  if (found === undefined) throw new LariatError('operator.set', `operator set ${setName(set)} was not read`)
  return found
}

export function strategyOf({ strategies }: OperatorPosition, strategy: Address): StrategyPosition {
  const found = strategies.find((position) => same(position.strategy, strategy))
  if (found === undefined) throw new LariatError('operator.strategy', `strategy ${strategy} was not read`)
  return found
}

/**
 * The strategies that the command line names by symbol or address; all of `among` when it names none.
 * @throws LariatError `usage.strategy`
 */
export function chooseStrategies(
  named: readonly string[],
  among: readonly StrategyPosition[],
  whose: string,
): readonly StrategyPosition[] {
  if (named.length === 0) return among
  return named.map((text) => {
    const found = among.filter(
      ({ symbol, strategy, token }) =>
        symbol.toLowerCase() === text.toLowerCase() || same(strategy, text) || same(token, text),
    )
    const [only] = found
    if (only !== undefined && found.length === 1) return only
    const known = among.map(({ symbol, strategy }) => `${symbol} (${strategy})`)
    const problem = found.length === 0 ? 'is not among' : 'is the symbol of several of'
    throw new LariatError(
      'usage.strategy',
      `${text} ${problem} the strategies of ${whose}: ${known.length === 0 ? 'there are none' : `name one of ${list(known)}`}`,
      { strategy: text },
    )
  })
}

export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
