import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyService, ServiceChain } from '../../src/avs/api.ts'
import randomness from '../../src/avs/randomness/index.ts'
import { openState, type RandomnessState } from '../../src/avs/randomness/state.ts'
import { createServiceRunner } from '../../src/avs/runner.ts'
import { memorySightings } from '../../src/avs/secondSelf/sighting.ts'
import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import { createPeerClocks } from '../../src/node/peerClocks.ts'
import { peerTimeOf } from '../../src/node/peerTime.ts'
import { serviceIdOf } from '../../src/node/service.ts'
import { generateIdentity } from '../../src/p2p/identity.ts'
import { type Libp2pTransport, startLibp2p } from '../../src/p2p/libp2p.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { openShareVault, type VaultOptions } from '../../src/signer/shares/open.ts'
import type { ShareVault } from '../../src/signer/shares/vault.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import { memoryEvidenceStore } from '../../src/store/memoryEvidence.ts'
import { type Clock, systemClock } from '../../src/util/clock.ts'
import { LariatError } from '../../src/util/errors.ts'
import type { Address } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { Secret } from '../../src/util/secret.ts'
import { type CeremonyChain, type CeremonySettings, ceremonyChain } from './ceremonyChain.ts'
import { memoryLog } from './memoryLog.ts'
import { directoryOf } from './simnet.ts'

/** A verified round at a node. */
export interface Arrival {
  readonly round: bigint
  /** ms after the round's time. */
  readonly lateMs: number
}

/** One operator of the randomness service: beacon and ceremony as a node runs them, with a vault on disk. */
export interface LifeNode {
  readonly index: number
  readonly operator: Address
  readonly state: RandomnessState
  readonly vault: ShareVault
  readonly metrics: Metrics
  readonly log: ReturnType<typeof memoryLog>
  readonly folder: string
  /** Rounds in the order of their numbers. */
  readonly arrivals: readonly Arrival[]
  /** While true, its chain's provider answers nothing. */
  readonly provider: { down: boolean }
}

/** The randomness service at work: real contracts on a chain of blocks of a second, libp2p over TCP, rounds of a second. */
export interface BeaconLife {
  readonly run: CeremonyChain
  readonly nodes: readonly LifeNode[]
  /** Starts an operator, with whatever is in its folder. */
  start(index: number): Promise<LifeNode>
  /** Options to open a copy of a vault with. */
  vaultOptions(index: number, folder: string): VaultOptions
  close(): Promise<void>
}

const PASSWORD = new Secret('a-password-of-a-test')

