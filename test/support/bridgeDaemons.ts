import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { createCheckpointKey } from '../../src/node/keys/create.ts'
import { Batch } from '../../src/testnet/batch.ts'
import { managed, STOP_MS } from '../../src/testnet/nodes.ts'
import { createOperator, type TestnetOperator } from '../../src/testnet/operators.ts'
import { loopbackPlace } from '../../src/testnet/places.ts'
import { freePorts } from '../../src/testnet/ports.ts'
import type { ManagedProcess } from '../../src/testnet/process.ts'
import { writeFileAtomic } from '../../src/util/files.ts'
import type { Address } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { type BridgeWorld, type BridgeWorldOptions, bridgeWorld } from './bridgeWorld.ts'
import { BUNDLE, needBundle } from './bundle.ts'
import { eventually } from './eventually.ts'
import { type LyingRpc, startLyingRpc } from './lyingRpc.ts'
import { checksOf } from './nodePages.ts'
import { scriptedPrompt } from './prompt.ts'

/** Providers of each chain. */
const PROVIDERS = 3
/** Until all nodes are healthy, ms. */
const READY_MS = 120_000

/** A daemon that serves the bridge, and delivers to both ends. */
export interface BridgeDaemon {
  readonly operator: TestnetOperator
  readonly process: ManagedProcess
}

/** A bridge between two real chains whose operators are processes, with three providers for each chain. */
export interface BridgeDaemons {
  readonly world: BridgeWorld
  /** A token on the far chain that is watched as if it stood for what is locked, and that the owner mints as he likes. */
  readonly inflatable: Address
  readonly nodes: readonly BridgeDaemon[]
  /** Between the daemons and each chain. */
  readonly providers: { readonly stake: readonly LyingRpc[]; readonly away: readonly LyingRpc[] }
  /** Processes that ended without being told to. */
  readonly problems: readonly string[]
  /** Where the logs are. */
  readonly folder: string
  /** @param keep leaves the folder, with the logs of a failure */
  close(keep: boolean): Promise<void>
}

export interface BridgeDaemonsOptions extends Omit<BridgeWorldOptions, 'makeOperator'> {
  /** More of the section of each mailbox, or something else. */
  readonly mailbox?: Readonly<Record<string, unknown>>
  /** Has them sign checkpoints for relayers of Hyperlane, each with a key of its own. */
  readonly storage?: boolean
}

