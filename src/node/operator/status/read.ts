import { serviceManagerAbi } from '../../../chain/abi/serviceManager.ts'
import { createKeyRegistrarReader } from '../../../chain/keyRegistrar.ts'
import { peerIdToText } from '../../../chain/peerId.ts'
import type { OperatorPosition, SetPosition } from '../../../chain/position.ts'
import { describe, LariatError } from '../../../util/errors.ts'
import { type Address, type Hex, hexToBytes } from '../../../util/hex.ts'
import { openRewards } from '../../rewards/open.ts'
import { faceOf, type TokenFace } from '../../rewards/words.ts'
import { type OperatorRisk, readOperatorRisk } from '../../risk/readOperator.ts'
import { createWorths } from '../../risk/worth.ts'
import { positionOf, serviceNameOf } from '../find.ts'
import type { OperatorSession, View } from '../session.ts'
import { slashableUntil } from '../stake.ts'

/** What an AVS has of the operator besides its stake. */
export interface SetIdentity {
  readonly name: string | undefined
  /** BLS12-381 key of a service of ours (G1, EIP-2537 form); undefined where there is none. */
  readonly blsKey: Hex | undefined
  /** libp2p peer id and addresses that a service of ours publishes. */
  readonly peer: { readonly id: string; readonly addresses: readonly string[] } | undefined
  /** Hash of the key in the core's KeyRegistrar; `wanting` where the set demands one that is not there. */
  readonly registrarKey: Hex | 'wanting' | undefined
  /** Last block in which stake can be slashed: undefined for none, Infinity while nothing was taken back. */
  readonly slashableUntil: number | undefined
}

export interface TokenReward {
  readonly token: Address
  readonly face: TokenFace
  readonly earned: bigint
  readonly claimed: bigint
  readonly claimable: bigint
}

/** Everything that `lariat operator status` shows. */
export interface OperatorReport {
  readonly position: OperatorPosition
  /** One for each of `position.sets`. */
  readonly identities: readonly SetIdentity[]
  /** Wei of ETH that 1e18 shares of each of `position.strategies` are worth; undefined if nobody says. */
  readonly worths: readonly (bigint | undefined)[]
  readonly risk: OperatorRisk
  /** Undefined when the configuration names no source of rewards; a sentence when it cannot be read. */
  readonly rewards: readonly TokenReward[] | string | undefined
}

/** @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract` */
export async function readReport(session: OperatorSession, view: View): Promise<OperatorReport> {
  const { deployment, operator } = session
  const position = await positionOf(session, view)
  const worthOf = createWorths(view, deployment.lsts ?? [], Object.values(deployment.services))
  const [identities, worths, risk, rewards] = await Promise.all([
    Promise.all(position.sets.map((place) => identityOf(session, view, place))),
    Promise.all(position.strategies.map(({ strategy }) => worthOf(strategy))),
    readOperatorRisk(view, deployment.core, operator, worthOf),
    rewardsOf(session, view),
  ])
  return { position, identities, worths, risk, rewards }
}

async function identityOf(session: OperatorSession, { read }: View, place: SetPosition): Promise<SetIdentity> {
  const { deployment, operator } = session
  const { avs } = place.set
  const contract = { address: avs, abi: serviceManagerAbi } as const
  const name = serviceNameOf(session, avs)
  const ours = await read({ ...contract, functionName: 'keyOf', args: [operator] }).catch(unlessForeign)
  const peer =
    ours === undefined
      ? undefined
      : await read({ ...contract, functionName: 'peerOf', args: [operator] }).catch(unlessForeign)
  const { keyRegistrar } = deployment.core
  const demand =
    keyRegistrar === undefined
      ? undefined
      : await createKeyRegistrarReader(read, keyRegistrar).demand(operator, place.set)
  return {
    name,
    blsKey: ours === undefined || /^0x0*$/.test(ours) ? undefined : ours,
    peer: peer === undefined || peer[0] === '0x' ? undefined : peerOf(peer),
    registrarKey: demand?.kind === undefined ? undefined : (demand.registered ?? 'wanting'),
    slashableUntil: slashableUntil(place),
  }
}

function peerOf([id, addresses]: readonly [Hex, readonly string[]]): { id: string; addresses: readonly string[] } {
  try {
    return { id: peerIdToText(hexToBytes(id)), addresses }
  } catch {
    return { id, addresses }
  }
}

/** An AVS by others has no such function. */
function unlessForeign(error: unknown): undefined {
  if (error instanceof LariatError && error.code !== 'chain.unavailable') return undefined
  throw error
}

async function rewardsOf(session: OperatorSession, { read, block }: View): Promise<OperatorReport['rewards']> {
  const { config, deployment, clock, operator } = session
  if (config.rewards === undefined) return undefined
  try {
    const { ledger } = openRewards(config, deployment, clock)
    const { tokens } = await ledger.look({ read, now: Number(block.timestamp) }, operator)
    return await Promise.all(
      tokens.map(async ({ token, earned, claimed, claimable }) => ({
        token,
        face: await faceOf(read, token),
        earned,
        claimed,
        claimable,
      })),
    )
  } catch (error) {
    // the rest is worth showing all the same
    return describe(error)
  }
}
