import { createPublicClient, defineChain, type PublicClient, type Transport } from 'viem'
import { declareEigenRpcMetrics } from '../metrics/eigen.ts'
import type { Metrics } from '../metrics/registry.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { STAKE_CHAIN } from './chainLabel.ts'
import { toChainError, unavailability } from './errors.ts'
import { createHeaders, type Headers } from './facts/headers.ts'
import { type BlockLogs, createBlockLogs } from './facts/logs.ts'
import { type FinalStore, followHeads, type Heads } from './heads.ts'
import { type ChainMetrics, declareChainMetrics } from './metrics.ts'
import { createProviders, type Provider, type Providers } from './providers.ts'
import { httpTransport, measured, REQUEST_TIMEOUT_MS } from './transport.ts'
import { createTrust, type TrustKeeper } from './trust.ts'

export interface ChainOptions {
  /** What metrics and errors call it: the name of one of `chains` in the configuration; `stake` unless given. */
  readonly name?: string
  /** EIP-155 chain id. */
  readonly id: number
  readonly rpc: readonly { readonly url: string }[]
  /** Allows a single provider, whose lies nothing can refute. */
  readonly singleProvider?: boolean
  /** Hash of block 0 that every provider must have; without it all must have the same. */
  readonly genesisHash?: Hex
  /** Take the first provider's word for all: for commands, which sign no statement. */
  readonly unagreed?: boolean
  /** Where the last final block that was agreed on is kept from one run to the next. */
  readonly final?: FinalStore | ((genesisHash: Hex) => FinalStore)
  /** ms between looks for a new head. */
  readonly pollMs?: number
  /** Longest wait for one answer, ms. */
  readonly timeoutMs?: number
  readonly clock?: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** How to reach a provider; HTTP unless given. */
  readonly transport?: (url: string) => Transport
}

/** A chain as seen through its providers. */
export interface Chain {
  readonly name: string
  readonly id: number
  readonly genesisHash: Hex
  readonly providers: Providers
  readonly heads: Heads
  /** Whether what the providers say may be signed over. */
  readonly trust: TrustKeeper
  /** What proofs rest on; undefined when one provider's word is taken (`unagreed`). */
  readonly facts: Facts | undefined
  readonly clock: Clock
  readonly metrics: ChainMetrics
  /** Aborts on `close`. */
  readonly closed: AbortSignal
  /** Ends the following of heads and all watches. */
  close(): void
}

/** What everything that is signed over goes through. */
export interface Facts {
  readonly headers: Headers
  readonly blocks: BlockLogs
}

/** ms between looks for a new head: half of the shortest slot that services here have. */
export const DEFAULT_POLL_MS = 1_000
/** More providers than anyone pays for; each costs requests. */
const MAX_PROVIDERS = 16
/** A quantity below 2^52. */
const CHAIN_ID = /^0x[0-9a-f]{1,13}$/i
const HASH = /^0x[0-9a-f]{64}$/i

/**
 * Connects to a chain: checks chain id and genesis hash of every provider that answers (the others before their first
 * use) and follows its heads until `close`.
 * @throws LariatError `chain.single-provider`, `chain.wrong-chain`; `chain.unavailable`, `chain.no-quorum`, `chain.contradiction`
 * when the providers do not agree on a final block
 */
export async function openChain(options: ChainOptions): Promise<Chain> {
  const {
    name = STAKE_CHAIN,
    id,
    rpc,
    log,
    clock = systemClock,
    pollMs = DEFAULT_POLL_MS,
    timeoutMs = REQUEST_TIMEOUT_MS,
  } = options
  const section = sectionOf(name)
  const urls = checkUrls(rpc, options.singleProvider === true, section)
  const metrics = declareChainMetrics(options.metrics, name)
  const measuredBy = { chain: metrics, eigen: declareEigenRpcMetrics(options.metrics) }
  const transport = options.transport ?? ((url: string) => httpTransport(url, timeoutMs))
  const chain = defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })

  const expected: Expected = { id, section, genesisHash: options.genesisHash?.toLowerCase() as Hex | undefined }
  const list = urls.map((url, i): Provider => {
    const wrapped = measured(transport(url.href), measuredBy, clock)
    const client: PublicClient = createPublicClient({ chain, transport: wrapped, cacheTime: 0 })
    // Two accounts with one company differ in what must not be shown.
    const same = urls.slice(0, i).filter(({ host }) => host === url.host).length
    const host = same === 0 ? url.host : `${url.host} (${same + 1})`
    return { name: host, client, ...verifier(host, client, expected) }
  })
  await verifyAll(list, log)
  const { genesisHash } = expected
  if (genesisHash === undefined) throw new LariatError('chain.inconsistent', `chain ${id} shows no block 0`)

  const providers = createProviders({ list, section, clock, log, metrics })
  const trust = createTrust(clock, log, metrics, name)
  const headers = createHeaders(providers)
  const { unagreed = false, final } = options
  const heads = await followHeads({
    ...{ providers, headers, clock, log, metrics, trust, pollMs, unagreed },
    ...(final === undefined ? {} : { final: typeof final === 'function' ? final(genesisHash) : final }),
  })
  const facts = unagreed ? undefined : { headers, blocks: createBlockLogs(providers) }
  const closing = new AbortController()
  const close = () => {
    heads.close()
    closing.abort(new LariatError('chain.closed', 'the chain is closed: the node is stopping'))
  }
  return { name, id, genesisHash, providers, heads, trust, facts, clock, metrics, closed: closing.signal, close }
}

