// The key ceremony of one operator with its data folder, until it is killed or told to stop. Started by ceremonyLives.ts. A
// fault makes it kill itself with SIGKILL at a point: the hooks are here, not in src.
import { appendFileSync, writeSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, join } from 'node:path'
import { http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import type { ServiceChain, Session } from '../../src/avs/api.ts'
import { dealServiceOf, finalByDefault } from '../../src/avs/context.ts'
import { DEAL_STORE, DEAL_STORE_SPEC, dealerOf } from '../../src/avs/dealing.ts'
import { SharingBook } from '../../src/avs/randomness/beacon/sharings.ts'
import { Ceremony } from '../../src/avs/randomness/ceremony/ceremony.ts'
import { roundAt } from '../../src/bls/threshold/rounds.ts'
import { startThreshold } from '../../src/bls/threshold/start.ts'
import { openChain } from '../../src/chain/clients.ts'
import { openEpochs } from '../../src/chain/epochs.ts'
import { createSender } from '../../src/chain/sender.ts'
import { createServiceChain } from '../../src/chain/serviceChain.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { createLocalSigner } from '../../src/signer/local.ts'
import { blsSecretFromSeed } from '../../src/signer/secrets.ts'
import { openShareVault } from '../../src/signer/shares/open.ts'
import { openDataStore } from '../../src/store/sqlite/data.ts'
import { openGuardStore } from '../../src/store/sqlite/guard.ts'
import { openIntentStore } from '../../src/store/sqlite/transactions.ts'
import { ANVIL_MNEMONIC } from '../../src/testnet/anvil.ts'
import { systemClock } from '../../src/util/clock.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { toJson } from '../../src/util/json.ts'
import type { Log, LogFields } from '../../src/util/log.ts'
import { Secret } from '../../src/util/secret.ts'

/** What the child is told. */
export interface CeremonyChildSetup {
  readonly rpcUrl: string
  readonly folder: string
  /** Of the account of anvil; the BLS key is that of the cast's operator before it. */
  readonly account: number
  readonly genesisHash: Hex
  readonly service: Address
  readonly keyGeneration: Address
  readonly password: string
  readonly staggerMs: number
  readonly patienceMs: number
  /** Names of points, the first of which that is reached kills. */
  readonly faults: readonly string[]
  /** Deals wrong shares to all others, and does nothing else in a session. */
  readonly spoils: boolean
}

/** What the child tells. */
export type CeremonyChildEvent =
  | { readonly point: string }
  | { readonly log: string; readonly level: string; readonly fields: Readonly<Record<string, unknown>> }

/** ms between looks. */
const POLL_MS = 100

const setup: CeremonyChildSetup = JSON.parse(process.argv[2] ?? '')
const { folder, service, keyGeneration, genesisHash, spoils } = setup
const vaultFolder = join(folder, 'shares')
let sending = ''
/** What the sessions are that were seen here. */
const kinds = new Map<unknown, 'key' | 'resharing'>()

/** Written at once and in order; what is in the pipe survives this process. */
function tell(event: CeremonyChildEvent): void {
  const line = Buffer.from(`${JSON.stringify(event)}\n`)
  for (let at = 0; at < line.length; ) at += writeSync(1, line, at)
}

function point(name: string): void {
  tell({ point: name })
  if (!setup.faults.includes(name)) return
  process.kill(process.pid, 'SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) // not one instruction further
}

/** In a file too, as a node of an operator has it. */
function logger(): Log {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const json = toJson(fields)
      appendFileSync(join(folder, 'node.log'), `${level} ${message} ${json}\n`)
      tell({ log: message, level, fields: JSON.parse(json) as Record<string, unknown> })
    }
  const log: Log = {
    ...{ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    child: () => log,
  }
  return log
}

/** `write-NAME`: the new content of a record is in a temporary file. `destroy-NAME`: it is no record any more, and whole. */
function watchVault(): void {
  const { rename } = promises
  const recordOf = (file: string) =>
    basename(file)
      .replace(/\.sealed.*/, '')
      .replace(/^encryption-.*/, 'encryption')
  promises.rename = async (from, to) => {
    const isDoomed = String(to).endsWith('.sealed.tmp')
    if (!isDoomed && String(to).endsWith('.sealed')) point(`write-${recordOf(String(to))}`)
    await rename(from, to)
    if (isDoomed) point(`destroy-${recordOf(String(to))}`)
  }
  syncBuiltinESMExports()
}

watchVault()
await startThreshold()
const log = logger()
const metrics = createMetrics()
const account = mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: setup.account })
const operator = account.address
const domain = { chainId: 31_337, genesisHash, serviceManager: service }
const chain = await openChain({
  ...{ id: domain.chainId, rpc: [{ url: setup.rpcUrl }], singleProvider: true, genesisHash },
  ...{ pollMs: POLL_MS, log, metrics },
  transport: (url) => (options) => {
    const transport = http(url, { retryCount: 0 })(options)
    const request = async (args: Parameters<typeof transport.request>[0]) => {
      const answer = await transport.request(args)
      if (args.method === 'eth_sendRawTransaction') point(`sent-${sending}`)
      return answer
    }
    return { ...transport, request: request as typeof transport.request }
  },
})
const journal = openIntentStore(join(folder, 'transactions.sqlite'), { genesisHash, account: operator })
const sender = createSender({ chain, account, log, journal, receiptPollMs: POLL_MS })
const onChain = createServiceChain({ chain, sender, log })
const data = openDataStore(join(folder, 'data.sqlite'))
const guard = openGuardStore(join(folder, 'guard.sqlite'), { create: true })
const watch = { chain: onChain, serviceManager: service, clock: systemClock, log, metrics }
const epochs = await openEpochs(watch)
const vault = await openShareVault({
  ...{ folder: vaultFolder, scope: { chainId: domain.chainId, genesisHash, keyGeneration, operator } },
  ...{ password: new Secret(setup.password), strength: 'devnet' as const },
  ...{ clock: systemClock, peers: { now: () => systemClock.now() }, log, metrics },
})
const store = data.keyValues.open(service, DEAL_STORE, DEAL_STORE_SPEC)
const sign = dealerOf({
  service: dealServiceOf('randomness'),
  signer: createLocalSigner({
    ...{ secret: blsSecretFromSeed(new Uint8Array(32).fill(setup.account)), domain, operator, store: guard },
    // sessions that open as this process starts are its own: no other instance of this operator runs
    ...{ clock: systemClock, log, metrics, skewMarginMs: 0 },
  }),
  ...{ epochs, clock: systemClock, store: () => store },
})
const sharings = new SharingBook()

