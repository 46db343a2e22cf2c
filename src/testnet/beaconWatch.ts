import { type PublicClient, parseAbi } from 'viem'
import * as z from 'zod'
import type { Clock } from '../util/clock.ts'
import type { Hex } from '../util/hex.ts'
import { createHttpClient } from '../util/http.ts'
import type { TestnetRandomness } from './randomness.ts'
import { createTask, type Task } from './task.ts'

const keyGenerationAbi = parseAbi([
  'struct Achieved { uint64 reaching; uint64 failing; uint64 total; }',
  'struct Session { bytes32 id; uint8 state; uint64 epoch; uint32 attempt; uint64 fromSharing; uint16 threshold; uint16 shares; uint64 dealEnd; uint64 complaintEnd; uint64 finishEnd; uint64 dealt; uint64 convicted; uint16 folded; Achieved achieved; }',
  'struct Sharing { uint64 session; uint64 switchRound; uint16 threshold; uint16 shares; bytes32 membersHash; bytes32 polynomialHash; bytes32 hash; }',
  'struct Group { bytes key; uint64 genesis; uint32 period; bytes32 chainHash; bytes32 groupHash; }',
  'function latestSession() view returns (uint64)',
  'function latestSharing() view returns (uint64)',
  'function sessionInfo(uint64 session) view returns (Session)',
  'function sharingInfo(uint64 sharing) view returns (Sharing)',
  'function group() view returns (Group)',
])
/** `state` of a session that is not over. */
const UNDER_WAY = 1
/** ms between looks. */
const EVERY_MS = 1_000
/** For one answer of a node. */
const ANSWER = { timeoutMs: 2_000, maxBytes: 4_096 } as const
const roundSchema = z.object({ round: z.int().positive() })

/** What chain and nodes say of the beacon. */
export interface BeaconFact {
  /** What key generation or resharing is at; undefined when none is under way. */
  readonly session: { readonly number: bigint; readonly phase: string } | undefined
  /** Undefined before the key is generated. */
  readonly chain:
    | {
        readonly hash: Hex
        readonly sharing: bigint
        readonly threshold: number
        readonly shares: number
        /** Newest round that a node has; undefined before the first. */
        readonly round: number | undefined
      }
    | undefined
}

/** Follows the beacon from outside. */
export interface BeaconWatch extends Task {
  /** Undefined before it was read. */
  fact(): BeaconFact | undefined
  /** Reads now. */
  look(): Promise<void>
}

export function createBeaconWatch(options: {
  readonly client: PublicClient
  readonly contracts: TestnetRandomness
  /** Base URLs of the nodes. */
  readonly apis: readonly string[]
  readonly clock: Clock
  readonly onError: (what: string) => void
}): BeaconWatch {
  const { client, contracts, apis, clock, onError } = options
  const board = { address: contracts.keyGeneration, abi: keyGenerationAbi } as const
  const http = createHttpClient({ clock })
  let newest: BeaconFact | undefined

  async function sessionNow(): Promise<BeaconFact['session']> {
    const number = await client.readContract({ ...board, functionName: 'latestSession' })
    if (number === 0n) return undefined
    const [session, block] = await Promise.all([
      client.readContract({ ...board, functionName: 'sessionInfo', args: [number] }),
      client.getBlockNumber(),
    ])
    if (session.state !== UNDER_WAY) return undefined
    return { number, phase: phaseOf(session, block) }
  }

  /** Of the first node that answers: one may be away. */
  async function newestRound(hash: Hex): Promise<number | undefined> {
    for (const api of apis) {
      const answer = await http.getJson(`${api}/${hash.slice(2)}/public/latest`, ANSWER).catch(() => undefined)
      const parsed = roundSchema.safeParse(answer)
      if (parsed.success) return parsed.data.round
    }
    return undefined
  }

  async function chainNow(): Promise<BeaconFact['chain']> {
    const sharing = await client.readContract({ ...board, functionName: 'latestSharing' })
    if (sharing === 0n) return undefined
    const [{ chainHash: hash }, { threshold, shares }] = await Promise.all([
      client.readContract({ ...board, functionName: 'group' }),
      client.readContract({ ...board, functionName: 'sharingInfo', args: [sharing] }),
    ])
    return { hash, sharing, threshold, shares, round: await newestRound(hash) }
  }

  async function look(): Promise<void> {
    const [session, chain] = await Promise.all([sessionNow(), chainNow()])
    newest = { session, chain }
  }

  const task = createTask({
    everyMs: EVERY_MS,
    clock,
    work: look,
    onError: (what) => onError(`reading the beacon: ${what}`),
  })
  return { ...task, fact: () => newest, look }
}

function phaseOf(session: { dealEnd: bigint; complaintEnd: bigint; dealt: bigint }, block: bigint): string {
  const dealings = `${bits(session.dealt)} dealings`
  if (block <= session.dealEnd) return `${dealings} so far`
  return block <= session.complaintEnd ? `${dealings}, time for complaints` : `${dealings}, which are added up`
}

function bits(mask: bigint): number {
  return [...mask.toString(2)].filter((bit) => bit === '1').length
}

/** The beacon in words, for people. */
export function beaconWords(fact: BeaconFact | undefined): string {
  const { session, chain } = fact ?? {}
  if (chain === undefined) {
    return session === undefined
      ? 'beacon: key generation is about to begin'
      : `beacon: key generation ${session.number}, ${session.phase}`
  }
  return [
    `beacon ${chain.hash.slice(2, 10)}…`,
    `round ${chain.round ?? '-'}`,
    `sharing ${chain.sharing}: ${chain.threshold} of ${chain.shares} shares`,
    ...(session === undefined ? [] : [`resharing ${session.number}, ${session.phase}`]),
  ].join(', ')
}