/** Where the configuration has the chain of that name. */
export const sectionOf = (name: string): string => (name === STAKE_CHAIN ? 'chain' : `chains.${name}`)

function checkUrls(rpc: ChainOptions['rpc'], singleProvider: boolean, section: string): URL[] {
  const urls = rpc.map(({ url }) => new URL(url))
  const different = new Set(urls.map((url) => url.href)).size
  if (different !== urls.length || different === 0 || different > MAX_PROVIDERS) {
    throw new LariatError(
      'chain.single-provider',
      `${section}.rpc lists ${urls.length} providers, ${different} different: list between 1 and ${MAX_PROVIDERS}, each once`,
    )
  }
  if (different === 1 && !singleProvider) {
    throw new LariatError(
      'chain.single-provider',
      `${section}.rpc has a single provider, whose lies nothing can refute: add independent ones (three or more), or set ${section}.singleProvider: true on a devnet`,
    )
  }
  return urls
}

/** What every provider must serve; the first answer sets a genesis hash that was not configured. */
interface Expected {
  readonly id: number
  /** Where the configuration has the chain. */
  readonly section: string
  genesisHash: Hex | undefined
}

/** What a provider calls its chain. An answer that is none says nothing of the chain. @throws Error of viem's, or a `RangeError` */
async function identityOf(client: PublicClient): Promise<{ readonly id: number; readonly genesisHash: Hex }> {
  const [id, genesis] = await Promise.all([
    client.request({ method: 'eth_chainId' }),
    client.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] }),
  ])
  if (typeof id !== 'string' || !CHAIN_ID.test(id)) throw new RangeError('a chain id that is no number')
  const hash: unknown = genesis?.hash
  if (typeof hash !== 'string' || !HASH.test(hash)) throw new RangeError('a block 0 without a hash')
  return { id: Number(id), genesisHash: hash.toLowerCase() as Hex }
}

/** Checks chain id and genesis hash, once with success until that is doubted. */
function verifier(name: string, client: PublicClient, expected: Expected): Pick<Provider, 'verify' | 'doubt'> {
  async function look(): Promise<void> {
    const { id, genesisHash } = await identityOf(client).catch((error: unknown) => {
      throw toChainError(error, name, 'the check of the chain', expected.section)
    })
    if (id !== expected.id) {
      throw new LariatError(
        'chain.wrong-chain',
        `provider ${name} serves chain ${id}, not ${expected.id}: correct ${expected.section}.id or ${expected.section}.rpc`,
        { provider: name, id, expected: expected.id },
      )
    }
    expected.genesisHash ??= genesisHash
    if (genesisHash !== expected.genesisHash) {
      throw new LariatError(
        'chain.wrong-chain',
        `provider ${name} serves another chain of id ${id}: its block 0 is ${genesisHash}, not ${expected.genesisHash}; correct ${expected.section}.rpc or ${expected.section === 'chain' ? 'chain.deployment' : `${expected.section}.genesisHash, or give the other chain another name`}`,
        { provider: name, genesisHash, expected: expected.genesisHash },
      )
    }
  }
  let verified: Promise<void> | undefined
  return {
    verify() {
      verified ??= look().catch((error: unknown) => {
        verified = undefined
        throw error
      })
      return verified
    },
    doubt() {
      verified = undefined
    },
  }
}

/** One wrong provider is an error of the configuration; one that is silent may come back. All silent is an error. */
async function verifyAll(list: readonly Provider[], log: Log): Promise<void> {
  const results = await Promise.allSettled(list.map((provider) => provider.verify()))
  const errors = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  for (const error of errors) {
    if (unavailability(error) === undefined || errors.length === list.length) throw error
    log.warn('a provider does not answer; it is checked before its first use', { error: describe(error) })
  }
}
