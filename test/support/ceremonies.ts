import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceChain as PluginChain } from '../../src/avs/api.ts'
import { dealServiceOf, finalByDefault } from '../../src/avs/context.ts'
import { DEAL_STORE, DEAL_STORE_SPEC, dealerOf } from '../../src/avs/dealing.ts'
import { SharingBook } from '../../src/avs/randomness/beacon/sharings.ts'
import { Ceremony, type CeremonyOptions } from '../../src/avs/randomness/ceremony/ceremony.ts'
import { startThreshold } from '../../src/bls/threshold/start.ts'
import type { ServiceChain } from '../../src/chain/types.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { openShareVault, type VaultOptions } from '../../src/signer/shares/open.ts'
import type { ShareVault } from '../../src/signer/shares/vault.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import { systemClock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import { Secret } from '../../src/util/secret.ts'
import { type CeremonyChain, type CeremonySettings, ceremonyChain } from './ceremonyChain.ts'
import { memoryLog } from './memoryLog.ts'

/** One operator's part in key generation, as a node would run it. */
export interface CeremonyNode {
  readonly index: number
  readonly operator: Address
  readonly chain: ServiceChain
  readonly vault: ShareVault
  readonly sharings: SharingBook
  readonly ceremony: Ceremony
  readonly log: ReturnType<typeof memoryLog>
  /** The highest round that the beacon of this node is said to have verified. */
  verified: bigint
  /** As a kill would: what is on disk stays. */
  stop(): Promise<void>
}

/** What key generation of an operator goes through: who misbehaves has others here. */
export type CeremonyPorts = Pick<CeremonyOptions, 'chain' | 'shares' | 'deal'>

/** Whose ports they are, with all that the operator has. */
export interface CeremonySelf {
  readonly index: number
  readonly operator: Address
  readonly run: CeremonyRun
  readonly vault: Omit<VaultOptions, 'metrics'>
  /** Signs dealings as `ports.deal`, with a guard that remembers nothing. */
  readonly unguarded: CeremonyPorts['deal']
}

export type Conduct = (ports: CeremonyPorts, self: CeremonySelf) => CeremonyPorts

/** Operators of a randomness service on a chain of their own, with real contracts. */
export interface CeremonyRun extends CeremonyChain {
  /** Starts its part in key generation, with whatever is in its folder. */
  start(index: number, conduct?: Conduct): Promise<CeremonyNode>
}

/** As on a chain with blocks of seconds. */
export interface CeremonyRunSettings extends CeremonySettings {
  readonly staggerMs?: number
  readonly patienceMs?: number
}

/** @param accounts operators that may join */
export async function ceremonyRun(accounts: number, settings: CeremonyRunSettings = {}): Promise<CeremonyRun> {
  const { staggerMs = 2_000, patienceMs = 10_000 } = settings
  await startThreshold()
  const folder = mkdtempSync(join(tmpdir(), 'lariat-ceremony-'))
  const chain = await ceremonyChain(accounts, settings)
  const { contracts, domain, epochs } = chain
  const nodes: CeremonyNode[] = []

  const run: CeremonyRun = {
    ...chain,
    async start(index, conduct = (ports) => ports) {
      const operator = chain.operator(index)
      const log = memoryLog()
      const metrics = createMetrics()
      const { chainId, genesisHash } = domain
      const vaultOptions = {
        folder: join(folder, `operator-${index}`),
        scope: { chainId, genesisHash, operator, keyGeneration: contracts.keyGeneration },
        password: new Secret('a-password-of-a-test'),
        peers: { now: () => systemClock.now() },
        strength: 'devnet',
        ...{ clock: systemClock, log },
      } as const
      const vault = await openShareVault({ ...vaultOptions, metrics })
      const dealer = () => {
        const store = memoryDataStore().keyValues.open(contracts.service, DEAL_STORE, DEAL_STORE_SPEC)
        return dealerOf({
          service: dealServiceOf('randomness'),
          signer: createLocalSigner({
            ...{ secret: chain.secret(index), domain, operator, clock: systemClock, log, metrics },
            store: memoryGuardStore(),
          }),
          ...{ epochs, clock: systemClock },
          store: () => store,
        })
      }
      const sharings = new SharingBook()
      const node = { verified: 0n }
      const ports = {
        chain: finalByDefault(chain.account(index) as unknown as PluginChain),
        shares: vault,
        deal: dealer(),
      }
      const unguarded: CeremonyPorts['deal'] = (dealing) => dealer()(dealing)
      const ceremony = new Ceremony({
        ...{ clock: systemClock, log, operator, sharings, staggerMs, patienceMs },
        ...conduct(ports, { index, operator, run, vault: vaultOptions, unguarded }),
        service: contracts.service,
        keyGeneration: contracts.keyGeneration,
        latestRound: () => node.verified,
      })
      await ceremony.start()
      const stop = async () => {
        await ceremony.stop()
        await vault.close()
      }
      const all = { index, operator, chain: chain.account(index), vault, sharings, ceremony, log, stop }
      const started: CeremonyNode = Object.assign(node, all)
      nodes.push(started)
      return started
    },
    async close() {
      await Promise.all(nodes.map((node) => node.stop()))
      await chain.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return run
}