/** `name` before what `work` does, and its `end` after. */
async function around<T>(name: string, end: string, work: () => Promise<T>): Promise<T> {
  point(`before-${name}`)
  const result = await work()
  point(`${end}`)
  return result
}

/** The session's kind, as faults name it: how many attempts one of them takes is not known before. */
function kindOf({ session, previous }: Session): string {
  const kind = previous === undefined ? 'key' : 'resharing'
  kinds.set(session, kind)
  return kind
}

const plugin = finalByDefault(onChain as unknown as ServiceChain)
const ceremony = new Ceremony({
  ...{ clock: systemClock, log, operator, sharings, service, keyGeneration },
  ...{ staggerMs: setup.staggerMs, patienceMs: setup.patienceMs },
  chain: {
    ...plugin,
    write: (async (call: Parameters<ServiceChain['write']>[0]) => {
      const name = call.functionName
      // who deals badly leaves the rest to the others
      if (spoils && !['deal', 'registerEncryptionKey'].includes(name)) throw new Error('not by this one')
      const [session] = call.args as readonly unknown[]
      const full = typeof session === 'bigint' ? `${name}@${kinds.get(session)}` : name
      sending = full
      return around(full, `${full}-landed`, () => plugin.write(call))
    }) as unknown as ServiceChain['write'],
  },
  shares: {
    ...vault,
    deal: async (session) => {
      const dealing = await vault.deal(session)
      point(`dealing-made@${kindOf(session)}`)
      return spoils ? { ...dealing, sealedShares: dealing.sealedShares.map((byte) => byte ^ 1) } : dealing
    },
    examine: async (session, dealt) => {
      const faults = await vault.examine(session, dealt)
      point(`examined@${kindOf(session)}`)
      return faults
    },
    complain: async (session, dealt, fault) => {
      const complaint = await vault.complain(session, dealt, fault)
      point(`complaint-made@${kindOf(session)}`)
      return complaint
    },
    assemble: (session, dealt, outcome) => {
      const of = `assemble@${kindOf(session)}`
      return around(of, `${of}-done`, () => vault.assemble(session, dealt, outcome))
    },
    retire: (sharing, session) =>
      around(`retire@${sharing}`, `retire@${sharing}-done`, () => vault.retire(sharing, session)),
  },
  deal: async (dealing) => {
    const signature = await sign(dealing)
    point(`dealing-signed@${kinds.get(dealing.slot)}`)
    return signature
  },
  // there is no beacon here: rounds are as they would be
  latestRound: () => {
    const schedule = sharings.group()?.schedule
    return schedule === undefined ? 0n : roundAt(schedule, systemClock.now())
  },
})
process.on('SIGTERM', async () => {
  await ceremony.stop()
  await vault.close()
  process.exit(0)
})
await ceremony.start()
tell({ point: 'started' })
