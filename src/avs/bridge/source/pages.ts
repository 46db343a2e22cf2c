import type { Address, ChainLog, FollowedChain, Hex } from 'lariat/avs'
import { hexToBytes } from 'lariat/avs'
import { messageId } from '../message.ts'
import { mailboxAbi, treeHookAbi } from './abi.ts'

/** A leaf as the logs have it. */
export interface FoundLeaf {
  readonly index: number
  /** 32 bytes. */
  readonly id: Hex
  readonly block: bigint
  readonly blockHash: Hex
  /** Of the block, Unix seconds. */
  readonly time: bigint
  /** Undefined where the mailbox did not dispatch it in these blocks. */
  readonly message: FoundMessage | undefined
}

export interface FoundMessage {
  /** As `decodeMessage` takes it. */
  readonly encoded: Hex
  readonly transaction: Hex
}

/** Where a tree's logs come from. */
export interface LogSource {
  readonly chain: Pick<FollowedChain, 'logs'>
  readonly mailbox: Address
  readonly hook: Address
}

/** Blocks of a page: their headers stay remembered between reading the hook's logs and the mailbox's. */
const MAX_SPAN = 2_000n
/** Leaves of a page that are enough: above twice as many, pages get shorter, below, longer. */
const AIM = 512

/** Reads the leaves of final blocks, page by page, with the messages that were dispatched for them. */
export class Pages {
  readonly #source: LogSource
  #span = MAX_SPAN

  constructor(source: LogSource) {
    this.#source = source
  }

  /** Leaves of the blocks from `from` up to `last` or an earlier one, in the order of the logs. @throws LariatError `chain.…` */
  async read(from: bigint, last: bigint): Promise<{ readonly to: bigint; readonly leaves: readonly FoundLeaf[] }> {
    const end = from + this.#span - 1n
    const to = end < last ? end : last
    const leaves = await readLeaves(this.#source, from, to)
    if (leaves.length > 2 * AIM && this.#span > 1n) this.#span /= 2n
    else if (leaves.length < AIM && this.#span < MAX_SPAN) this.#span *= 2n
    return { to, leaves }
  }
}

/** Leaves of the final blocks `from` to `to`, in the order of the logs. @throws LariatError `chain.…` */
export async function readLeaves({ chain, mailbox, hook }: LogSource, from: bigint, to: bigint): Promise<FoundLeaf[]> {
  const inserted = await chain.logs({ address: hook, abi: treeHookAbi, eventName: 'InsertedIntoTree', from, to })
  const [first, last] = [inserted.at(0), inserted.at(-1)]
  if (first === undefined || last === undefined) return []
  const blocks = { from: first.blockNumber, to: last.blockNumber }
  const dispatched = await chain.logs({ address: mailbox, abi: mailboxAbi, eventName: 'Dispatch', ...blocks })
  const messages = new Map(dispatched.map(messageOf))
  return inserted.map((log) => leafOf(log, messages))
}

/** A `Dispatch` log's message, by id. */
export function messageOf({ args, transactionHash }: ChainLog): [Hex, FoundMessage] {
  const { message: encoded } = args as { message: Hex }
  return [messageId(hexToBytes(encoded)), { encoded, transaction: transactionHash }]
}

/** The leaf of an `InsertedIntoTree` log. */
export function leafOf(log: ChainLog, messages: ReadonlyMap<Hex, FoundMessage>): FoundLeaf {
  const { messageId: id, index } = log.args as { messageId: Hex; index: number }
  return {
    ...{ index, id, block: log.blockNumber, blockHash: log.blockHash, time: log.blockTimestamp },
    message: messages.get(id),
  }
}
