/**
 * The plug-in contract, exported as `lariat/avs`. A plug-in imports only this, its own folder and npm packages.
 */
import type { Abi } from 'viem'
import { getAddress, isAddress } from 'viem'
import * as z from 'zod'
import type { Metrics } from '../metrics/registry.ts'
import type { KeyValueStore, StoreSpec } from '../store/keyValue.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Clock } from '../util/clock.ts'
import { DURATION_PATTERN, parseDuration } from '../util/duration.ts'
import { LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { ServiceCommand } from './command.ts'
import type { Dealing } from './dealing.ts'
import type { Messages, MessageType } from './messages.ts'
import type { ChainLog, EpochSource, FollowedChain, HttpClient, Receipt, ServiceChain } from './ports.ts'
import type { PeerTime, Shares } from './shares.ts'
import type { StatusHook } from './status.ts'
import type { Task, Trigger } from './triggers.ts'

export { declareEigenFees, type EigenFees } from '../metrics/eigen.ts'
export { createMetrics, LATENCY_BUCKETS, type Metrics } from '../metrics/registry.ts'
export type { KeyValueStore, StoreSpec } from '../store/keyValue.ts'
export { type Certificate, signersOf } from '../types/certificate.ts'
export { type EpochTable, type Member as EpochMember, weightOf } from '../types/epoch.ts'
export { type Clock, sleep, systemClock, type Timer, until } from '../util/clock.ts'
export { durationText } from '../util/duration.ts'
export { describe, isAbort, LariatError } from '../util/errors.ts'
export { type Address, bigToBytes, bytesToBig, bytesToHex, equalBytes, type Hex, hexToBytes } from '../util/hex.ts'
export type { Log } from '../util/log.ts'
export { SimClock } from '../util/simclock.ts'
export { VERSION } from '../util/version.ts'
export {
  type Announcement,
  CHECKPOINTS_KEPT,
  type Checkpoints,
  MAX_LOCATION,
  type TreeCheckpoint,
} from './checkpoints.ts'
export type { CommandContext, ServiceCommand } from './command.ts'
export type { Dealing } from './dealing.ts'
export type { Messages, MessageType, MessageVerdict, Recipient, ServiceMessage } from './messages.ts'
export type { BlockHead, ChainDistrust, ChainLog, FollowedChain, HttpClient, Receipt, ServiceChain } from './ports.ts'
export type { PeerTime, RoundPartial, Shares } from './shares.ts'
export type { ServiceStatus, StatusHook, StatusLine } from './status.ts'
export * from './threshold.ts'
export * from './triggers.ts'

/** Version of this contract between the daemon and its plug-ins. */
export const PLUGIN_API_VERSION = 11

/** What every service's configuration has: `use` picks the plug-in, `contract` is its ServiceManager. */
export interface ServiceConfig {
  readonly contract: Address
}

/** zod schema of a checksummed (or all-lowercase) address. */
export const address = () =>
  z
    .string()
    .refine(
      (text) => isAddress(text),
      'expected a 20-byte address with a correct checksum, such as 0x5FbDB2315678afecb367f032d93F642f64180aa3',
    )
    .transform((text): Address => getAddress(text))

/** zod schema of a duration such as `500ms`, `2s`, `1h`; milliseconds when parsed. */
export const duration = () =>
  z
    .string()
    .regex(DURATION_PATTERN, 'expected a number and a unit (ms, s, m, h, d), such as 2s')
    .transform(parseDuration)

/** What a service has around it on any node: what the daemon hands to `createServiceRunner`. */
export interface Surroundings<Config extends ServiceConfig> {
  readonly config: Config
  /** 32-byte id of the service in statements. */
  readonly service: Hex
  readonly operator: Address
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly http: HttpClient
  /** The chain of the stake. */
  readonly chain: ServiceChain
  /** All chains that the node follows, by their names in its configuration; `stake` is `chain`. */
  readonly chains: ReadonlyMap<string, FollowedChain>
}

/** What the hooks of a service may use. */
export interface Context<Config extends ServiceConfig> extends Surroundings<Config> {
  /** Byte messages between the operators of this service, of the types that it declares. */
  readonly messages: Messages
  /** What time it is by the other operators' clocks: the median by weight. */
  readonly peerTime: PeerTime
  /** Epochs of the ServiceManager, as final blocks have them. */
  readonly epochs: Pick<EpochSource, 'at' | 'byNumber' | 'onChange'>
  /** Certificates of this service and its strands that this node has. */
  readonly certificates: KeptCertificates
  /** The store of this name among those that the service declares. @throws LariatError `plugin.undeclared` */
  store(name: string): KeyValueStore
  /** Key shares and what comes with them. @throws LariatError `plugin.undeclared` unless the service declares `shares` */
  readonly shares: Shares
  /** The key of checkpoints of Hyperlane’s form. @throws LariatError `plugin.undeclared` unless the service declares `checkpoints` */
  readonly checkpoints: Checkpoints
  /**
   * Signs a `deal` statement of this service (id keccak256("lariat/" + name + "/key")), attempt 0, through the guard: one
   * payload a slot, ever. What is on record already is signed again, also after a restart.
   * @returns G2, compressed, 96 bytes
   * @throws LariatError `guard.…`, `signer.…`
   */
  deal(dealing: Dealing): Promise<Uint8Array>
}

/** Bytes of a value for the wire. `decode` must refuse whatever `encode` would not produce, by throwing. */
export interface Codec<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T
}