/** @param accounts operators that may join */
export async function beaconLife(accounts: number, settings: CeremonySettings = {}): Promise<BeaconLife> {
  const { blockSeconds: pace = 1 } = settings
  const root = mkdtempSync(join(tmpdir(), 'lariat-life-'))
  const cleanups: (() => Promise<void> | void)[] = [() => rmSync(root, { recursive: true, force: true })]
  const close = async () => {
    for (const clean of cleanups.reverse()) await clean()
  }
  try {
    const transports: Libp2pTransport[] = []
    for (let i = 0; i < accounts; i++) {
      const identity = await generateIdentity()
      const common = { metrics: createMetrics(), log: silentLog, clock: systemClock, loopback: true }
      const transport = await startLibp2p({ listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], identity, ...common })
      transports.push(transport)
      cleanups.push(() => transport.stop())
    }
    const peers = transports.map((one) => ({ id: one.self, addresses: one.multiaddrs() }))
    for (const one of transports) one.setPeers(peers.filter(({ id }) => id !== one.self))
    const run = await ceremonyChain(accounts, settings)
    cleanups.push(() => run.close())
    return await assemble(run, pace, transports, root, cleanups, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  run: CeremonyChain,
  pace: number,
  transports: readonly Libp2pTransport[],
  root: string,
  cleanups: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<BeaconLife> {
  const { contracts, domain, epochs } = run
  const clock: Clock = systemClock
  const peers = transports.map(({ self }) => self)
  const operators = transports.map((_, i) => run.operator(i))
  const directory = directoryOf({ operators }, peers)
  const nodes: LifeNode[] = []

  const vaultOptions = (index: number, folder: string): VaultOptions => ({
    folder,
    scope: {
      ...{ chainId: domain.chainId, genesisHash: domain.genesisHash, keyGeneration: contracts.keyGeneration },
      operator: run.operator(index),
    },
    ...{ password: PASSWORD, strength: 'devnet', clock, peers: { now: () => clock.now() } },
    ...{ log: silentLog, metrics: createMetrics() },
  })

  return {
    ...{ run, nodes, vaultOptions, close },
    async start(index) {
      const transport = transports[index]
      if (transport === undefined) throw new RangeError(`no operator ${index}`)
      const ends: (() => Promise<void> | void)[] = []
      cleanups.push(async () => {
        for (const end of ends.reverse()) await end()
      })
      const operator = run.operator(index)
      const [log, metrics, sightings] = [memoryLog(), createMetrics(), memorySightings()]
      const readings = createPeerClocks({ transport, clock })
      await readings.start(new AbortController().signal)
      ends.push(() => readings.stop())
      const peerTime = peerTimeOf({ readings, directory, epochs, operator, clock })
      const folder = join(root, `operator-${index}`)
      const vault = await openShareVault({ ...vaultOptions(index, folder), peers: peerTime, log, metrics })
      ends.push(() => vault.close())
      const provider = { down: false }
      let state: RandomnessState | undefined
      const turns = { staggerMs: 1_000 * pace, patienceMs: 10_000 * pace }
      const definition: AnyService = {
        ...randomness,
        async state(context) {
          state = await openState(context, turns)
          return state
        },
      }
      const [data, guard] = [memoryDataStore(), memoryGuardStore()]
      const { export: _export, import: _import, close: _close, ...shares } = vault
      const runner = await createServiceRunner({
        ...{ definition, domain, epochs, directory, transport, shares, peerTime },
        context: {
          config: randomness.configSchema.parse({ contract: contracts.service }),
          ...{ service: serviceIdOf('randomness'), operator, clock, log, metrics },
          http: { getJson: () => Promise.reject(new Error('this service asks nobody')) },
          chain: gated(run.account(index) as unknown as ServiceChain, provider),
          chains: new Map(),
        },
        signer: createLocalSigner({ secret: run.secret(index), domain, operator, store: guard, clock, log, metrics }),
        ...{ journal: data.journal, certificates: data.certificates, keyValues: data.keyValues },
        evidence: memoryEvidenceStore(),
        secondSelf: { guard, sightings, silentSlots: 0 },
      })
      await runner.start(new AbortController().signal)
      ends.push(() => runner.stop())
      if (state === undefined) throw new Error('the service has no state')
      const arrivals: Arrival[] = []
      const stop = new AbortController()
      const following = follow(state, arrivals, stop.signal)
      ends.push(async () => {
        stop.abort()
        await following
      })
      const node = { index, operator, state, vault, metrics, log, folder, arrivals, provider }
      nodes.push(node)
      return node
    },
  }
}

/** A provider that can be down: then whatever is asked of it fails. */
function gated(chain: ServiceChain, provider: { readonly down: boolean }): ServiceChain {
  const gate =
    <Args extends unknown[], Result>(ask: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (provider.down) throw new LariatError('chain.unavailable', 'the provider does not answer')
      return ask(...args)
    }
  return {
    ...chain,
    read: gate(chain.read) as ServiceChain['read'],
    write: gate(chain.write) as ServiceChain['write'],
    logs: gate(chain.logs),
  }
}

/** Notes when each round is there. */
async function follow(state: RandomnessState, arrivals: Arrival[], signal: AbortSignal): Promise<void> {
  try {
    while (state.engine.chain === undefined) {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        const end = state.sharings.onChange(done)
        signal.addEventListener('abort', done, { once: true })
        function done() {
          end()
          // after the engine, which follows the same change
          setImmediate(resolve)
        }
      })
    }
    const { chain } = state.engine
    for (let round = 1n; ; round++) {
      await chain.wait(round, signal)
      arrivals.push({ round, lateMs: Date.now() - chain.timeOf(round) })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