export async function bridgeDaemons(options: BridgeDaemonsOptions = {}): Promise<BridgeDaemons> {
  needBundle()
  const { operators: count = 4 } = options
  const folder = await mkdtemp(join(tmpdir(), 'lariat-bridge-'))
  const ports = await freePorts(count)
  const operators = await Promise.all(
    ports.nodes.map((each, i) => createOperator(folder, `operator-${i + 1}`, loopbackPlace(each))),
  )
  const world = await bridgeWorld({ ...options, makeOperator: async (i) => operators[i] as TestnetOperator })
  const rpcs = (url: string) => Promise.all(Array.from({ length: PROVIDERS }, () => startLyingRpc(url)))
  const providers = {
    stake: await rpcs(world.stake.test.anvil.rpcUrl),
    away: await rpcs(world.away.test.anvil.rpcUrl),
  }
  const deploymentFile = join(folder, 'deployment.json')
  await writeFileAtomic(deploymentFile, JSON.stringify(world.deployed.deployment))
  const urls = (all: readonly LyingRpc[]) => all.map(({ url }) => ({ url }))
  const mailboxes = [world.stake, world.away].map(({ name: chain, end: { domain, mailbox, hook, from, ism } }) => {
    return { ...{ chain, domain, mailbox, hook, from: Number(from), ism, relay: true }, ...options.mailbox }
  })
  const mailboxesOf = (operator: TestnetOperator) =>
    options.storage !== true
      ? mailboxes
      : mailboxes.map((mailbox) => ({ ...mailbox, storage: storageOf(operator, mailbox.domain) }))
  const inflatable = await createInflatable(world)
  const synthetics = [world.away.end.route, inflatable].map((token) => ({ chain: world.away.name, token }))
  const routes = [{ chain: world.stake.name, collateral: world.stake.end.route, synthetics }]
  const problems: string[] = []
  const nodes = operators.map((operator): BridgeDaemon => {
    const daemon = managed(
      {
        lariat: { file: process.execPath, args: [BUNDLE] },
        problem: (what) => problems.push(what),
      },
      operator,
      'run',
    )
    return { operator, process: daemon }
  })
  for (const { operator } of nodes) {
    await mkdir(operator.folder, { recursive: true })
    const passwords = { passwordFile: './keys/password.txt' }
    const stored = options.storage !== true ? {} : { checkpoints: await createStorageKey(operator) }
    const config = {
      dataDir: './data',
      chain: { id: world.domain.chainId, rpc: urls(providers.stake), deployment: deploymentFile },
      chains: { [world.away.name]: { id: world.bridge.away.chainId, rpc: urls(providers.away) } },
      operator: { address: operator.account.address },
      keys: {
        bls: { keystore: './keys/bls.json', ...passwords },
        ecdsa: { keystore: './keys/ecdsa.json', ...passwords },
        ...stored,
      },
      p2p: { listen: [operator.multiaddr], announce: [operator.multiaddr], loopback: true },
      api: { host: '127.0.0.1', port: Number(new URL(operator.api).port) },
      log: { level: 'debug', format: 'json' },
      secondSelf: { silentSlots: 0 },
      checks: { volatileStorage: true },
      services: [{ use: 'bridge', contract: world.bridge.service, mailboxes: mailboxesOf(operator), routes }],
    }
    await writeFileAtomic(operator.configFile, stringify(config), 0o600)
  }
  async function close(keep: boolean): Promise<void> {
    await Promise.all(nodes.map(({ process }) => process.stop(STOP_MS)))
    await Promise.all([...providers.stake, ...providers.away].map((rpc) => rpc.close()))
    await world.close()
    if (keep) process.stderr.write(`logs of the nodes are in ${folder}\n`)
    else await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(nodes.map(({ process }) => process.start()))
    await untilHealthy(nodes, problems)
  } catch (error) {
    await close(true)
    throw error
  }
  return { world, inflatable, nodes, providers, problems, folder, close }
}

/** Where relayers of Hyperlane find the checkpoints of a tree that an operator signed. */
export const storageOf = ({ api }: TestnetOperator, domain: number) => `${api}/v1/bridge/validator/${domain}`

async function createStorageKey({ folder }: TestnetOperator) {
  const io = { log: silentLog, prompt: scriptedPrompt([], { interactive: false }).prompt, strength: 'devnet' } as const
  const { keystore, passwordFile } = await createCheckpointKey(join(folder, 'keys'), {}, io)
  return { keystore, passwordFile }
}

async function createInflatable({ away, owner, artifacts }: BridgeWorld): Promise<Address> {
  const batch = await Batch.open(away.client, owner)
  const token = batch.deploy(artifacts, 'TestToken', ['Inflatable', 'INF'])
  await batch.land(new AbortController().signal)
  return token
}

/** Changes what a daemon's configuration says of a mailbox, and starts it again. */
export async function reconfigure(
  { operator, process }: BridgeDaemon,
  chain: string,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  const config = parse(await readFile(operator.configFile, 'utf8'))
  const [{ mailboxes }] = config.services
  Object.assign(
    mailboxes.find((mailbox: { readonly chain: string }) => mailbox.chain === chain),
    change,
  )
  await process.stop(STOP_MS)
  await writeFileAtomic(operator.configFile, stringify(config), 0o600)
  await process.start()
}

/** Resolves when every node says that all is well. */
export async function untilHealthy(nodes: readonly BridgeDaemon[], problems: readonly string[] = []): Promise<void> {
  let wrong: string[] = []
  const isWell = async () => {
    if (problems.length > 0) throw new Error(problems.join('; '))
    const found = await Promise.all(
      nodes.map(async ({ operator }) => {
        const checks = await checksOf(operator.api).catch(() => undefined)
        if (checks === undefined) return [`${operator.name} does not answer`]
        return checks.flatMap(({ ok, problem = '' }) => (ok ? [] : [`${operator.name}: ${problem}`]))
      }),
    )
    wrong = found.flat()
    return wrong.length === 0
  }
  await eventually(isWell, 'not all nodes are healthy', READY_MS).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${wrong.join('; ')}`)
  })
}
