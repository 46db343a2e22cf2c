import { createPublicClient, http, type PublicClient } from 'viem'
import { STAKE_CHAIN } from '../../chain/chainLabel.ts'
import { sectionOf } from '../../chain/clients.ts'
import { reasonOf } from '../../chain/trust.ts'
import { describe } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import type { LoadedConfig } from '../config/load.ts'
import { files } from '../files.ts'
import { openFinality, recordedGenesis } from '../finality.ts'
import { MAX_HEAD_AGE_MS } from '../selfcheck/chain.ts'
import { type DoctorLine, tried } from './line.ts'

/** ms for one answer of a provider. */
const TIMEOUT_MS = 5_000
/** An answer that takes longer costs slots, ms. */
const SLOW_MS = 1_000
/** Blocks below the lowest head at which all are asked for one hash: deep enough that a fresh fork is no lie. */
const DEPTH = 3n
/** A block's time may be ahead of our clock by so much, ms: makers of blocks differ by a second or two. */
const MAX_AHEAD_MS = 5_000

/** What one provider told. */
interface Told {
  readonly name: string
  readonly client: PublicClient
  readonly head: bigint
  readonly lines: readonly DoctorLine[]
}

/** Each provider by itself, whether they agree, the clock against them, and whether they undid what this node held for final. */
export async function examineChain(
  { chain, dataDir }: Pick<LoadedConfig, 'chain' | 'dataDir'>,
  genesisHash: Hex,
  now: number,
): Promise<readonly DoctorLine[]> {
  return examine({ ...chain, name: STAKE_CHAIN, genesisHash, finality: files(dataDir).finality }, now)
}

/** The same of every further chain; each line names its chain. */
export async function examineFurtherChains(
  { chains, dataDir }: Pick<LoadedConfig, 'chains' | 'dataDir'>,
  now: number,
): Promise<readonly DoctorLine[]> {
  const each = Object.entries(chains).map(async ([name, chain]) => {
    const lines = await tried('chain', `chain ${name}`, () => {
      const { finality } = files(dataDir).chain(name)
      const recorded = recordedGenesis(finality)
      if (chain.genesisHash !== undefined && recorded !== undefined && recorded !== chain.genesisHash) {
        return line('fail', `chains.${name}.genesisHash is not the one that the chain had until now (${finality})`)
      }
      return examine({ ...chain, name, genesisHash: chain.genesisHash ?? recorded, finality }, now)
    })
    return lines.map(({ status, text }) => line(status, `${name}: ${text}`))
  })
  return (await Promise.all(each)).flat()
}

/** A chain as it is looked at. */
interface Examined {
  readonly name: string
  readonly id: number
  readonly rpc: readonly { readonly url: string }[]
  readonly singleProvider: boolean
  /** Undefined for a further chain before its first start. */
  readonly genesisHash: Hex | undefined
  /** File of the last final block. */
  readonly finality: string
}

async function examine(chain: Examined, now: number): Promise<readonly DoctorLine[]> {
  const section = sectionOf(chain.name)
  const results = await Promise.all(
    chain.rpc.map(async ({ url }): Promise<Told | DoctorLine> => {
      const name = new URL(url).host
      try {
        return await examineProvider(name, url, chain, now)
      } catch (error) {
        // viem's own words hold the URL, which often holds a secret
        const why = error instanceof Error && 'shortMessage' in error ? error.name : describe(error)
        return line('fail', `provider ${name} does not answer (${why}): check that it runs, and ${section}.rpc`)
      }
    }),
  )
  const told = results.filter((result): result is Told => 'client' in result)
  const lines = results.flatMap((result) => ('client' in result ? result.lines : [result]))
  const history = await tried('chain', 'the last final block', () => examineFinality(chain))
  return [...lines, ...number(chain), ...(await examineAgreement(told)), ...history]
}

/** A final block that was undone, as the node keeps it until an operator acknowledges that. */
function examineFinality({ name, finality: file, genesisHash }: Examined): readonly DoctorLine[] {
  if (genesisHash === undefined) return []
  const finality = openFinality(file, genesisHash)
  const undone = finality.undone()
  if (undone !== undefined) return [line('fail', reasonOf(undone, name))]
  const last = finality.get()
  return last === undefined ? [] : [line('pass', `no final block was undone; the last that was seen is ${last.number}`)]
}

