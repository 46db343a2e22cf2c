import assert from 'node:assert/strict'
import { parseAbi } from 'viem'
import type { Hex } from '../../src/util/hex.ts'
import type { SentMessage, WorldChain } from './bridgeChain.ts'
import { type BridgeDaemons, bridgeDaemons, reconfigure } from './bridgeDaemons.ts'
import type { BridgeWorldOptions } from './bridgeWorld.ts'
import { eventually } from './eventually.ts'
import { inventingLogs, wrongStorage } from './lyingRpc.ts'

export interface BridgeTrialOptions {
  /** Messages from each end to the other. */
  readonly eachWay: number
  /** Printed in the names of tests. */
  readonly seed: number
  readonly queueMailbox?: BridgeWorldOptions['queueMailbox']
}

const pauseAbi = parseAbi(['function isPaused() view returns (bool)', 'function pauseCount() view returns (uint64)'])

/** Messages of one batch: they leave over the whole of the trial, not in one block. */
const BATCH = 10
/** Until the last message is there, ms, beside what each takes. */
const DELIVERY_MS = 180_000
const EACH_MS = 1_000

/** Until a delivery is final, as a node sees it, ms. */
const SETTLED_MS = 30_000

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
    this.#net = await bridgeDaemons({ seed, ...(queueMailbox === undefined ? {} : { queueMailbox }) })
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
    await Promise.all([this.#handled(away, stake.sent), this.#handled(stake, away.sent)])
    assert.deepEqual(this.net.problems, [])
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
      await eventually(isOver, `message ${id} is not known to be delivered`, SETTLED_MS)
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
    for (const node of wanting) await reconfigure(node, away.name, { pause: false })
    await this.#handled(away, stake.sent)
    assert.equal(await isPaused(), false)
    assert.equal(await away.client.readContract({ ...module, functionName: 'pauseCount' }), 1n)
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