/** Every operator computes the same payload by itself. */
export interface IdenticalAgreement {
  readonly kind: 'identical'
}

/** One operator's signed observation, as the report is computed from it. */
export interface Observed<Observation> {
  readonly operator: Address
  readonly weight: bigint
  readonly observation: Observation
}

/**
 * A leader proposes the set of observations, everyone recomputes the report from it (after OCR). Each member observes once
 * per slot; a report may have one certificate per attempt.
 */
export interface ReportAgreement<Observation, Value, Config = unknown> {
  readonly kind: 'report'
  readonly observation: Codec<Observation>
  readonly value: Codec<Value>
  /** Pure: the same observations (in any order) give the same value everywhere. `totalWeight` is the whole epoch's. A string refuses, and says why. */
  readonly compute: (observed: readonly Observed<Observation>[], totalWeight: bigint) => Value | { refused: string }
  /** Whether `value` lies within this operator's band around its own observation; a string says why not. `config` is the service's: the band is each operator's own choice. */
  readonly check: (value: Value, own: Observation, config: Config) => string | undefined
}

export type Agreement<Observation, Value, Config = unknown> =
  | IdenticalAgreement
  | ReportAgreement<Observation, Value, Config>

export const identical = (): IdenticalAgreement => ({ kind: 'identical' })
export const report = <Observation, Value, Config = unknown>(
  options: Omit<ReportAgreement<Observation, Value, Config>, 'kind'>,
): ReportAgreement<Observation, Value, Config> => ({ kind: 'report', ...options })

/** How a submission ended. `not-due`: the service does not need this certificate on chain. */
export type Submission =
  | { readonly status: 'landed'; readonly receipt: Receipt }
  | { readonly status: 'already-there' }
  | { readonly status: 'not-due' }

/** A certificate with what it certifies, in the forms that chains want. */
export interface Certified<Value> {
  readonly value: Value
  readonly certificate: Certificate
  /** The certificate as `IServiceManager.Certificate` takes it: bitmap, and the signature as EIP-2537 G2 point. */
  readonly onChain: { readonly absent: Hex; readonly signature: Hex }
}

/** A verified certificate that this node has, of whatever agreement. */
export interface KeptCertificate {
  readonly certificate: Certificate
  /** As `Certified.onChain`. */
  readonly onChain: { readonly absent: Hex; readonly signature: Hex }
  /** ms since the Unix epoch. */
  readonly verifiedAt: number
}

