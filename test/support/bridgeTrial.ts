import assert from 'node:assert/strict'
import { type Abi, erc20Abi, parseAbi, parseEther } from 'viem'
import { Batch } from '../../src/testnet/batch.ts'
import { wordOf } from '../../src/testnet/bridge.ts'
import type { Hex } from '../../src/util/hex.ts'
import type { SentMessage, WorldChain } from './bridgeChain.ts'
import { type BridgeDaemons, bridgeDaemons, reconfigure, storageOf } from './bridgeDaemons.ts'
import type { BridgeWorldOptions } from './bridgeWorld.ts'
import { eventually } from './eventually.ts'
import { inventingLogs, wrongStorage } from './lyingRpc.ts'
import { type Check, checksOf } from './nodePages.ts'

export interface BridgeTrialOptions {
  /** Messages from each end to the other. */
  readonly eachWay: number
  /** Printed in the names of tests. */
  readonly seed: number
  readonly queueMailbox?: BridgeWorldOptions['queueMailbox']
}

const pauseAbi = parseAbi(['function isPaused() view returns (bool)', 'function pauseCount() view returns (uint64)'])
const routeAbi = parseAbi([
  'function transferRemote(uint32 destination, bytes32 recipient, uint256 amount) payable returns (bytes32)',
  'function lockedFor(uint32 domain) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
])
/** LRT that travel there, and those of them that come back. */
const [THERE, BACK] = [parseEther('8'), parseEther('3')]
/** By how much too much is minted. */
const EXCESS = parseEther('1')

/** Gas limit of a transfer. */
const TRANSFER_GAS = 500_000n
/** Messages of one batch: they leave over the whole of the trial, not in one block. */
const BATCH = 10
/** Until the last message is there, ms, beside what each takes. */
const DELIVERY_MS = 180_000
const EACH_MS = 1_000

/** Until what an outage and a kill left behind is over, ms: a node whose providers contradicted each other does not trust them for a minute. */
const CALM_MS = 90_000
const IS_BANNED = /^127\.0\.0\.1:\d+ is banned /

/** ms that a trial may take. */
export const trialMs = (eachWay: number) => 240_000 + 2 * (DELIVERY_MS + 2 * eachWay * EACH_MS)

/** A bridge of four daemons in which, one after the other, whatever happens to bridges happens, while messages of random sizes cross it both ways. */
export class BridgeTrial {
  readonly #options: BridgeTrialOptions
  #net: BridgeDaemons | undefined

  constructor(options: BridgeTrialOptions) {
    this.#options = options
  }

