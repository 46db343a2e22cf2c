import assert from 'node:assert/strict'
import { createMetrics, SimClock, startThreshold } from 'lariat/avs'
import type { ServiceChain as PluginChain } from '../../../../../src/avs/ports.ts'
import { SharingBook } from '../../../../../src/avs/randomness/beacon/sharings.ts'
import { Deliverer } from '../../../../../src/avs/randomness/delivery/deliverer.ts'
import { deliveryMetrics } from '../../../../../src/avs/randomness/delivery/metrics.ts'
import { type RandomnessRequest, REQUEST_STORE_SPEC } from '../../../../../src/avs/randomness/delivery/requests.ts'
import type { Round } from '../../../../../src/avs/randomness/rounds/store.ts'
import { createMemoryChain, type MemoryFunction, MemoryRevert } from '../../../../../src/chain/memory.ts'
import type { CursorStore } from '../../../../../src/chain/types.ts'
import { memoryDataStore } from '../../../../../src/store/memory.ts'
import type { Address, Hex } from '../../../../../src/util/hex.ts'
import { bytesToHex, hexToBytes } from '../../../../../src/util/hex.ts'
import { eventually } from '../../../../support/eventually.ts'
import { memoryLog } from '../../../../support/memoryLog.ts'
import { roundsOf } from '../../../../support/requests.ts'
import quicknet from '../../../../vectors/quicknet.json' with { type: 'json' }

const KEY_GENERATION: Address = `0x${'aa'.repeat(20)}`
const BEACON: Address = `0x${'bb'.repeat(20)}`
const operator = (i: number): Address => `0x${`0${i + 1}`.repeat(20)}`
/** The memory chain's, wei. */
const GAS_PRICE = 10n ** 9n
/** Pays for itself and the round, at any margin up to two. */
const GOOD_FEE = 10n ** 15n
const [vector] = quicknet.rounds
assert.ok(vector !== undefined)
/** Any signature that is a point. */
const signature = hexToBytes(vector.signature as Hex)

/** The contract's rules, as far as delivery meets them, on a chain without EVM. */
function beaconChain(clock: SimClock) {
  const cursors = new Map<string, bigint>()
  const cursorStore: CursorStore = {
    get: (name) => cursors.get(name),
    set: (name, position) => void cursors.set(name, position),
  }
  const log = memoryLog()
  const chain = createMemoryChain({ clock, log, cursors: cursorStore })
  const pending = new Map<bigint, RandomnessRequest>()
  const delivered = new Map<bigint, Hex>()
  const fees = new Map<Address, bigint>()
  const pages: bigint[][] = []
  chain.contract(KEY_GENERATION, { beacon: () => BEACON })
  const functions: Record<'deliverAndFulfill', MemoryFunction> & Record<string, MemoryFunction> = {
    isPending: ({ args: [request] }) => pending.has((request as RandomnessRequest).id),
    randomnessOf: ({ args: [round] }) =>
      delivered.has(round as bigint) ? `0x${'77'.repeat(32)}` : `0x${'00'.repeat(32)}`,
    feesOf: ({ args: [who] }) => fees.get(who as Address) ?? 0n,
    withdrawFees: ({ from }) => fees.set(from as Address, 0n),
    deliverAndFulfill({ args, from, emit }) {
      const [round, point, page] = args as [bigint, Hex, RandomnessRequest[]]
      const found = page.filter(({ id }) => pending.delete(id))
      if (found.length === 0) throw new MemoryRevert('NothingToFulfill')
      delivered.set(round, point)
      pages.push(found.map(({ id }) => id))
      const deliverer = from as Address
      for (const { id, consumer, fee } of found) {
        fees.set(deliverer, (fees.get(deliverer) ?? 0n) + fee)
        emit('RandomnessFulfilled', {
          id,
          consumer,
          randomness: `0x${'00'.repeat(32)}`,
          success: id !== 13n,
          deliverer,
        })
      }
      return BigInt(found.length)
    },
  }
  chain.contract(BEACON, functions)
  return {
    ...{ chain, functions, pending, delivered, fees, pages },
    ask(id: bigint, round: bigint, fee = GOOD_FEE) {
      const request = { id, consumer: operator(8), round, gasLimit: 100_000, fee }
      pending.set(id, request)
      chain.emit(BEACON, 'RandomnessRequested', request)
      chain.mine()
    },
  }
}