/** Certificates of a section's services by their ids; the oldest go when they are too many. */
export interface KeptCertificates {
  /** Newest slot first, inclusive bounds. */
  list(query: {
    readonly service: Hex
    readonly fromSlot?: bigint
    readonly toSlot?: bigint
    readonly limit: number
  }): readonly KeptCertificate[]
}

/** A stored certificate, newest state of a slot. Times are ms since the Unix epoch. */
export interface CertifiedSlot<Value> extends Certified<Value> {
  readonly slot: bigint
  readonly verifiedAt: number
  readonly transaction: Hex | null
}

/** Certificates of this service on this node, newest first. */
export interface CertifiedSlots<Value> {
  latest(): CertifiedSlot<Value> | undefined
  list(query: { fromSlot?: bigint; toSlot?: bigint; limit: number }): CertifiedSlot<Value>[]
}

/** Which certificate of a slot a contract took. */
export interface Landing {
  readonly slot: bigint
  readonly attempt: number
  readonly payload: Hex
}

/** The event by which a contract says that it took a certificate. */
export interface LandingEvent {
  readonly address: Address
  readonly abi: Abi
  readonly eventName: string
  // biome-ignore lint/suspicious/noExplicitAny: the arguments' type is the event's own
  readonly of: (log: ChainLog<any>) => Landing
}

/** Headers that a route may set. Without `cache-control` nothing is cached. */
export type RouteHeaders = Readonly<
  Partial<Record<'access-control-allow-origin' | 'cache-control' | 'expires' | 'last-modified', string>>
>

/** What a route answers; `body` is sent as JSON. */
export interface RouteReply {
  readonly status: number
  readonly body: unknown
  readonly headers?: RouteHeaders
}

/** What a request says: its query, and the segments of its path that the route has names for. */
export interface RouteRequest {
  readonly query: URLSearchParams
  readonly params: Readonly<Record<string, string>>
  /** Aborts when the client has gone or the time is up. */
  readonly signal: AbortSignal
}

/** A GET route of the node's HTTP server. */
export interface Route<Config extends ServiceConfig, State, Value> {
  /** For example `/v1/prices`, or with parameters `/{hash}/info`. A path without parameters comes before one with them. */
  readonly path: string
  /** Characters that its URLs and parameters may have, at most 14,000; 2,048 of a URL and 128 of a parameter when left out. */
  readonly longest?: number
  readonly handle: (
    context: Context<Config> & { state: State; certified: CertifiedSlots<Value> } & RouteRequest,
  ) => Promise<RouteReply>
}

