import type { EpochTable } from '../../types/epoch.ts'
import type { Address } from '../../util/hex.ts'
import { percent } from '../operator/words.ts'
import { type Finding, fail, type SelfCheck } from './types.ts'

const EVERY_MS = 1_000
const TRUST_MS = 10_000

export interface PeersCheckOptions {
  readonly service: string
  readonly self: string
  /** The active table; undefined without one. */
  readonly table: () => EpochTable | undefined
  readonly peerOf: (operator: Address) => string | undefined
  readonly connected: () => readonly string[]
}

/** Weight of the members of `table` that are connected, this node included. */
export function connectedWeight(
  table: EpochTable,
  { self, peerOf, connected }: Pick<PeersCheckOptions, 'self' | 'peerOf' | 'connected'>,
): bigint {
  const peers = new Set([...connected(), self])
  return table.members.reduce((sum, { operator, weight }) => {
    const peer = peerOf(operator)
    return peer !== undefined && peers.has(peer) ? sum + weight : sum
  }, 0n)
}

/** Connected operators hold a quorum of weight. */
export function peersCheck(options: PeersCheckOptions): SelfCheck {
  const { service } = options
  return { name: 'peers', service, everyMs: EVERY_MS, trustMs: TRUST_MS, run: () => findPeers(options) }
}

function findPeers(options: PeersCheckOptions): Finding | undefined {
  const table = options.table()
  // `epoch` tells of that
  if (table === undefined) return undefined
  const weight = connectedWeight(table, options)
  return weight * 10_000n >= table.totalWeight * BigInt(table.quorumBps)
    ? undefined
    : fail(
        `connected operators hold ${percent(weight, table.totalWeight)} of the weight, and a quorum is ${table.quorumBps / 100} %: check the network, and that p2p.listen is reachable under p2p.announce`,
      )
}
