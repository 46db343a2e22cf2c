import { encodePacked, keccak256, padHex, toHex } from 'viem'
import type { Dispatched, Source, Tip, TreeView } from '../../src/avs/bridge/ports.ts'
import type { Certificates, Kept } from '../../src/avs/bridge/relay/ports.ts'
import { type Checkpoint, checkpointPayload, Level, streamService } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import type { FollowedChain } from '../../src/avs/ports.ts'
import { Kind } from '../../src/types/statement.ts'
import { type Address, bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'

interface Sent {
  readonly recipient: Address
  readonly body?: Hex
  readonly destination?: number
}

/** A tree of messages in memory. */
export interface MemorySource extends Source {
  /** Dispatches messages in one block, which is final. */
  dispatch(...messages: readonly Sent[]): readonly Dispatched[]
  /** What `halted` says from now on. */
  halt(why: string | undefined): void
  /** Messages of blocks that may be undone, in place of those before, after the final ones. */
  dispatchAhead(...messages: readonly Sent[]): readonly Dispatched[]
  /** Keeps the body of a message no longer. */
  forget(index: number): void
}

export interface MemorySourceOptions {
  readonly domain: number
  readonly destination: number
  readonly hook?: Hex
  readonly chain?: FollowedChain
  /** ms since the epoch of the next block. */
  readonly now: () => number
}

export const HOOK: Hex = `0x${'00'.repeat(12)}${'40'.repeat(20)}`

export function memorySource(options: MemorySourceOptions): MemorySource {
  const { domain, destination, hook = HOOK, now } = options
  const tree = new MessageTree()
  const messages: Dispatched[] = []
  const forgotten = new Set<number>()
  const handlers = new Set<(tip: Tip) => void>()
  let halted: string | undefined
  let block = 0n
  /** Messages after the final ones. */
  let tail: Dispatched[] | undefined

  const checkpoint = (index: number): Checkpoint | undefined =>
    index < 0 || index >= tree.count
      ? undefined
      : { root: bytesToHex(tree.root(index + 1)), index, messageId: bytesToHex(tree.leaf(index)) }
  function tip(): Tip | undefined {
    const newest = checkpoint(tree.count - 1)
    return newest && { ...newest, block, blockHash: toHex(block, { size: 32 }), time: now() }
  }

  function made({ recipient, body = '0x07', destination: to = destination }: Sent, index: number): Dispatched {
    const encoded = encodePacked(
      ['uint8', 'uint32', 'uint32', 'bytes32', 'uint32', 'bytes32', 'bytes'],
      [3, index, domain, padHex(toHex(0x5e), { size: 32 }), to, padHex(recipient), body],
    )
    const transaction = keccak256(toHex(`transaction ${index}`))
    return { id: keccak256(encoded), index, encoded, block, time: now(), transaction }
  }

  return {
    domain,
    hook,
    chain: options.chain as FollowedChain,
    halted: () => halted,
    halt(why) {
      halted = why
    },
    get count() {
      return tree.count
    },
    tip,
    checkpoint,
    message: (id) => messages.find((one) => one.id === id && !forgotten.has(one.index)),
    messageAt: (index) => (forgotten.has(index) ? undefined : messages[index]),
    forget: (index) => void forgotten.add(index),
    proof: (index, count) => tree.proof(index, count),
    onTip(_level, handler) {
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
    ahead: () => (tail === undefined ? undefined : viewOf([...messages, ...tail])),
    dispatchAhead(...sent) {
      tail = sent.map((one, i) => made(one, tree.count + i))
      return tail
    },
    corrections: () => [],
    onCorrected: () => () => {},
    dispatch(...sent) {
      block++
      tail &&= []
      const found = sent.map((one) => {
        const message = made(one, tree.count)
        tree.append(hexToBytes(message.id))
        messages.push(message)
        return message
      })
      const newest = tip()
      if (newest !== undefined) for (const handler of handlers) handler(newest)
      return found
    },
  }
}

/** Messages as a tree. */
function viewOf(messages: readonly Dispatched[]): TreeView {
  const tree = new MessageTree()
  for (const { id } of messages) tree.append(hexToBytes(id))
  return {
    count: tree.count,
    checkpoint: (index) =>
      messages[index] && { root: bytesToHex(tree.root(index + 1)), index, messageId: messages[index].id },
    message: (id) => messages.find((one) => one.id === id),
    messageAt: (index) => messages[index],
    proof: (index, count) => tree.proof(index, count),
  }
}

/** Certificates that nobody signed: for doubles that believe what they are shown. */
export class MemoryCertificates implements Certificates {
  readonly #kept: Kept[] = []

  add(
    service: Hex,
    slot: bigint,
    epoch: bigint,
    payload: Hex,
    verifiedAt = 0,
    absent: Hex = '0x',
    signature: Hex = `0x${'51'.repeat(256)}`,
  ): Kept {
    const statement = { service, kind: Kind.certify, epoch, slot, attempt: 0, payload }
    const kept: Kept = {
      certificate: { statement, absent: hexToBytes(absent), signature: new Uint8Array(96) },
      onChain: { absent, signature },
      verifiedAt,
    }
    const before = this.#kept.findIndex(
      ({ certificate }) => certificate.statement.service === service && certificate.statement.slot === slot,
    )
    this.#kept.splice(before < 0 ? this.#kept.length : before, before < 0 ? 0 : 1, kept)
    return kept
  }

  /** Certifies the newest checkpoint of a tree, or the one of an index. */
  certify(
    source: Pick<Source, 'domain' | 'hook'> & Pick<TreeView, 'count' | 'checkpoint'>,
    epoch = 1n,
    index = source.count - 1,
    level: Level = Level.finalized,
  ): Kept {
    const checkpoint = source.checkpoint(index)
    if (checkpoint === undefined) throw new Error(`there is no leaf ${index}`)
    return this.add(streamService(source, level), BigInt(index), epoch, checkpointPayload(checkpoint))
  }

  list({ service, fromSlot = 0n, toSlot, limit }: Parameters<Certificates['list']>[0]): readonly Kept[] {
    const slotOf = ({ certificate }: Kept) => certificate.statement.slot
    return this.#kept
      .filter(({ certificate: { statement } }) => statement.service === service)
      .filter((kept) => slotOf(kept) >= fromSlot && (toSlot === undefined || slotOf(kept) <= toSlot))
      .sort((a, b) => Number(slotOf(b) - slotOf(a)))
      .slice(0, limit)
  }
}
