import type { AnyService } from '../../src/avs/api.ts'
import type { Directory, EpochSource, FollowedChain, ServiceChain } from '../../src/avs/ports.ts'
import { createServiceRunner, type ServiceRunner } from '../../src/avs/runner.ts'
import type { Timing } from '../../src/avs/runtime.ts'
import { memorySightings, type Sightings } from '../../src/avs/secondSelf/sighting.ts'
import type { PeerTime, Shares } from '../../src/avs/shares.ts'
import { createMemoryEpochs } from '../../src/chain/memoryEpochs.ts'
import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import type { Transport } from '../../src/p2p/transport.ts'
import type { CheckpointSigner } from '../../src/signer/checkpoints.ts'
import { createLocalSigner, type LocalSignerOptions } from '../../src/signer/local.ts'
import { blsPublicKey, blsSecretFromSeed } from '../../src/signer/secrets.ts'
import type { StatementSigner } from '../../src/signer/signer.ts'
import type { EvidenceStore } from '../../src/store/evidence.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import { memoryEvidenceStore } from '../../src/store/memoryEvidence.ts'
import type { DataStore, GuardStore } from '../../src/store/store.ts'
import type { EpochTable } from '../../src/types/epoch.ts'
import type { Domain } from '../../src/types/statement.ts'
import type { Clock } from '../../src/util/clock.ts'
import { type Address, bigToBytes, bytesToHex, type Hex } from '../../src/util/hex.ts'
import { type Log, silentLog } from '../../src/util/log.ts'
import type { Secret } from '../../src/util/secret.ts'

export const CONTRACT: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
export const SERVICE: Hex = bytesToHex(new Uint8Array(32).fill(9))
export const DOMAIN: Domain = {
  chainId: 31337,
  genesisHash: bytesToHex(new Uint8Array(32).fill(7)),
  serviceManager: CONTRACT,
}

/** Who takes part: keys from a seed, an address each, weights in gwei. */
export interface Cast {
  readonly operators: readonly Address[]
  readonly secrets: readonly Secret<Uint8Array>[]
  readonly table: EpochTable
}

