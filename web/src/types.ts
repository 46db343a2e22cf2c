// What the node tells this page: docs/status-page.md. Times are Unix seconds, integers of the chain decimal strings.

export type Status = 'pass' | 'warn' | 'fail'

export interface NodeInfo {
  readonly version: string
  readonly operator: string
  readonly startedAt: number
  readonly phase: 'starting' | 'running' | 'stopped'
  readonly health: 'healthy' | 'partial' | 'unhealthy'
}

export interface Check {
  readonly name: string
  readonly status: Status
  readonly since: number
  readonly advisory?: true
  readonly stopsSigning?: true
  readonly problem?: string
}

export interface Checks {
  readonly healthy: boolean
  readonly stopped: Readonly<Record<string, string>>
  readonly checks: readonly Check[]
}

export interface ChainInfo {
  readonly name: string
  readonly id: number
  readonly head: Head | null
  readonly finalized: Head | null
  readonly providers: number | null
  readonly problem: string | null
}

export interface Head {
  readonly number: string
  readonly time: number
}

export interface Peers {
  readonly self: string
  readonly connected: readonly string[]
}

export interface Member {
  readonly operator: string
  readonly share: number
  readonly revoked: boolean
  readonly self: boolean
  readonly peerId: string | null
}

export interface Epoch {
  readonly number: string
  readonly activatesAt: number
  readonly endsAt: number | null
  readonly validUntil: number
  readonly quorumBps: number
  readonly members: readonly Member[]
}

export interface Service {
  readonly name: string
  readonly contract: string
  readonly status: 'Up' | 'Down' | 'Initializing'
  readonly problems: readonly string[]
  readonly lines: readonly string[]
  readonly epoch: Epoch | null
}

export interface Slot {
  readonly slot: string
  readonly outcome: 'landed' | 'certified' | 'missed'
  readonly reason: string | null
  readonly triggeredAt: number
  readonly certificateMs: number | null
  readonly signers: readonly string[]
}

export interface Warning {
  readonly at: number
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

export interface Risk {
  readonly at: number
  readonly operator: {
    readonly stake: string
    readonly loss: string
    readonly byAvs: readonly { readonly avs: string; readonly loss: string }[]
  } | null
  readonly services: readonly {
    readonly name: string
    readonly slashable: string | null
    readonly secured: string | null
    readonly securedRatio: number | null
    readonly shares: readonly { readonly operator: string; readonly share: number }[]
    readonly toStop: number | null
    readonly toForge: number | null
  }[]
  readonly lrt: {
    readonly rate: string
    readonly backing: number | null
    readonly market: Peg | null
    readonly lsts: readonly (Peg & { readonly token: string })[]
  } | null
  readonly failures: readonly { readonly part: string; readonly problem: string }[]
}

export interface Peg {
  readonly rate: string
  readonly ratio: number | null
  readonly state: string
}

export interface Round {
  readonly slot: string
  readonly observedAt: number
  readonly prices: readonly { readonly feed: string | null; readonly price: string | null }[]
}

export interface FeedSources {
  readonly feed: string
  readonly price: string | null
  readonly missing: string | null
  readonly minVenues: number
  readonly sources: readonly {
    readonly venue?: string
    readonly symbol?: string
    readonly price?: string | null
    readonly age?: number | null
    readonly excluded?: string | null
    readonly failure: { readonly message: string } | null
  }[]
}

export interface BeaconRound {
  readonly round: string
  readonly members: readonly string[]
  readonly missed: readonly string[]
  readonly false: readonly string[]
}

export interface Beacon {
  /** Number of the round that is due. */
  readonly current: string
  /** null before the key is generated. */
  readonly chain: {
    readonly hash: string
    /** Seconds. */
    readonly period: number
    readonly latest: { readonly round: number; readonly randomness: string } | null
  } | null
  readonly rounds: readonly BeaconRound[]
}

export interface BridgeMessage {
  readonly id: string
  readonly origin: number
  readonly destination: number
  /** ms since the epoch. */
  readonly time: number
  readonly state: 'waiting' | 'landed' | 'delivered' | 'unknown'
  readonly reason?: string
}

export interface Bridge {
  readonly origins: readonly {
    readonly domain: number
    readonly chain: string
    readonly messages: number
    readonly block: string | null
    readonly halted: string | null
  }[]
  readonly messages: readonly BridgeMessage[]
}
