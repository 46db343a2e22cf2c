import { bigToBytes, bytesToBig, bytesToHex, type Hex, hexToBytes, type KeyValueStore } from 'lariat/avs'
import type { Correction, Tip } from '../ports.ts'
import type { Checkpoint } from '../statements.ts'
import type { FinalTree } from './final.ts'
import { pagesOf } from './stores.ts'

/** Fast tips that turned out to be wrong and are still told. */
const MAX_WRONG = 256

/** Not final yet; not in the block that became final in its block's place; contradicted by what is final at its index. */
const State = { open: 0, undone: 1, wrong: 2 } as const
type State = (typeof State)[keyof typeof State]

interface Entry extends Checkpoint {
  readonly block: bigint
  readonly state: State
}

/** Bytes of the index in a key, before the root. */
const INDEX_BYTES = 4

/** What was found about fast tips. */
export interface Settled {
  /** Those that are not what became final in their block; noticed once. */
  readonly undone: readonly Checkpoint[]
  readonly corrections: readonly Correction[]
}

/** Fast tips that were handed over, on disk, until it is final what they should have been. */
export class FastLedger {
  readonly #store: KeyValueStore
  /** By index. */
  readonly #entries = new Map<number, Entry>()
  /** What is final in the place of those that are wrong, by their roots, as far as it was asked for. */
  readonly #rights = new Map<Hex, Tip>()

  constructor(store: KeyValueStore) {
    this.#store = store
    for (const page of pagesOf(store)) {
      for (const { key, value } of page) {
        const entry = decode(key, value)
        this.#entries.set(entry.index, entry)
      }
    }
  }

  /** Whether one of this index is remembered, right or wrong. */
  has(index: number): boolean {
    return this.#entries.has(index)
  }

  /**
   * Remembers a tip, or that it is of a later block than before. There is one for each index: an operator signs no other.
   * @param block that it is of
   * @returns whether there was none of its index
   */
  add({ root, index, messageId }: Checkpoint, block: bigint): boolean {
    const before = this.#entries.get(index)
    const isLater = before?.root === root && before.state === State.open && before.block < block
    if (before === undefined || isLater) this.#put({ root, index, messageId, block, state: State.open })
    return before === undefined
  }

  /** Compares with what is final. @param block up to which all is */
  settle(final: Pick<FinalTree, 'tipAt'>, block: bigint): Settled {
    const undone: Checkpoint[] = []
    const corrections: Correction[] = []
    for (const entry of [...this.#entries.values()]) {
      if (entry.state === State.wrong) continue
      const { root, index, messageId } = entry
      const wrong = { root, index, messageId }
      const right = final.tipAt(index)
      if (right?.root === root) this.#delete(entry)
      else if (right !== undefined || entry.block <= block) {
        if (entry.state === State.open) undone.push(wrong)
        if (right !== undefined) corrections.push({ wrong, right })
        this.#put({ ...entry, state: right === undefined ? State.undone : State.wrong })
      }
    }
    const told = this.#told()
    for (const entry of told.slice(0, Math.max(0, told.length - MAX_WRONG))) this.#delete(entry)
    return { undone, corrections }
  }

  /** Those that were noticed, oldest index first. */
  corrections(final: Pick<FinalTree, 'tipAt'>): readonly Correction[] {
    return this.#told().flatMap(({ root, index, messageId }) => {
      const right = this.#rights.get(root) ?? final.tipAt(index)
      if (right !== undefined) this.#rights.set(root, right)
      return right === undefined || right.root === root ? [] : [{ wrong: { root, index, messageId }, right }]
    })
  }

  #told(): Entry[] {
    return [...this.#entries.values()].filter(({ state }) => state === State.wrong).sort((a, b) => a.index - b.index)
  }

  #put(entry: Entry): void {
    this.#store.put(keyOf(entry), encode(entry))
    this.#entries.set(entry.index, entry)
    if (this.#entries.size <= this.#store.size) return
    // The store dropped the lowest.
    const lowest = [...this.#entries.values()].reduce((a, b) => (b.index < a.index ? b : a))
    if (this.#store.get(keyOf(lowest)) === undefined) this.#entries.delete(lowest.index)
  }

  #delete(entry: Entry): void {
    this.#store.delete(keyOf(entry))
    this.#entries.delete(entry.index)
    this.#rights.delete(entry.root)
  }
}

const keyOf = ({ index, root }: Checkpoint) => Buffer.concat([bigToBytes(BigInt(index), INDEX_BYTES), hexToBytes(root)])

function encode({ messageId, block, state }: Entry): Uint8Array {
  return Buffer.concat([Uint8Array.of(state), bigToBytes(block, 8), hexToBytes(messageId)])
}

function decode(key: Uint8Array, value: Uint8Array): Entry {
  return {
    index: Number(bytesToBig(key.subarray(0, INDEX_BYTES))),
    root: bytesToHex(key.subarray(INDEX_BYTES)),
    state: value[0] as State,
    block: bytesToBig(value.subarray(1, 9)),
    messageId: bytesToHex(value.subarray(9)),
  }
}
