import { join } from 'node:path'
import { keccak256, stringToBytes } from 'viem'
import type { Part, ServiceConfig, Surroundings } from '../avs/api.ts'
import type { FollowedChain } from '../avs/ports.ts'
import { createServiceRunner, type ServiceRunner } from '../avs/runner.ts'
import type { Sightings } from '../avs/secondSelf/sighting.ts'
import { type OperatorDirectory, openDirectory } from '../chain/directory.ts'
import { type Epochs, openEpochs } from '../chain/epochs.ts'
import { createEpochKeeper } from '../chain/keeper.ts'
import type { ServiceChain } from '../chain/types.ts'
import type { Metrics } from '../metrics/registry.ts'
import type { Transport } from '../p2p/transport.ts'
import type { CheckpointKey } from '../signer/checkpoints.ts'
import type { PasswordSource } from '../signer/keystore/files.ts'
import type { OperatorKeys } from '../signer/operatorKeys.ts'
import type { EvidenceStore } from '../store/evidence.ts'
import type { DataStore, GuardStore } from '../store/store.ts'
import type { Clock } from '../util/clock.ts'
import type { Address, Hex } from '../util/hex.ts'
import { createHttpClient } from '../util/http.ts'
import type { Log } from '../util/log.ts'
import { checkpointSignerOf } from './checkpoints.ts'
import type { ConfiguredService } from './config/load.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { PeerClockReadings } from './peerClocks.ts'
import { peerTimeOf } from './peerTime.ts'
import { gatedSigner, gateOf } from './selfcheck/gate.ts'
import type { SelfChecks } from './selfcheck/monitor.ts'
import { openNodeShares, sharesOf } from './shares.ts'

/** What all services of a node share. */
export interface Shared {
  readonly chain: ServiceChain
  /** All chains that services may use, that of the stake among them. */
  readonly chains: ReadonlyMap<string, FollowedChain>
  readonly genesisHash: Hex
  readonly operator: Address
  readonly keys: OperatorKeys
  readonly guard: GuardStore
  readonly selfChecks: Pick<SelfChecks, 'refusal'>
  readonly data: DataStore
  readonly evidence: EvidenceStore
  readonly sightings: Sightings
  /** Slots after the start that are not signed. */
  readonly silentSlots: number
  /** Where key shares lie, and where their password comes from. */
  readonly shares: { readonly folder: string; readonly password: PasswordSource | undefined }
  /** `keys.checkpoints`, where it is configured. */
  readonly checkpointKey: CheckpointKey | undefined
  readonly transport: Transport
  readonly peerClocks: Pick<PeerClockReadings, 'offsetOf'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** A service of this node, not started. */
export interface NodeService {
  readonly name: string
  readonly contract: Address
  readonly runner: ServiceRunner
  readonly epochs: Epochs
  readonly directory: OperatorDirectory
  /** BLS keys that it signs with, uncompressed, 96 bytes. */
  readonly keys: () => readonly Uint8Array[]
  /** Builds epochs when they are due. */
  readonly keeper: Part
}

/** Builds one service: its view of the chain, its guarded signer, its runner. */
export async function openService(
  { definition, config }: ConfiguredService,
  shared: Shared,
  lifecycle: Lifecycle,
): Promise<NodeService> {
  const { chain, operator, data, transport, clock, metrics } = shared
  const { name } = definition
  const contract = config.contract
  const log = shared.log.child({ service: name })
  const watch = { chain, serviceManager: contract, clock, log, metrics }
  const epochs = await lifecycle.open(
    `${name}: epochs`,
    () => openEpochs(watch),
    (opened) => opened.close(),
  )
  const directory = await lifecycle.open(
    `${name}: operators`,
    () => openDirectory({ ...watch, epochs }),
    (opened) => opened.close(),
  )
  const domain = { chainId: chain.chainId, genesisHash: shared.genesisHash, serviceManager: contract }
  const signer = gatedSigner(
    shared.keys.signer({ domain, operator, store: shared.guard, clock, log, metrics }),
    gateOf(shared.selfChecks, name),
  )
  const peerTime = peerTimeOf({ readings: shared.peerClocks, directory, epochs, operator, clock })
  const surroundings: Surroundings<ServiceConfig> = {
    config: config as ServiceConfig,
    service: definition.serviceId?.(config) ?? serviceIdOf(name),
    operator,
    clock,
    log: shared.log,
    metrics,
    http: createHttpClient({ clock }),
    chain,
    chains: shared.chains,
  }
  const scopeOf = definition.shares
  const vault =
    scopeOf === undefined
      ? undefined
      : await lifecycle.open(
          `${name}: key shares`,
          async () => {
            const { chainId, genesisHash } = domain
            const scope = { chainId, genesisHash, keyGeneration: await scopeOf(surroundings), operator }
            const folder = join(shared.shares.folder, name)
            const { password } = shared.shares
            return openNodeShares({ folder, password, scope, peerTime, clock, log, metrics })
          },
          (opened) => opened.close(),
        )
  const { checkpointKey } = shared
  const runner = await lifecycle.open(
    name,
    () =>
      createServiceRunner({
        definition,
        context: surroundings,
        domain,
        epochs,
        directory,
        transport,
        signer,
        journal: data.journal,
        certificates: data.certificates,
        evidence: shared.evidence,
        keyValues: data.keyValues,
        peerTime,
        shares: vault === undefined ? undefined : sharesOf(vault, shared.selfChecks, name),
        checkpointSigner: checkpointKey && checkpointSignerOf(checkpointKey, shared, name),
        secondSelf: { guard: shared.guard, sightings: shared.sightings, silentSlots: shared.silentSlots },
      }),
    () => {},
  )
  const keeper = createEpochKeeper({ ...watch, rank: () => keeperRank(epochs, directory, operator, clock) })
  return { name, contract, runner, epochs, directory, keys: () => signer.publicKeys(), keeper }
}

/** This node's place among those who build epochs: its row in the active one; without one, its place in the operators' list. */
function keeperRank(epochs: Epochs, directory: OperatorDirectory, operator: Address, clock: Clock): number {
  const members = epochs.at(clock.now() / 1_000)?.members ?? directory.list()
  const row = members.findIndex((member) => member.operator.toLowerCase() === operator.toLowerCase())
  return row < 0 ? members.length : row
}

/** Id in statements of a service that names none: keccak256("lariat/" + name). */
export function serviceIdOf(name: string): Hex {
  return keccak256(stringToBytes(`lariat/${name}`))
}
