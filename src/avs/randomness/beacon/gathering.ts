import { equalBytes, LariatError, type RoundPartial } from 'lariat/avs'
import type { BeaconSharing } from './sharings.ts'

/** What a gathering can have done with partials. */
export interface PartialScheme {
  /** The signature of any `threshold` partials; not verified. @throws for what is no point */
  combine(partials: readonly RoundPartial[], threshold: number): Uint8Array
  /** Positions of partials that are not their share's, and whether the search was given up before it was through. */
  findBad(
    sharing: BeaconSharing,
    round: bigint,
    partials: readonly RoundPartial[],
  ): { readonly invalid: readonly number[]; readonly exhausted: boolean }
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
   * Indices whose partials came to the round's signature: they took part. Two that lie in step may cancel out, so none of them is
   * known to be true by itself, and none is handed on as such.
   */
  readonly #used = new Set<number>()
  /** Whose share was false: it shows as such, whatever comes later. */
  readonly #false = new Set<number>()
  /** Whether the round is known, from here or from elsewhere. */
  settled = false
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

  /**
   * The round's signature, when enough true partials are there. `keep` verifies it: the one check that an honest round costs.
   * @param keep throws LariatError `rounds.false` when the signature is not the group's
   * @param blame called for each partial that was found to be false; they are dropped
   */
  combine(keep: (signature: Uint8Array) => void, blame: (bad: BadPartial) => void): Uint8Array | undefined {
    while (this.isEnough) {
      const signature = this.#try(keep)
      if (signature !== undefined) return signature
      if (!this.sift(blame)) return undefined
    }
    return undefined
  }

  /** Looks at all that is neither verified nor used and drops what is false; true when something was. */
  sift(blame: (bad: BadPartial) => void): boolean {
    const doubtful = [...this.#held.values()].filter(({ index, verified }) => !verified && !this.#used.has(index))
    if (doubtful.length === 0) return false
    const { invalid, exhausted } = this.#scheme.findBad(this.sharing, this.round, doubtful)
    const bad = new Set(invalid)
    for (const [i, one] of doubtful.entries()) {
      if (bad.has(i)) {
        this.#held.delete(one.index)
        this.#false.add(one.index)
        blame(one)
      } else if (!exhausted) one.verified = true
    }
    return bad.size > 0
  }

  /** Share indices of which a partial came that was verified or used; call `sift` before. */
  get present(): ReadonlySet<number> {
    const present = [...this.#held.values()].filter(({ index, verified }) => verified || this.#used.has(index))
    return new Set(present.map(({ index }) => index))
  }

  get falseIndices(): ReadonlySet<number> {
    return this.#false
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
      for (const { index } of chosen) this.#used.add(index)
      return signature
    } catch (error) {
      if (error instanceof LariatError && error.code === 'rounds.false') return undefined
      throw error
    }
  }
}