/** A piece with a lifecycle. `start` resolves when it works; `stop` when nothing of it runs any more. */
export interface Part {
  readonly name: string
  start(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** A health check of a service: undefined when well, otherwise what is wrong and how to mend it. */
export interface Check<Config extends ServiceConfig, State> {
  readonly name: string
  readonly run: (context: Context<Config> & { state: State }) => Promise<string | undefined> | string | undefined
}

/** The path of a service's tasks: what makes slots, what is certified of them, and what becomes of certificates. */
export interface TaskHooks<Config extends ServiceConfig, State, Args, Observation, Value> {
  readonly triggers: (context: Context<Config> & { state: State }) => readonly Trigger[] | Promise<readonly Trigger[]>
  readonly agreement: Agreement<Observation, Value, Config>
  /**
   * This operator's own view. Under `identical` it is the value itself.
   * @throws LariatError with code `observe.<reason>`; the slot is then recorded with that reason
   */
  readonly observe: (
    context: Context<Config> & { state: State; task: Task<Args>; signal: AbortSignal },
  ) => Promise<Observation>
  /** Exactly 32 bytes that commit to `value`; hash longer data with keccak256. */
  readonly payload: (value: Value) => Hex
  /** Puts a certificate on chain when that is due; called by rank, so `already-there` is success. */
  readonly submit?: (
    context: Context<Config> & { state: State; task: Task<Args>; certified: Certified<Value>; signal: AbortSignal },
  ) => Promise<Submission>
  /** Lets every node know what landed and in which transaction, and serve the attempt that the chain took. */
  readonly landing?: (context: Context<Config> & { state: State }) => LandingEvent
  /** Told of each certificate that was verified and kept, ours or heard: what it does may not take long. A throw is logged. */
  readonly certified?: (context: Context<Config> & { state: State; certified: KeptCertificate }) => void
  /** Part of the weight that makes a certificate, in basis points, where the contract asks for another than its quorum. */
  readonly quorumBps?: number
  /** Names of chains that it rests on besides that of the stake: nothing is signed while one of them is distrusted. */
  readonly restsOn?: readonly string[]
}

/**
 * A further service of the same contract, with an id, slots and an agreement of its own. It shares the section's state, key, epochs and
 * guard; whoever serves the section serves all of its strands.
 */
// biome-ignore lint/suspicious/noExplicitAny: existential; every hook gets what its own strand produced
export interface Strand<Config extends ServiceConfig, State> extends TaskHooks<Config, State, any, any, any> {
  /** Lower-case kebab, unique in the section: `<service>/<strand>` in log, metrics and journal. */
  readonly name: string
  /** Id in statements. */
  readonly serviceId: Hex
}

/** All that a third party writes. */
export interface ServiceDefinition<Config extends ServiceConfig, State, Args, Observation, Value>
  extends TaskHooks<Config, State, Args, Observation, Value> {
  readonly name: string
  readonly configSchema: z.ZodType<Config>
  /** Id in statements; keccak256("lariat/" + name) when left out. */
  readonly serviceId?: (config: Config) => Hex
  /** What the other hooks share: pollers, caches. Made once at start. */
  readonly state?: (context: Context<Config>) => State | Promise<State>
  readonly parts?: (context: Context<Config> & { state: State }) => readonly Part[]
  /** Further services of the contract; at most 128. */
  readonly strands?: (context: Context<Config> & { state: State }) => readonly Strand<Config, State>[]
  readonly routes?: readonly Route<Config, State, Value>[]
  readonly checks?: readonly Check<Config, State>[]
  /** How it stands beyond its epoch, its certificates and its checks: for `GET /v1/status` and `lariat status`. */
  readonly status?: StatusHook<Context<Config> & { readonly state: State }>
  /** Messages that operators of the service send each other besides statements, each on a topic of its own. */
  readonly messages?: readonly MessageType<Config, State>[]
  /** Small durable stores, by name. */
  readonly stores?: (config: Config) => Readonly<Record<string, StoreSpec>>
  /**
   * For a service that uses key shares: the contract that its key generation runs on. The node opens the vault that keeps them,
   * whose records belong to that contract.
   */
  readonly shares?: (context: Surroundings<Config>) => Promise<Address>
  /** Whether a section signs checkpoints of Hyperlane’s form: `keys.checkpoints` must be configured then. */
  readonly checkpoints?: (config: Config) => boolean
  /** Subcommands of `lariat <name>`. */
  readonly commands?: readonly ServiceCommand[]
}

/** A definition whose type parameters are closed over, as the daemon keeps it. */
// biome-ignore lint/suspicious/noExplicitAny: existential; every hook gets what its own definition produced
export type AnyService = ServiceDefinition<any, any, any, any, any> & { readonly apiVersion: number }

/**
 * Declares a service. Under `identical`, Observation and Value are the same type.
 * @throws LariatError `plugin.invalid` for a name that is not lower-case kebab
 */
export function defineService<Config extends ServiceConfig, State, Args, Observation, Value>(
  definition: ServiceDefinition<Config, State, Args, Observation, Value>,
): AnyService {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(definition.name)) {
    throw new LariatError(
      'plugin.invalid',
      `service name "${definition.name}": use lower-case letters, digits and hyphens, at most 32`,
    )
  }
  return { ...definition, apiVersion: PLUGIN_API_VERSION }
}
