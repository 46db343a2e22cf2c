import { type Abi, keccak256, type PublicClient, parseAbi } from 'viem'
import { messageId } from '../../src/avs/bridge/message.ts'
import { Batch, type LandedTransaction } from '../../src/testnet/batch.ts'
import { type BridgeChain, type BridgeEnd, wordOf } from '../../src/testnet/bridge.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'
import { seededRandom } from '../../src/util/random.ts'
import type { AnvilTest } from './anvil.ts'

export const mailboxAbi = parseAbi([
  'event Dispatch(address indexed sender, uint32 indexed destination, bytes32 indexed recipient, bytes message)',
  'function dispatch(uint32 destination, bytes32 recipient, bytes body) payable returns (bytes32)',
  'function process(bytes metadata, bytes message) payable',
  'function delivered(bytes32 messageId) view returns (bool)',
])
export const treeAbi = parseAbi([
  'event InsertedIntoTree(bytes32 messageId, uint32 index)',
  'function count() view returns (uint32)',
  'function root() view returns (bytes32)',
])

/** Bytes of a body that no other has: so the recipient's counts are of one message each. */
const SERIAL_BYTES = 16
/** Largest random part of a body, bytes, unless said otherwise. */
const MAX_RANDOM = 600
/** Bytes of a message before its body. */
const BODY_AT = 77
/** Gas limit of a dispatch, and for each byte of its body. */
const DISPATCH_GAS = 300_000n
const BODY_GAS = 100n
/** Of a delivery with its certificate, as `Mailbox.process` may need with many absentees. */
const PROCESS_GAS = 2_000_000n
/** Blocks after one until it is final. */
const FINALITY = '0x2'

/** A message that left a chain. */
export interface SentMessage {
  readonly id: Hex
  readonly encoded: Hex
  readonly body: Hex
  /** Its leaf. */
  readonly index: number
  readonly block: bigint
  /** Of the block, ms since the epoch. */
  readonly time: number
}

export interface DispatchOptions {
  readonly count?: number
  /** Largest random part of a body, bytes. */
  readonly maxRandom?: number
  /** Instead of random ones; no two may be the same. */
  readonly bodies?: readonly Hex[]
  /** Instead of the inbox of the other end. */
  readonly recipient?: Address
}

/** One end of a bridge as tests use it. */
export interface WorldChain {
  /** As configurations name it. */
  readonly name: string
  readonly test: AnvilTest
  readonly client: PublicClient
  readonly end: BridgeEnd
  /** Counts what is delivered to it here. */
  readonly inbox: Address
  /** What left here by `dispatch`, oldest first. */
  readonly sent: readonly SentMessage[]
  /** Sends messages with random bodies of random sizes to the inbox of the other end; resolves when they are in blocks. */
  dispatch(options?: DispatchOptions): Promise<readonly SentMessage[]>
  /** Whatever left the mailbox here so far, of whom ever, in the order of the tree. */
  messages(): Promise<readonly SentMessage[]>
  /** Delivers a message here, from an account of nobody's. @throws LariatError `testnet.transaction` when it reverts */
  process(metadata: Uint8Array, encoded: Hex): Promise<LandedTransaction>
  delivered(id: Hex): Promise<boolean>
  /** How often the inbox here was handed this message. */
  handled(message: Pick<SentMessage, 'body'>): Promise<number>
  /** How often the inbox here was handed anything. */
  handledAll(): Promise<number>
  /** Mines until what is in the newest block is final. */
  mineFinal(): Promise<void>
  /** Unix second of the newest block. */
  now(): Promise<number>
}

