import { type Abi, BlockNotFoundError, type PublicClient, parseAbi, parseEther } from 'viem'
import type { Clock } from '../util/clock.ts'
import type { Hex } from '../util/hex.ts'
import { Batch } from './batch.ts'
import { type BridgeEnd, type TestnetBridge, wordOf } from './bridge.ts'
import { LRT_SYMBOL } from './lrt.ts'
import { ACCOUNTS } from './network.ts'
import { createTask, type Task } from './task.ts'

const endAbi = parseAbi([
  'event ProcessId(bytes32 indexed messageId)',
  'event DispatchId(bytes32 indexed messageId)',
  'function count() view returns (uint32)',
  'function processedAt(bytes32 messageId) view returns (uint48)',
  'function transferRemote(uint32 destination, bytes32 recipient, uint256 amount) payable returns (bytes32)',
])
/** ms between looks. */
const EVERY_MS = 1_000
/** ms from one demo transfer's arrival to the next one's departure. */
const PAUSE_MS = 10_000
/** LRTs of one. */
const AMOUNT = parseEther('0.1')

/** What the chains say of the bridge. */
export interface BridgeFact {
  /** Messages that left, both ways, of whom ever. */
  readonly sent: number
  readonly delivered: number
  /** The last demo transfer that arrived: to which chain, and seconds from its dispatch to its delivery by the blocks' times. */
  readonly last: { readonly id: Hex; readonly to: End; readonly seconds: number } | undefined
  /** One that is under way. */
  readonly waiting: { readonly id: Hex; readonly to: End; readonly seconds: number } | undefined
}

/** The chain of the stake, and the other one. */
export type End = 'stake' | 'away'

/** Follows the bridge from outside, and sends the LRT to the other chain and back now and then. */
export interface BridgeWatch extends Task {
  /** Undefined before it was read. */
  fact(): BridgeFact | undefined
  /** Reads now. */
  look(): Promise<void>
}

interface Transfer {
  readonly id: Hex
  readonly to: End
  /** Unix second. */
  readonly sentAt: number
}

export function createBridgeWatch(options: {
  readonly bridge: TestnetBridge
  readonly clients: Readonly<Record<End, PublicClient>>
  readonly clock: Clock
  readonly onError: (what: string) => void
}): BridgeWatch {
  const { bridge, clients, clock, onError } = options
  const otherOf = (end: End): End => (end === 'stake' ? 'away' : 'stake')
  const delivered = { stake: deliveries(clients.stake, bridge.stake), away: deliveries(clients.away, bridge.away) }
  let newest: BridgeFact | undefined
  let last: BridgeFact['last']
  let waiting: Transfer | undefined
  let next: End = 'away'
  /** ms since the epoch. */
  let arrivedAt = 0

  const timeOf = async (client: PublicClient, blockNumber: bigint) =>
    Number((await client.getBlock({ blockNumber })).timestamp)

  /** Sends as much as travels to the other end of where it is. */
  async function depart(to: End, signal: AbortSignal): Promise<void> {
    const from = otherOf(to)
    const client = clients[from]
    const batch = await Batch.open(client, ACCOUNTS.traveller)
    batch.call({
      what: `sending ${LRT_SYMBOL}`,
      ...{ address: bridge[from].route, abi: endAbi as Abi, functionName: 'transferRemote' },
      args: [bridge[to].domain, wordOf(ACCOUNTS.traveller.address), AMOUNT],
    })
    const [landed] = await batch.land(signal)
    if (landed === undefined) throw new RangeError('nothing was sent')
    const { blockNumber: at, hash } = landed
    const filter = { address: bridge[from].mailbox, abi: endAbi, eventName: 'DispatchId', strict: true } as const
    const dispatched = await client.getContractEvents({ ...filter, fromBlock: at, toBlock: at })
    const id = dispatched.find(({ transactionHash }) => transactionHash === hash)?.args.messageId
    if (id === undefined) throw new RangeError(`transaction ${hash} has sent no message`)
    waiting = { id, to, sentAt: await timeOf(client, at) }
  }

  /** Whether what was under way has arrived. */
  async function arrive({ id, to, sentAt }: Transfer): Promise<void> {
    const client = clients[to]
    const mailbox = { address: bridge[to].mailbox, abi: endAbi } as const
    const block = await client.readContract({ ...mailbox, functionName: 'processedAt', args: [id] })
    if (block === 0) return
    // anvil tells the state of a block a moment before it has the block
    const time = await timeOf(client, BigInt(block)).catch((error: unknown) => {
      if (error instanceof BlockNotFoundError) return undefined
      throw error
    })
    if (time === undefined) return
    // two chains' clocks may differ by a part of a second
    last = { id, to, seconds: Math.max(0, time - sentAt) }
    waiting = undefined
    next = otherOf(to)
    arrivedAt = clock.now()
  }

  const sentFrom = (end: End) =>
    clients[end].readContract({ address: bridge[end].hook, abi: endAbi, functionName: 'count' })

  async function look(): Promise<void> {
    if (waiting !== undefined) await arrive(waiting)
    const [here, there, ...arrived] = await Promise.all([
      ...[sentFrom('stake'), sentFrom('away')],
      ...[delivered.stake(), delivered.away()],
    ])
    newest = {
      sent: (here ?? 0) + (there ?? 0),
      delivered: arrived.reduce((sum, count) => sum + count, 0),
      last,
      waiting: waiting && {
        ...{ id: waiting.id, to: waiting.to },
        seconds: Math.max(0, Math.round(clock.now() / 1_000) - waiting.sentAt),
      },
    }
  }

  const task = createTask({
    everyMs: EVERY_MS,
    clock,
    async work(signal) {
      await look()
      if (waiting === undefined && clock.now() >= arrivedAt + PAUSE_MS) await depart(next, signal)
    },
    onError: (what) => onError(`the bridge: ${what}`),
  })
  return { ...task, fact: () => newest, look }
}

/** Counts what was delivered on a chain so far; each look reads the blocks since the last. */
function deliveries(client: PublicClient, { mailbox, from }: BridgeEnd): () => Promise<number> {
  let next = from
  let count = 0
  return async () => {
    const head = await client.getBlockNumber({ cacheTime: 0 })
    if (head < next) return count
    const filter = { address: mailbox, abi: endAbi, eventName: 'ProcessId' } as const
    const logs = await client.getContractEvents({ ...filter, fromBlock: next, toBlock: head })
    next = head + 1n
    count += logs.length
    return count
  }
}

/** The bridge in words, for people. */
export function bridgeWords(fact: BridgeFact | undefined): string {
  if (fact === undefined || fact.sent === 0) return 'bridge: no message yet'
  const { sent, delivered, last, waiting } = fact
  const name = (end: End) => (end === 'away' ? 'to the other chain' : 'back')
  return [
    `bridge: ${sent} messages sent, ${delivered} delivered`,
    ...(last === undefined ? [] : [`the last ${LRT_SYMBOL} ${name(last.to)} in ${last.seconds} s`]),
    ...(waiting === undefined ? [] : [`${waiting.id.slice(0, 10)}… ${name(waiting.to)} for ${waiting.seconds} s`]),
  ].join(', ')
}
