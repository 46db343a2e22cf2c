import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalAccount } from 'viem'
import { stringify } from 'yaml'
import type { Deployment } from '../chain/deployment.ts'
import { createMetrics } from '../metrics/registry.ts'
import { files } from '../node/files.ts'
import { makeGuard } from '../node/guard/open.ts'
import type { Identity } from '../p2p/identity.ts'
import { loadOrCreateIdentity } from '../p2p/identity.ts'
import { createEcdsaKeystore, generateEcdsaSecret, openEcdsaAccount } from '../signer/ecdsa.ts'
import { createBlsKeystore } from '../signer/keystore/bls.ts'
import { createPasswordFile } from '../signer/keystore/password.ts'
import { generateBlsSecret } from '../signer/secrets.ts'
import { openShareVault } from '../signer/shares/open.ts'
import { systemClock } from '../util/clock.ts'
import { writeFileAtomic } from '../util/files.ts'
import type { Address } from '../util/hex.ts'
import { silentLog } from '../util/log.ts'
import type { Secret } from '../util/secret.ts'
import type { BridgeSections } from './bridgeConfig.ts'
import type { Place } from './places.ts'
import type { TestnetSigner } from './signers.ts'
import type { VenueConfig } from './venues/config.ts'

/** What everybody may know of an operator of the testnet. */
export interface KnownOperator {
  readonly name: string
  readonly account: { readonly address: Address }
  readonly identity: Pick<Identity, 'peerId'>
  /** Multiaddr under which the others reach it. */
  readonly multiaddr: string
  /** Base URL of its HTTP server, for others. */
  readonly api: string
}

/** An operator of the testnet: its keys, and where its files lie. */
export interface TestnetOperator extends KnownOperator {
  readonly folder: string
  readonly configFile: string
  readonly logFile: string
  readonly account: LocalAccount
  readonly bls: Secret<Uint8Array>
  readonly identity: Identity
  readonly place: Place
}

/** Makes keystores (cheap to open, for keys without value) and the libp2p identity of one operator. */
export async function createOperator(folder: string, name: string, place: Place): Promise<TestnetOperator> {
  const home = join(folder, name)
  const keys = join(home, 'keys')
  await mkdir(keys, { recursive: true, mode: 0o700 })
  const password = await createPasswordFile(join(keys, 'password.txt'))
  const bls = generateBlsSecret()
  const ecdsa = { keystore: join(keys, 'ecdsa.json'), passwordFile: join(keys, 'password.txt') }
  const [, , identity] = await Promise.all([
    createBlsKeystore({ file: join(keys, 'bls.json'), password, secret: bls, strength: 'devnet' }),
    createEcdsaKeystore({ file: ecdsa.keystore, password, secret: generateEcdsaSecret(), strength: 'devnet' }),
    loadOrCreateIdentity(join(home, 'data', 'p2p.key')),
  ])
  makeGuard(files(join(home, 'data')).guard)
  return {
    name,
    folder: home,
    configFile: join(home, 'node.yaml'),
    logFile: join(home, 'node.log'),
    account: await openEcdsaAccount(ecdsa, silentLog),
    bls,
    identity,
    place,
    multiaddr: place.announce,
    api: place.url,
  }
}

/** Of the key shares, from the operator's folder. */
const SHARES_PASSWORD = './keys/shares-password.txt'

/**
 * Makes the folder of an operator's key shares, with a password of its own and cheap to open; its node does not run.
 * @param keyGeneration the contract that the shares belong to
 */
export async function createShares(
  { folder, account }: TestnetOperator,
  { chainId, genesisHash }: Pick<Deployment, 'chainId' | 'genesisHash'>,
  keyGeneration: Address,
): Promise<void> {
  const password = await createPasswordFile(join(folder, SHARES_PASSWORD))
  const vault = await openShareVault({
    folder: join(files(join(folder, 'data')).shares, 'randomness'),
    scope: { chainId, genesisHash, keyGeneration, operator: account.address },
    ...{ password, clock: systemClock, log: silentLog, metrics: createMetrics(), strength: 'devnet' },
    // it signs nothing here
    peers: { now: () => undefined },
  })
  await vault.close()
}

export interface NodeConfigOptions {
  readonly chainId: number
  readonly rpcUrl: string
  readonly deploymentFile: string
  readonly priceFeeds: Address
  readonly venues: VenueConfig
  /** Path of distributions, with `{root}` in it. */
  readonly rewardsSource: string
  /** Section `signer`, for a node that has no BLS key itself. */
  readonly signer?: TestnetSigner['node'] | undefined
  /** AVSs that can slash the operator and that no node serves. */
  readonly servedElsewhere: readonly Address[]
  /** The RandomnessService, for a node that serves it, too. */
  readonly randomness: Address | undefined
  /** For a node that serves the bridge. */
  readonly bridge: BridgeSections | undefined
}

/** Writes the configuration of one node. */
export async function writeNodeConfig(operator: TestnetOperator, options: NodeConfigOptions): Promise<void> {
  const { chainId, rpcUrl, deploymentFile, priceFeeds, venues, rewardsSource, servedElsewhere, signer } = options
  const { randomness, bridge } = options
  const { place } = operator
  const keys = { passwordFile: './keys/password.txt' }
  const config = {
    dataDir: './data',
    chain: { id: chainId, rpc: [{ url: rpcUrl }], deployment: deploymentFile, singleProvider: true },
    ...(bridge === undefined ? {} : { chains: bridge.chains }),
    operator: { address: operator.account.address, ...(servedElsewhere.length === 0 ? {} : { servedElsewhere }) },
    keys: {
      ...(signer === undefined ? { bls: { keystore: './keys/bls.json', ...keys } } : {}),
      ecdsa: { keystore: './keys/ecdsa.json', ...keys },
      ...(randomness === undefined ? {} : { shares: { passwordFile: SHARES_PASSWORD } }),
    },
    ...(signer === undefined ? {} : { signer }),
    p2p: { listen: [place.listen], announce: [place.announce], ...(place.loopback ? { loopback: true } : {}) },
    api: place.api,
    log: { level: 'info', format: 'json' },
    // keys that were made a moment ago have no other instance
    secondSelf: { silentSlots: 0 },
    // the set-up goes on while nodes start, and who watches it should not wait a minute for its figures
    risk: { refresh: '10s' },
    rewards: { source: rewardsSource },
    // temporary files often lie in memory
    checks: { volatileStorage: true },
    services: [
      { use: 'prices', contract: priceFeeds, ...venues },
      ...(randomness === undefined ? [] : [{ use: 'randomness', contract: randomness }]),
      ...(bridge === undefined ? [] : [bridge.service]),
    ],
  }
  await writeFileAtomic(operator.configFile, stringify(config), 0o600)
}
