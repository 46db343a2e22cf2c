import { equalBytes, LariatError, type RoundPartial } from 'lariat/avs'
import type { BeaconSharing } from './sharings.ts'

/** What a gathering can have done with partials. */
export interface PartialScheme {
  /** The signature of any `threshold` partials; not verified. @throws for what is no point */
  combine(partials: readonly RoundPartial[], threshold: number): Uint8Array
  /** Whether partials and the round's signature, which is verified, lie on one polynomial; `used` ones came to the signature. */
  lieTogether(signature: Uint8Array, partials: readonly UsedPartial[], threshold: number): Promise<boolean>
  /** Positions of partials that are not their share's, and whether the search was given up before it was through. */
  findBad(
    sharing: BeaconSharing,
    round: bigint,
    partials: readonly RoundPartial[],
  ): Promise<{ readonly invalid: readonly number[]; readonly exhausted: boolean }>
}

export interface UsedPartial extends RoundPartial {
  readonly used: boolean
}

/** A partial that was found to be false, and the peer that handed it over as its own. */
export interface BadPartial {
  readonly index: number
  readonly peer: string | undefined
}

interface Held extends RoundPartial {
  /** Peer of the author, when it came directly from it; undefined for our own and for what was verified on arrival. */
  readonly peer: string | undefined
  verified: boolean
}

/** The partials of one round by one sharing, as they come in: combined first, looked at one by one only when that fails. */
export class Gathering {
  readonly round: bigint
  readonly sharing: BeaconSharing
  readonly #scheme: PartialScheme
  readonly #held = new Map<number, Held>()
  /**
   * Indices whose partials came to the round's signature, or lie on one polynomial with it and all others: they took part. Some
   * that lie in step may cancel out, so none of them is known to be true by itself, and none is handed on as such.
   */
  readonly #used = new Set<number>()
  /** Whose share was false: it shows as such, whatever comes later. */
  readonly #false = new Set<number>()
  #signature: Uint8Array | undefined
  #isCombining = false
  /** The last search for false ones, under way or done: one at a time. */
  #sifting: Promise<unknown> = Promise.resolve()
  /** Whether who took part was counted. */
  counted = false

  constructor(round: bigint, sharing: BeaconSharing, scheme: PartialScheme) {
    this.round = round
    this.sharing = sharing
    this.#scheme = scheme
  }

  has(index: number): boolean {
    return this.#held.has(index)
  }

  /** False when there is one of this index already: the first stays. */
  add(partial: RoundPartial, peer: string | undefined, verified: boolean): boolean {
    if (this.#held.has(partial.index)) return false
    this.#held.set(partial.index, { ...partial, peer, verified })
    return true
  }

  /** Whether this very partial is known to be its share's. */
  isVerified({ index, signature }: RoundPartial): boolean {
    const held = this.#held.get(index)
    return held?.verified === true && equalBytes(held.signature, signature)
  }

  /** Takes a partial that was verified, in place of whatever there is of its index. */
  confirm(partial: RoundPartial): void {
    this.#held.set(partial.index, { ...partial, peer: undefined, verified: true })
  }

  /** Notes that a partial of this index was false; there is none that would be dropped. */
  reject(index: number, peer: string | undefined, blame: (bad: BadPartial) => void): void {
    this.#false.add(index)
    blame({ index, peer })
  }

  get isEnough(): boolean {
    return this.#held.size >= this.sharing.threshold
  }

  /** Whether the round is known, from here or from elsewhere. */
  get settled(): boolean {
    return this.#signature !== undefined
  }

  /** @param signature the round's, verified */
  settle(signature: Uint8Array): void {
    this.#signature = signature
  }

  /**
   * The round's signature, when enough true partials are there and it is not settled. The first try is over when this returns; false
   * ones are looked for in pieces, and whoever asks meanwhile leaves it to the one at work.
   * @param keep verifies it, the one check that an honest round costs; throws LariatError `rounds.false` when it is not the group's
   * @param blame called for each partial that was found to be false; they are dropped
   */
  async combine(
    keep: (signature: Uint8Array) => void,
    blame: (bad: BadPartial) => void,
  ): Promise<Uint8Array | undefined> {
    if (this.#isCombining) return undefined
    this.#isCombining = true
    try {
      while (this.isEnough && !this.settled) {
        const signature = this.#try(keep)
        if (signature !== undefined) return signature
        const before = this.#held.size
        const dropped = await this.sift(blame)
        if (!dropped && this.#held.size === before) return undefined // nothing to try with that was not tried
      }
      return undefined
    } finally {
      this.#isCombining = false
    }
  }

  /** Looks at all that is neither verified nor used and drops what is false; true when something was. */
  sift(blame: (bad: BadPartial) => void): Promise<boolean> {
    const result = this.#sifting.then(() => this.#sift(blame))
    this.#sifting = result.catch(() => undefined)
    return result
  }

  /** Share indices of which a partial came that was verified or used; call `sift` before. */
  get present(): ReadonlySet<number> {
    const present = [...this.#held.values()].filter(({ index, verified }) => verified || this.#used.has(index))
    return new Set(present.map(({ index }) => index))
  }

  get falseIndices(): ReadonlySet<number> {
    return this.#false
  }

  async #sift(blame: (bad: BadPartial) => void): Promise<boolean> {
    const doubtful = [...this.#held.values()].filter(({ index, verified }) => !verified && !this.#used.has(index))
    if (doubtful.length === 0) return false
    if (await this.#lieTogether()) {
      for (const { index } of doubtful) this.#used.add(index)
      return false
    }
    const { invalid, exhausted } = await this.#scheme.findBad(this.sharing, this.round, doubtful)
    const bad = new Set(invalid)
    for (const [i, one] of doubtful.entries()) {
      if (bad.has(i)) {
        if (this.#held.get(one.index) === one) this.#held.delete(one.index) // else a true one has come in its place
        this.#false.add(one.index)
        blame(one)
      } else if (!exhausted) one.verified = true
    }
    return bad.size > 0
  }

  /** True when all that came lies together with the round's signature, which costs less than to look at them. */
  async #lieTogether(): Promise<boolean> {
    if (this.#signature === undefined) return false
    const all = [...this.#held.values()].map(({ index, signature, verified }) => ({
      ...{ index, signature },
      used: verified || this.#used.has(index),
    }))
    return this.#scheme.lieTogether(this.#signature, all, this.sharing.threshold)
  }

  #try(keep: (signature: Uint8Array) => void): Uint8Array | undefined {
    // verified ones first: what was sifted is not to fail twice
    const chosen = [...this.#held.values()]
      .sort((a, b) => Number(b.verified) - Number(a.verified))
      .slice(0, this.sharing.threshold)
    let signature: Uint8Array
    try {
      signature = this.#scheme.combine(chosen, this.sharing.threshold)
    } catch {
      return undefined // one of them is no point: sifting finds it
    }
    try {
      keep(signature)
      this.settle(signature)
      for (const { index } of chosen) this.#used.add(index)
      return signature
    } catch (error) {
      if (error instanceof LariatError && error.code === 'rounds.false') return undefined
      throw error
    }
  }
}