describe('delivery of requested rounds', () => {
  before(() => startThreshold())
  const stops: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  function world() {
    const clock = new SimClock(1_700_000_000_000)
    const beacon = beaconChain(clock)
    const rounds = new Map<bigint, Round>()
    const sharings = new SharingBook()
    sharings.setGroup({
      ...{ publicKey: new Uint8Array(96), schedule: { genesis: 1n, period: 3 } },
      ...{ groupHash: `0x${'00'.repeat(32)}`, chainHash: `0x${'01'.repeat(32)}` },
    })
    const members = [0, 1].map((i) => ({ operator: operator(i), shares: 1 }))
    sharings.add({ sharing: 1n, switchRound: 1n, threshold: 2, members, polynomial: new Uint8Array(384) })
    return {
      ...{ clock, beacon },
      make: (round: bigint) => rounds.set(round, { round, signature }),
      async start(i: number, options: { margin?: number; data?: ReturnType<typeof memoryDataStore> } = {}) {
        const { margin = 1.25, data = memoryDataStore() } = options
        const log = memoryLog()
        const metrics = createMetrics()
        const book = data.keyValues.open(BEACON, 'requests', REQUEST_STORE_SPEC)
        const deliverer = new Deliverer({
          ...{ clock, log, operator: operator(i), sharings, margin, keyGeneration: KEY_GENERATION },
          chain: beacon.chain.as(operator(i)) as unknown as PluginChain,
          rounds: () => roundsOf(rounds),
          store: book,
          metrics: deliveryMetrics(metrics),
          staggerMs: 5_000,
        })
        await deliverer.start()
        stops.push(() => deliverer.stop())
        return { deliverer, log, metrics, data, book }
      },
      /** Blocks until `probe`, each after five seconds. */
      until: (probe: () => boolean, otherwise: string) =>
        eventually(async () => {
          await clock.advance(5_000)
          beacon.chain.mine()
          return probe()
        }, otherwise),
    }
  }

  it('brings the round and calls all that pay back, in one transaction of one operator', async () => {
    const { beacon, make, start, until } = world()
    const nodes = [await start(0), await start(1)]
    beacon.ask(1n, 7n)
    beacon.ask(2n, 7n)
    beacon.ask(3n, 8n)
    beacon.ask(13n, 7n, 1n) // does not pay
    await until(() => nodes.every(({ book }) => book.size === 3), 'requests are not kept')
    assert.equal(beacon.pages.length, 0)
    make(7n)
    await until(() => beacon.pages.length > 0, 'nobody delivers')
    assert.deepEqual(beacon.pages, [[1n, 2n]])
    const { x, y } = { x: beacon.delivered.get(7n)?.slice(2, 98), y: beacon.delivered.get(7n)?.slice(98) }
    assert.equal(x?.length, 96)
    assert.equal(y?.length, 96)
    // the compressed form has x, but for its flags
    assert.equal(bytesToHex(signature).slice(4), x?.slice(2))
    for (let i = 0; i < 8; i++) await until(() => true, '')
    assert.deepEqual([...beacon.pending.keys()], [3n, 13n])
    assert.equal(beacon.chain.sent.filter(({ functionName }) => functionName === 'deliverAndFulfill').length, 1)
    const told = await Promise.all(nodes.map(async ({ metrics }) => (await metrics.expose()).body))
    const own = told.filter((text) =>
      text.includes('lariat_randomness_requests_fulfilled_total{by="own",callback="ok"} 2'),
    )
    const other = told.filter((text) =>
      text.includes('lariat_randomness_requests_fulfilled_total{by="other",callback="ok"} 2'),
    )
    assert.deepEqual([own.length, other.length], [1, 1])
  })

  it('goes to the next operator when the first does nothing', async () => {
    for (const i of [0, 1]) {
      const { beacon, make, start, until } = world()
      await start(i)
      make(7n)
      beacon.ask(1n, 7n)
      await until(() => beacon.pages.length > 0, `operator ${i} never takes its turn`)
    }
  })

  it('knows after a restart what was asked before, and what was asked meanwhile', async () => {
    const { beacon, make, start, until } = world()
    const { deliverer, data, book } = await start(0)
    beacon.ask(1n, 7n)
    await until(() => book.size === 1, 'it is not kept')
    await deliverer.stop()
    beacon.ask(2n, 7n)
    make(7n)
    await start(0, { data })
    await until(() => beacon.pending.size === 0, 'a request is forgotten')
    await until(() => book.size === 0, 'fulfilled ones are kept')
  })

  it('fulfills for nothing where the operator says so', async () => {
    const { beacon, make, start, until } = world()
    await start(0, { margin: 0 })
    make(7n)
    beacon.ask(1n, 7n, 0n)
    await until(() => beacon.pending.size === 0, 'it wants money')
  })

  it('takes a request up again whose fulfillment was undone', async () => {
    const { clock, beacon, make, start, until } = world()
    let undone = 0
    const { deliverAndFulfill } = beacon.functions
    beacon.chain.contract(BEACON, { deliverAndFulfill: () => BigInt(++undone) })
    await start(0)
    make(7n)
    beacon.ask(1n, 7n)
    await until(() => undone === 1, 'nobody delivers')
    beacon.chain.contract(BEACON, { deliverAndFulfill })
    for (let i = 0; i < 20; i++) await until(() => true, '')
    assert.deepEqual([undone, beacon.pages], [1, []])
    await clock.advance(1_800_000)
    await until(() => beacon.pages.length === 1, 'it is given up for ever')
  })

  it('says so when what pays is not delivered', async () => {
    const { clock, beacon, make, start, until } = world()
    const { deliverer, log } = await start(0)
    beacon.chain.contract(BEACON, {
      deliverAndFulfill() {
        throw new MemoryRevert('RoundSignatureInvalid', [7n])
      },
    })
    make(7n)
    beacon.ask(1n, 7n)
    await until(() => log.entries.some(({ message }) => message === 'a round could not be brought on chain'), 'no word')
    assert.equal(deliverer.problem(), undefined)
    await clock.advance(301_000)
    await until(() => deliverer.problem() !== undefined, 'no problem')
    assert.match(String(deliverer.problem()), /requests for 1 rounds have waited for more than 5 minutes/)
  })

  it('withdraws fees once they are worth it', async () => {
    const { beacon, start, until } = world()
    beacon.fees.set(operator(0), 45_000n * 50n * GAS_PRICE - 1n)
    beacon.fees.set(operator(1), 45_000n * 50n * GAS_PRICE)
    await start(0)
    await start(1)
    await until(() => beacon.fees.get(operator(1)) === 0n, 'they stay')
    assert.notEqual(beacon.fees.get(operator(0)), 0n)
  })
})
