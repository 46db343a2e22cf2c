import { allocationManagerAbi } from '../../../chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../../chain/abi/serviceManager.ts'
import { peerIdToBytes } from '../../../chain/peerId.ts'
import type { OperatorPosition, SetPosition } from '../../../chain/position.ts'
import { encodeRegistration } from '../../../chain/registration.ts'
import { createMetrics } from '../../../metrics/registry.ts'
import { loadOrCreateIdentity } from '../../../p2p/identity.ts'
import { LariatError } from '../../../util/errors.ts'
import { bytesToHex, type Hex } from '../../../util/hex.ts'
import { announcedAddresses } from '../../announced.ts'
import { files } from '../../files.ts'
import { makeGuardBeforeKey } from '../../guard/open.ts'
import { openOperatorKeys } from '../../operatorKeys.ts'
import { type Avs, findAvs, needOperator, positionOf, setOf, strategyOf } from '../find.ts'
import type { Planner } from '../perform.ts'
import type { Later, Step } from '../plan.ts'
import { planRegistrarKey } from '../registrarKey.ts'
import type { OperatorSession, View } from '../session.ts'
import { stakeText } from '../stake.ts'
import { atBlock, forBlocks, list } from '../words.ts'

export interface OptInOptions {
  /** Service name or address. */
  readonly avs: string
  /** Operator sets, for an AVS that is no ServiceManager of ours. */
  readonly sets: readonly number[]
  /** What such an AVS's registrar wants. */
  readonly data: Hex | undefined
}

/** Joins an AVS's operator sets with the keys it wants; for one that is in, publishes where the node can be reached. */
export function optInPlanner({ avs: text, sets: ids, data }: OptInOptions): Planner {
  return async (session, view) => {
    const avs = await findAvs(session, view, text, ids)
    const position = await positionOf(session, view, avs.sets)
    needOperator(position)
    const places = avs.sets.map((set) => setOf(position, set))
    needStake(position, avs, places)
    const notes: string[] = []
    const later: Later[] = []
    for (const { set, member, slashable, leavesAfter } of places) {
      if (member) notes.push(`${session.operator} is in operator set ${set.id} of ${avs.label}.`)
      else if (slashable && leavesAfter !== undefined) {
        later.push({
          what: `join operator set ${set.id} of ${avs.label} again: who left one can be slashed in it, and cannot join, through ${atBlock(leavesAfter, view)}`,
          fromBlock: leavesAfter + 1,
        })
      }
    }
    const open = places.filter(({ member, slashable }) => !member && !slashable)
    if (open.length === 0) {
      const member = places.some((place) => place.member)
      return { steps: member && avs.isServiceManager ? await publishing(session, view, avs) : [], notes, later }
    }
    const join: Step = {
      what: `join ${describeSets(open)} of ${avs.label}`,
      consequences: [
        ...open.flatMap((place) => riskOf(place, position)),
        `Who leaves stays slashable for ${forBlocks(position.deallocationDelay, view)} more: the node must run on until then.`,
        ...(avs.isServiceManager
          ? ['The BLS key is registered for good: it serves this set alone, and cannot be used for a second joining.']
          : []),
      ],
      to: session.deployment.core.allocationManager,
      abi: [...allocationManagerAbi, ...serviceManagerAbi],
      functionName: 'registerForOperatorSets',
      args: [
        session.operator,
        {
          avs: avs.address,
          operatorSetIds: open.map(({ set }) => set.id),
          data: avs.isServiceManager ? await registration(session, view, avs) : (data ?? '0x'),
        },
      ],
      by: 'appointee',
    }
    const keys: Step[] = []
    for (const { set } of open) {
      const plan = await planRegistrarKey(session, view, set)
      keys.push(...plan.steps)
      notes.push(...plan.notes)
    }
    return { steps: [...keys, join], notes, later }
  }
}

/** An operator without stake in any strategy that a set counts has no weight there, so that joining would only be a risk. */
function needStake(position: OperatorPosition, { label }: Avs, places: readonly SetPosition[]): void {
  const strategies = places.flatMap((place) => place.strategies.map((strategy) => strategyOf(position, strategy)))
  if (strategies.some(({ shares }) => shares > 0n)) return
  throw new LariatError(
    'operator.no-stake',
    `${position.operator} has no stake that ${label} counts (${list(strategies.map(({ symbol }) => symbol)) || 'it counts none'}): have some delegated to it, or deposit own tokens with lariat operator register --stake`,
    { operator: position.operator },
  )
}

function riskOf({ set, allocations, redistributesTo }: SetPosition, position: OperatorPosition): string[] {
  const stakes = allocations
    .filter(({ magnitude, pending }) => magnitude > 0n || pending !== undefined)
    .map(({ strategy, magnitude, pending }) =>
      stakeText(strategyOf(position, strategy), pending?.magnitude ?? magnitude),
    )
  return [
    stakes.length === 0
      ? `Operator set ${set.id} can slash nothing yet: no stake is allocated to it (lariat operator allocate).`
      : `From its block on, operator set ${set.id} can slash what is allocated to it: ${list(stakes)}.`,
    ...(redistributesTo === undefined
      ? []
      : [
          `Operator set ${set.id} does not burn what it slashes but sends it to ${redistributesTo}: whoever holds that gains by slashing.`,
        ]),
  ]
}

function describeSets(places: readonly SetPosition[]): string {
  return `operator set${places.length === 1 ? '' : 's'} ${list(places.map(({ set }) => String(set.id)))}`
}

async function registration(
  { config, chain, deployment, operator, clock, log }: OperatorSession,
  view: View,
  avs: Avs,
): Promise<Hex> {
  await makeGuardBeforeKey({
    ...{ path: files(config.dataDir).guard, operator },
    serviceManagers: [avs.address, ...config.services.map(({ config: { contract } }) => contract)],
    snapshot: async () => view,
  })
  const { peerId } = await loadOrCreateIdentity(files(config.dataDir).p2pKey)
  const { genesisHash } = deployment
  const keys = await openOperatorKeys({ config, genesisHash, clock, log, metrics: createMetrics() })
  try {
    const proof = await keys.prove({ chainId: chain.id, serviceManager: avs.address }, operator)
    return encodeRegistration({ ...proof, peerId, addresses: announcedAddresses(config.p2p) })
  } finally {
    keys.close()
  }
}

async function publishing({ config, operator }: OperatorSession, { read }: View, avs: Avs): Promise<Step[]> {
  const { peerId } = await loadOrCreateIdentity(files(config.dataDir).p2pKey)
  const addresses = announcedAddresses(config.p2p)
  const bytes = bytesToHex(peerIdToBytes(peerId))
  const contract = { address: avs.address, abi: serviceManagerAbi } as const
  const [known, before] = await read({ ...contract, functionName: 'peerOf', args: [operator] })
  if (known === bytes && before.join() === addresses.join()) return []
  return [
    {
      what: `publish with ${avs.label} that the node is ${peerId} at ${list(addresses)}`,
      consequences: [
        `The other operators dial it there from then on, instead of at ${list([...before]) || 'nowhere'}.`,
      ],
      to: avs.address,
      abi: serviceManagerAbi,
      functionName: 'setPeer',
      args: [bytes, addresses],
      by: 'operator',
    },
  ]
}
