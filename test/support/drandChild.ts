// A client of the beacon in a process of its own: drand-client and tlock-js as they are on npm. Prints what it saw, as JSON.
import { type ChainClient, fetchBeacon, HttpCachingChain, HttpChainClient, MultiBeaconNode, watch } from 'drand-client'
import { Buffer as TlockBuffer, timelockDecrypt, timelockEncrypt } from 'tlock-js'

/** What the child prints. */
export interface Seen {
  readonly hash: string | undefined
  readonly health: number
  /** Consecutive rounds, as they were made. */
  readonly rounds: readonly number[]
  readonly past: number
  /** How it refused a round that was tampered with, and to decrypt before the time. */
  readonly tampered: string
  readonly early: string
  readonly opened: string
}

const [url = '', lying = '', hash = '', count = ''] = process.argv.slice(2)

const clientOf = (base: string): ChainClient =>
  new HttpChainClient(new HttpCachingChain(`${base}/${hash}`), { disableBeaconVerification: false, noCache: false })

/** Longest that a round may be late, ms. */
const LATE_MS = 30_000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => String(error),
  )

console.info = () => undefined // the libraries tell of every beacon
console.error = () => undefined
const print = console.log
console.log = () => undefined

/** Reads rounds as they are made. */
async function watched(): Promise<number[]> {
  const rounds: number[] = []
  const stop = new AbortController()
  for await (const { round } of watch(clientOf(url), stop, { retriesOnFailure: 10 })) {
    rounds.push(round)
    if (rounds.length === Number(count)) stop.abort()
  }
  return rounds
}

/** Encrypts to a round that is to come, and decrypts before and after it. */
async function sealed(): Promise<Pick<Seen, 'early' | 'opened'>> {
  const client = clientOf(url)
  const { round: now } = await fetchBeacon(client)
  const info = await client.chain().info()
  const text = await timelockEncrypt(now + 20, TlockBuffer.from('sealed bid'), client)
  const early = await failure(timelockDecrypt(text, client))
  const opens = (info.genesis_time + (now + 19) * info.period) * 1_000
  await pause(Math.max(0, opens - Date.now()))
  // on a busy machine a round is made some seconds late
  for (const late = Date.now() + LATE_MS; Date.now() < late; await pause(500)) {
    if ((await failure(fetchBeacon(client, now + 20))) === '') break
  }
  return { early, opened: (await timelockDecrypt(text, client)).toString() }
}

const node = new MultiBeaconNode(url)
const [chain] = await node.chains()
const [rounds, { early, opened }] = await Promise.all([watched(), sealed()])
const client = clientOf(url)
const { round: latest } = await fetchBeacon(client)
const { round: past } = await fetchBeacon(client, latest - 2)
const seen: Seen = {
  hash: (await chain?.info())?.hash,
  health: (await node.health()).status,
  rounds,
  past: latest - past,
  tampered: await failure(fetchBeacon(clientOf(lying))),
  early,
  opened,
}
print(JSON.stringify(seen))