  get net(): BridgeDaemons {
    if (this.#net === undefined) throw new Error('the trial has not begun')
    return this.#net
  }

  async open(): Promise<void> {
    const { seed, queueMailbox } = this.#options
    this.#net = await bridgeDaemons({ seed, storage: true, ...(queueMailbox === undefined ? {} : { queueMailbox }) })
  }

  /** @param keep the logs */
  async close(keep: boolean): Promise<void> {
    await this.#net?.close(keep)
  }

  /**
   * Sends all messages, a batch after the other, with one provider of each chain lying all the time, one operator killed after a third and started
   * again after two, and the far chain away for a while in the middle.
   */
  async run(): Promise<void> {
    const { eachWay } = this.#options
    const { world, nodes, providers } = this.net
    const { stake, away } = world
    const [, liarHere] = providers.stake
    const [liarThere] = providers.away
    if (liarHere !== undefined) liarHere.lie = inventingLogs
    if (liarThere !== undefined) liarThere.lie = wrongStorage
    const victim = nodes[2]
    await this.#transfer(stake, away, THERE)
    for (let sent = 0; sent < eachWay; ) {
      const count = Math.min(BATCH, eachWay - sent)
      await Promise.all([stake, away].map((chain) => chain.dispatch({ count })))
      const before = sent
      sent += count
      const passes = (part: number) => before < eachWay * part && sent >= eachWay * part
      if (passes(1 / 3)) await victim?.process.kill('SIGKILL')
      if (passes(1 / 2)) await this.#outage()
      if (passes(2 / 3)) await victim?.process.start()
    }
    await eventually(async () => (await this.#supply()) === THERE, 'the tokens do not arrive', DELIVERY_MS)
    await this.#transfer(away, stake, BACK)
    await Promise.all([this.#handled(away, stake.sent), this.#handled(stake, away.sent)])
    await eventually(async () => (await this.#locked()) === THERE - BACK, 'the tokens do not come back', DELIVERY_MS)
    assert.equal(await this.#supply(), THERE - BACK)
    assert.deepEqual(this.net.problems, [])
  }

  #supply(): Promise<bigint> {
    const { client, end } = this.net.world.away
    return client.readContract({ address: end.route, abi: routeAbi, functionName: 'totalSupply' })
  }

  #locked(): Promise<bigint> {
    const { stake, away } = this.net.world
    const args = [away.end.domain] as const
    return stake.client.readContract({ address: stake.end.route, abi: routeAbi, functionName: 'lockedFor', args })
  }

  /** LRT of the traveller. */
  async #transfer(from: WorldChain, to: WorldChain, amount: bigint): Promise<void> {
    const { traveller, lrt, stake } = this.net.world
    const batch = await Batch.open(from.client, traveller)
    const { route: address } = from.end
    if (from === stake) {
      const args = [address, amount]
      batch.call({ what: 'approval', address: lrt, abi: erc20Abi, functionName: 'approve', args })
    }
    const args = [to.end.domain, wordOf(traveller.address), amount]
    batch.call({
      what: 'a transfer',
      ...{ address, abi: routeAbi as Abi, functionName: 'transferRemote', args, gas: TRANSFER_GAS },
    })
    await batch.land(new AbortController().signal)
  }

  /** All is well, but for the providers that lie: each node names the one of the far chain. */
  async calm(): Promise<void> {
    const { nodes, providers } = this.net
    let found: readonly (readonly Check[])[] = []
    const isCalm = async () => {
      found = await Promise.all(nodes.map(({ operator }) => checksOf(operator.api)))
      return found.every((checks) => checks.every(({ ok, problem = '' }) => ok || IS_BANNED.test(problem)))
    }
    await eventually(isCalm, 'nodes complain', CALM_MS).catch((error: unknown) => {
      const told = found.flat().flatMap(({ ok, name, problem }) => (ok ? [] : [`${name}: ${problem}`]))
      throw new Error(`${String(error)}: ${told.join('; ')}`)
    })
    const [liar] = providers.away
    for (const checks of found) assert.ok(checks.some(({ problem }) => problem?.startsWith(`${liar?.name} is banned`)))
  }

  /** More is minted than is locked: every operator sees it, attests to nothing and wants the modules paused, until as much is locked. */
  async inflated(): Promise<void> {
    const { world, nodes, inflatable } = this.net
    const { stake, away, owner, artifacts } = world
    const batch = await Batch.open(away.client, owner)
    const args = [owner.address, (await this.#locked()) + EXCESS]
    const { abi } = artifacts.get('TestToken')
    batch.call({ what: 'minting', address: inflatable, abi, functionName: 'mint', args })
    await batch.land(new AbortController().signal)
    const told = async () => {
      const checks = await Promise.all(nodes.map(({ operator }) => checksOf(operator.api)))
      return checks.every((all) => all.some(({ problem = '' }) => problem.includes('are minted on chain')))
    }
    await eventually(told, 'operators do not see that too much is minted', DELIVERY_MS)
    const isPaused = (chain: WorldChain) =>
      chain.client.readContract({ address: chain.end.ism, abi: pauseAbi, functionName: 'isPaused' })
    const both = async () => (await Promise.all([stake, away].map(isPaused))).every((one) => one)
    await eventually(both, 'the modules are not paused', DELIVERY_MS)
    const [message] = await stake.dispatch({ count: 1 })
    const tell = () => traceOf(nodes[0]?.operator.api ?? '', message?.id ?? '0x')
    await eventually(async () => (await tell()).arrival.state === 'waiting', 'the message is not seen', DELIVERY_MS)
    assert.deepEqual((await tell()).attested, [])
    await this.#transfer(stake, away, EXCESS)
    await this.#handled(away, stake.sent)
  }

  /** Whatever became of each message, a node that was up all the time can tell: who attested to it, and where it was delivered. */
  async explained(): Promise<void> {
    const { world, nodes } = this.net
    const api = nodes[0]?.operator.api ?? ''
    for (const { id, index } of [...world.stake.sent, ...world.away.sent]) {
      let told = await traceOf(api, id)
      const isOver = async () => {
        told = await traceOf(api, id)
        return told.arrival.state === 'delivered' && told.arrival.final === true
      }
      await eventually(isOver, `message ${id} is not known to be delivered`, CALM_MS)
      const [attested] = told.attested
      assert.ok(attested !== undefined && attested.index >= index && attested.agrees, id)
      assert.ok(attested.signers.length >= 3, `${id} was attested to by ${attested.signers}`)
      assert.match(told.arrival.transaction ?? '', /^0x[0-9a-f]{64}$/, id)
      assert.equal(told.dispatched.leaf, index)
    }
  }

  /** Half of the operators want the far chain's module paused: nothing is delivered through it until they want it no more. */
  async paused(): Promise<void> {
    const { world, nodes } = this.net
    const { stake, away } = world
    const api = nodes[0]?.operator.api ?? ''
    const wanting = nodes.slice(2)
    for (const node of wanting) await reconfigure(node, away.name, { pause: true })
    const module = { address: away.end.ism, abi: pauseAbi } as const
    const isPaused = () => away.client.readContract({ ...module, functionName: 'isPaused' })
    await eventually(isPaused, 'the module is not paused', DELIVERY_MS)
    const [message] = await stake.dispatch({ count: 1 })
    const waits = async () => (await traceOf(api, message?.id ?? '0x')).arrival.reason === 'module-paused'
    await eventually(waits, 'nobody says that the module is paused', DELIVERY_MS)
    await eventually(() => this.#storages(404), 'checkpoints are signed for other relayers all the same', DELIVERY_MS)
    for (const node of wanting) await reconfigure(node, away.name, { pause: false })
    await this.#handled(away, stake.sent)
    assert.equal(await isPaused(), false)
    await eventually(() => this.#storages(200), 'no checkpoints are signed for other relayers again', DELIVERY_MS)
    assert.equal(await away.client.readContract({ ...module, functionName: 'pauseCount' }), 1n)
  }

  /** Whether all operators answer so for the newest checkpoint that they sign for relayers of Hyperlane. */
  async #storages(status: number): Promise<boolean> {
    const { nodes, world } = this.net
    const found = nodes.map(async ({ operator }) => {
      const storage = storageOf(operator, world.stake.end.domain)
      return (await fetch(`${storage}/checkpoint_latest_index.json`)).status === status
    })
    return (await Promise.all(found)).every((is) => is)
  }

  /** The far chain answers nobody, until messages to it have waited. */
  async #outage(): Promise<void> {
    const { providers, world } = this.net
    const { stake, away } = world
    for (const rpc of providers.away) rpc.mute = true
    const before = await away.handledAll()
    const [waiting] = await stake.dispatch({ count: 1 })
    const waits = async () => (await stake.now()) * 1_000 >= (waiting?.time ?? 0) + 8_000
    await eventually(waits, 'the chain of the stake makes no blocks', DELIVERY_MS)
    const why = async () => {
      const { arrival } = await traceOf(this.net.nodes[0]?.operator.api ?? '', waiting?.id ?? '0x')
      return arrival.reason === 'destination-down'
    }
    await eventually(why, 'nobody says that the destination is down', DELIVERY_MS)
    // what was under way may have come through
    assert.ok((await away.handledAll()) <= before + BATCH, 'messages were delivered to a chain that nobody reaches')
    for (const rpc of providers.away) rpc.mute = false
  }

  /** Each message once, and nothing else. */
  async #handled(at: WorldChain, sent: readonly SentMessage[]): Promise<void> {
    const limit = DELIVERY_MS + sent.length * EACH_MS
    await eventually(async () => (await at.handledAll()) >= sent.length, 'messages are missing', limit).catch(
      async (error: unknown) => {
        const missing: string[] = []
        for (const { id, index } of sent) if (!(await at.delivered(id))) missing.push(`${index} ${id}`)
        throw new Error(`${String(error)}: ${missing.length} of ${sent.length}: ${missing.slice(0, 5).join(', ')}`)
      },
    )
    for (const message of sent) assert.equal(await at.handled(message), 1, message.id)
    assert.equal(await at.handledAll(), sent.length)
  }
}

/** What a node tells of a message, as far as it is looked at here. */
export interface Told {
  readonly dispatched: { readonly leaf: number }
  readonly attested: readonly {
    readonly index: number
    readonly agrees: boolean
    /** ms since the epoch. */
    readonly time: number
    readonly signers: readonly string[]
  }[]
  readonly arrival: {
    readonly state: string
    readonly final?: boolean
    readonly reason?: string
    readonly transaction?: string | null
  }
}

export async function traceOf(api: string, id: Hex): Promise<Told> {
  const response = await fetch(`${api}/v1/bridge/trace/${id}`)
  const body = (await response.json()) as Partial<Told>
  return { dispatched: { leaf: -1 }, attested: [], arrival: { state: `HTTP ${response.status}` }, ...body }
}