export function castOf(count: number, weights: readonly bigint[] = [], quorumBps = 6667): Cast {
  const secrets = Array.from({ length: count }, (_, i) => blsSecretFromSeed(new Uint8Array(32).fill(i + 1)))
  const operators = secrets.map((_, i): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`)
  const members = secrets.map((secret, index) => ({
    index,
    operator: operators[index] as Address,
    publicKey: blsPublicKey(secret),
    weight: weights[index] ?? 32_000_000_000n,
  }))
  return {
    operators,
    secrets,
    table: {
      number: 1n,
      activatesAt: 0,
      endsAt: undefined,
      validUntil: 1e12,
      quorumBps,
      members,
      totalWeight: members.reduce((sum, { weight }) => sum + weight, 0n),
      revoked: new Set(),
      revokedNow: new Set(),
    },
  }
}

/** One table, always active, until `set` replaces it. */
export function fixedEpochs(table: EpochTable): EpochSource & { set(next: EpochTable): void } {
  let current = table
  const handlers = new Set<() => void>()
  return {
    at: (time) => (time >= current.activatesAt && time < current.validUntil ? current : undefined),
    byNumber: (epoch) => (epoch === current.number ? current : undefined),
    onChange(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    set(next) {
      current = next
      for (const handler of handlers) handler()
    },
  }
}

/** A chain for services that never touch it. */
export const noChain: ServiceChain = {
  chainId: DOMAIN.chainId,
  read: () => Promise.reject(new Error('this service reads nothing')),
  write: () => Promise.reject(new Error('this service writes nothing')),
  gasPrice: async () => 1n,
  logs: () => Promise.reject(new Error('this service reads no logs')),
  watch: () => () => undefined,
  heads: () => () => undefined,
}

/** One operator at work. */
export interface TestNode {
  readonly operator: Address
  readonly runner: ServiceRunner
  readonly data: DataStore
  readonly evidence: EvidenceStore
  readonly metrics: Metrics
  readonly signer: StatementSigner
  readonly epochs: ReturnType<typeof fixedEpochs>
  readonly sightings: Sightings
}

export interface TestNodeOptions {
  readonly cast: Cast
  readonly index: number
  readonly definition: AnyService
  readonly config: Record<string, unknown>
  readonly clock: Clock
  readonly transport: Transport
  readonly directory: Directory
  readonly guard?: GuardStore
  readonly data?: DataStore
  readonly evidence?: EvidenceStore
  readonly silentSlots?: number
  readonly sightings?: Sightings
  readonly timing?: Partial<Timing>
  readonly log?: Log
  readonly chain?: ServiceChain
  /** Chains that the service may choose from, by name; none when left out. */
  readonly chains?: ReadonlyMap<string, FollowedChain>
  readonly shares?: Shares | undefined
  readonly checkpointSigner?: CheckpointSigner | undefined
  /** All clocks agree when left out. */
  readonly peerTime?: PeerTime
  /** Keys other than the cast's: while one is rotated. */
  readonly secret?: LocalSignerOptions['secret'] | undefined
  /** Tables other than the cast's. */
  readonly tables?: readonly EpochTable[] | undefined
  /** For a signer that misbehaves. */
  readonly wrapSigner?: (signer: StatementSigner) => StatementSigner
}

/** An operator of `cast` that runs `definition`, on whatever transport and clock it is given. */
export async function startNode(options: TestNodeOptions): Promise<TestNode> {
  const { cast, index, clock, definition, transport } = options
  const operator = cast.operators[index] as Address
  const log = options.log ?? silentLog
  const metrics = createMetrics()
  const data = options.data ?? memoryDataStore()
  const evidence = options.evidence ?? memoryEvidenceStore()
  const epochs = fixedEpochs(cast.table)
  const guard = options.guard ?? memoryGuardStore()
  const sightings = options.sightings ?? memorySightings()
  const made = createLocalSigner({
    secret: options.secret ?? (cast.secrets[index] as Secret<Uint8Array>),
    domain: DOMAIN,
    operator,
    store: guard,
    clock,
    log,
    metrics,
  })
  const signer = options.wrapSigner?.(made) ?? made
  const runner = await createServiceRunner({
    definition,
    context: {
      config: definition.configSchema.parse({ contract: CONTRACT, ...options.config }),
      service: SERVICE,
      operator,
      clock,
      log,
      metrics,
      http: { getJson: () => Promise.reject(new Error('this service asks nobody')) },
      chain: options.chain ?? noChain,
      chains: options.chains ?? new Map(),
    },
    domain: DOMAIN,
    epochs: options.tables === undefined ? epochs : createMemoryEpochs(options.tables),
    directory: options.directory,
    transport,
    signer,
    journal: data.journal,
    certificates: data.certificates,
    evidence,
    keyValues: data.keyValues,
    shares: options.shares,
    checkpointSigner: options.checkpointSigner,
    peerTime: options.peerTime ?? { now: () => clock.now() },
    secondSelf: { guard, sightings, silentSlots: options.silentSlots ?? 0 },
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  })
  await runner.start(new AbortController().signal)
  return { operator, runner, data, evidence, metrics, signer, epochs, sightings }
}

/** Operators and peers by each other: peer i is `peers[i]`. */
export function directoryOf(cast: Pick<Cast, 'operators'>, peers: readonly string[]): Directory {
  return {
    peerOf: (operator) => peers[cast.operators.findIndex((one) => one.toLowerCase() === operator.toLowerCase())],
    operatorOf: (peer) => cast.operators[peers.indexOf(peer)],
    keep: () => {},
  }
}

/** Payload of a plain number, as the test services certify it. */
export const payloadOf = (value: bigint): Hex => bytesToHex(bigToBytes(value, 32))
