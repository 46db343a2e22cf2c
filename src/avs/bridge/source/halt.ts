import type { KeyValueStore } from 'lariat/avs'
import { keccak256, stringToBytes } from 'viem'

/** What a tree's chain can do that must not happen. */
export type HaltCode =
  /** A final block was replaced: it has other leaves than before. */
  | 'reorged'
  /** The hook has fewer leaves than it had. */
  | 'shrank'
  /** A leaf is not the next one. */
  | 'order'
  /** The hook's logs and its storage do not give the same tree. */
  | 'disagree'

/** Why nothing is signed of a tree until an operator has looked. */
export interface Halt {
  readonly code: HaltCode
  readonly reason: string
  /** What the operator says to go on: eight hexadecimal digits. */
  readonly name: string
  /** ms since the epoch. */
  readonly at: number
}

const HALT = Buffer.from('halt')
/** Characters of a reason that are kept. */
const MAX_REASON = 2_000

/** The mark on disk: it stays until the configuration names it. */
export class HaltMark {
  readonly #marks: KeyValueStore

  constructor(marks: KeyValueStore) {
    this.#marks = marks
  }

  get(): Halt | undefined {
    const value = this.#marks.get(HALT)
    return value === undefined ? undefined : (JSON.parse(Buffer.from(value).toString()) as Halt)
  }

  put(code: HaltCode, reason: string, at: number): Halt {
    const name = keccak256(stringToBytes(`${code} ${at} ${reason}`)).slice(2, 10)
    const halt = { code, reason: reason.slice(0, MAX_REASON), name, at }
    this.#marks.put(HALT, Buffer.from(JSON.stringify(halt)))
    return halt
  }

  clear(): void {
    this.#marks.delete(HALT)
  }
}