export function worldChain(of: {
  readonly name: string
  readonly test: AnvilTest
  readonly client: PublicClient
  readonly end: BridgeEnd
  readonly inbox: Address
  readonly other: { readonly end: BridgeEnd; readonly inbox: Address }
  /** Sends messages, and delivers them. */
  readonly courier: BridgeChain['owner']
  readonly seed: number
}): WorldChain {
  const { name, test, client, end, inbox, other, courier, seed } = of
  const random = seededRandom(seed)
  const { signal } = new AbortController()
  const sent: SentMessage[] = []
  let serial = 0
  /** One batch after the other: they share their account's nonces. */
  let turn: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  function bodyOf(maxRandom: number): Hex {
    const bytes = Buffer.alloc(SERIAL_BYTES + Math.floor(random() * (maxRandom + 1)))
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
    bytes.writeUInt32BE(end.domain, 0)
    bytes.writeUInt32BE(serial++, 4)
    return bytesToHex(bytes)
  }

  async function between(fromBlock: bigint, toBlock: bigint): Promise<SentMessage[]> {
    const range = { fromBlock, toBlock, strict: true } as const
    const [dispatched, inserted] = await Promise.all([
      client.getContractEvents({ ...range, address: end.mailbox, abi: mailboxAbi, eventName: 'Dispatch' }),
      client.getContractEvents({ ...range, address: end.hook, abi: treeAbi, eventName: 'InsertedIntoTree' }),
    ])
    const leaves = new Map(inserted.map(({ args }) => [args.messageId, args.index]))
    const times = new Map<bigint, number>()
    for (const { blockNumber } of dispatched) {
      if (times.has(blockNumber)) continue
      times.set(blockNumber, Number((await client.getBlock({ blockNumber })).timestamp) * 1_000)
    }
    return dispatched.map(({ args: { message: encoded }, blockNumber }) => {
      const id = messageId(hexToBytes(encoded))
      const index = leaves.get(id)
      if (index === undefined) throw new Error(`message ${id} is not in the tree`)
      const body = `0x${encoded.slice(2 + 2 * BODY_AT)}` as const
      return { id, encoded, body, index, block: blockNumber, time: times.get(blockNumber) ?? 0 }
    })
  }

  const countAt = async (word: Hex): Promise<number> => {
    const { data } = await client.call({ to: inbox, data: word })
    return Number(data ?? 0)
  }

  return {
    ...{ name, test, client, end, inbox, sent },
    dispatch: ({ count = 1, maxRandom = MAX_RANDOM, recipient = other.inbox, ...options } = {}) =>
      inTurn(async () => {
        const batch = await Batch.open(client, courier)
        const bodies = options.bodies ?? Array.from({ length: count }, () => bodyOf(maxRandom))
        for (const body of bodies) {
          batch.call({
            what: 'a message',
            ...{ address: end.mailbox, abi: mailboxAbi as Abi, functionName: 'dispatch' },
            args: [other.end.domain, wordOf(recipient), body],
            gas: DISPATCH_GAS + BODY_GAS * BigInt(body.length),
          })
        }
        const blocks = (await batch.land(signal)).map(({ blockNumber }) => blockNumber)
        const [first, last] = [blocks[0], blocks.at(-1)]
        if (first === undefined || last === undefined) return []
        const all = await between(first, last)
        const own = all.filter(({ body }) => bodies.includes(body)).sort((a, b) => a.index - b.index)
        if (own.length !== bodies.length) throw new Error(`${own.length} messages left, not ${bodies.length}`)
        sent.push(...own)
        return own
      }),
    messages: async () =>
      (await between(end.from, await client.getBlockNumber({ cacheTime: 0 }))).sort((a, b) => a.index - b.index),
    process: (metadata, encoded) =>
      inTurn(async () => {
        const batch = await Batch.open(client, courier)
        batch.call({
          what: 'a delivery',
          ...{ address: end.mailbox, abi: mailboxAbi as Abi, functionName: 'process' },
          args: [bytesToHex(metadata), encoded],
          gas: PROCESS_GAS,
        })
        const [landed] = await batch.land(signal)
        if (landed === undefined) throw new Error('nothing was sent')
        return landed
      }),
    delivered: (id) =>
      client.readContract({ address: end.mailbox, abi: mailboxAbi, functionName: 'delivered', args: [id] }),
    handled: ({ body }) => countAt(keccak256(body)),
    handledAll: () => countAt(`0x${'00'.repeat(32)}`),
    mineFinal: async () => void (await test.rpc('anvil_mine', [FINALITY])),
    now: async () => Number((await client.getBlock()).timestamp),
  }
}