async function examineProvider(
  name: string,
  url: string,
  { name: chain, id, genesisHash }: Examined,
  now: number,
): Promise<Told> {
  const section = sectionOf(chain)
  const source = section === 'chain' ? 'chain.deployment' : `${section}.genesisHash or the data folder`
  const client = createPublicClient({ transport: http(url, { timeout: TIMEOUT_MS, retryCount: 0 }), cacheTime: 0 })
  const from = performance.now()
  const [chainId, genesis, latest, finalized] = await Promise.all([
    client.getChainId(),
    client.getBlock({ blockNumber: 0n }),
    client.getBlock(),
    client.getBlock({ blockTag: 'finalized' }),
  ])
  const ms = performance.now() - from
  const proves = await client
    .getProof({ address: `0x${'00'.repeat(20)}`, storageKeys: [], blockNumber: latest.number })
    .then(
      () => true,
      () => false,
    )
  const age = now - Number(latest.timestamp) * 1_000
  const where = `provider ${name}`
  const lines: DoctorLine[] = []
  if (chainId !== id)
    lines.push(line('fail', `${where} serves chain ${chainId}, not ${id}: correct ${section}.id or ${section}.rpc`))
  if (genesisHash !== undefined && genesis.hash !== genesisHash) {
    lines.push(line('fail', `${where} has another block 0 than ${source} says: correct one of them`))
  }
  if (age > MAX_HEAD_AGE_MS) {
    lines.push(
      line('fail', `${where}: its newest block is ${Math.round(age / 1_000)} s old: it stands still; replace it`),
    )
  }
  if (-age > MAX_AHEAD_MS) {
    lines.push(
      line(
        'fail',
        `${where}: its newest block is ${Math.round(-age / 1_000)} s ahead of this machine's clock: let NTP set it`,
      ),
    )
  }
  if (!proves) {
    lines.push(
      line('warn', `${where} does not answer eth_getProof: what it says of storage cannot be proven; use another`),
    )
  }
  if (ms > SLOW_MS) lines.push(line('warn', `${where} took ${Math.round(ms)} ms to answer: use a nearer one`))
  if (lines.length === 0) {
    const text = `${where}: block ${latest.number}, finalized ${finalized.number}, answers in ${Math.round(ms)} ms, with proofs`
    lines.push(line('pass', text))
  }
  return { name, client, head: latest.number, lines }
}

/** How many there are, and whether by different people. */
function number({ name, rpc, singleProvider }: Examined): DoctorLine[] {
  const hosts = new Set(rpc.map(({ url }) => new URL(url).hostname))
  if (rpc.length === 1) {
    const text = `${sectionOf(name)}.singleProvider: nothing refutes a lie of the only provider, which is for test networks only: list three`
    return [line(singleProvider ? 'warn' : 'fail', text)]
  }
  if (hosts.size < rpc.length) {
    return [line('warn', `${rpc.length} providers are at ${hosts.size} hosts: what one person says twice is said once`)]
  }
  return [
    rpc.length < 3
      ? line('warn', 'of two providers none may fail: list three or more, by different people')
      : line('pass', `${rpc.length} providers at different hosts`),
  ]
}

/** Whether all that answer have the same block at one height. */
async function examineAgreement(told: readonly Told[]): Promise<DoctorLine[]> {
  if (told.length < 2) return []
  const lowest = told.reduce((least, { head }) => (head < least ? head : least), told[0]?.head ?? 0n)
  const blockNumber = lowest > DEPTH ? lowest - DEPTH : 0n
  const hashes = await Promise.all(
    told.map(async ({ client, name }) => ({ name, hash: (await client.getBlock({ blockNumber })).hash })),
  )
  const different = new Set(hashes.map(({ hash }) => hash)).size
  if (different === 1) return [line('pass', `all that answer agree on block ${blockNumber}`)]
  const who = hashes.map(({ name, hash }) => `${name} ${hash.slice(0, 10)}…`).join(', ')
  return [
    line('fail', `the providers do not agree on block ${blockNumber} (${who}): find out who lies, and replace it`),
  ]
}

const line = (status: DoctorLine['status'], text: string): DoctorLine => ({ group: 'chain', status, text })
