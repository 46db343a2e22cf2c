import { type Address, bytesToHex, type Hex, LariatError, type Schedule } from 'lariat/avs'

/** The group key, when its rounds are, and what it is called by. It lasts; sharings of it come and go. */
export interface Group {
  /** G2, compressed, 96 bytes. */
  readonly publicKey: Uint8Array
  readonly schedule: Schedule
  /** 32 bytes: id of the session that made the key. */
  readonly groupHash: Hex
  /** 32 bytes: what drand's clients know the beacon by. */
  readonly chainHash: Hex
}

/** One split of the group's secret, as far as rounds need it. */
export interface BeaconSharing {
  /** Number from 1. */
  readonly sharing: bigint
  /** First round that is made with it. */
  readonly switchRound: bigint
  readonly threshold: number
  /** Members own consecutive share indices in this order. */
  readonly members: readonly { readonly operator: Address; readonly shares: number }[]
  /** A_0..A_{t-1}, 192 bytes each: G2, unpadded affine. */
  readonly polynomial: Uint8Array
}

/** Where the beacon learns of the group and its sharings: the ceremony follows them on chain. */
export interface SharingSource {
  /** Undefined until the first key generation has ended. */
  group(): Group | undefined
  /** The sharing that makes `round`; undefined when none is known to. */
  at(round: bigint): BeaconSharing | undefined
  byNumber(sharing: bigint): BeaconSharing | undefined
  /**
   * Whose partials this node may yet need, or that may need its own, once round `latest` is there: who has shares of a sharing that
   * is at work, is to be, or went out not long ago, and whoever is being dealt shares now. Some of them may be no operators of the
   * service any more.
   */
  needed(latest: bigint): readonly Address[]
  /** Calls `handler` after any change; returns the function that ends it. */
  onChange(handler: () => void): () => void
}

/** Sharings that are remembered: the one at work, the next, and a few of the past for whoever is late. */
const MAX_SHARINGS = 8
/**
 * Rounds of a new sharing until those that it has no shares of are let go: more than they must have heard of before they destroy
 * their old ones, as what they hear comes over the connections that end then.
 */
const LET_GO_ROUNDS = 10n

/** The group and its sharings in memory, filled by the ceremony. */
export class SharingBook implements SharingSource {
  #group: Group | undefined
  /** By switch round, ascending. */
  #sharings: readonly BeaconSharing[] = []
  #dealtTo: readonly Address[] = []
  readonly #handlers = new Set<() => void>()

  group(): Group | undefined {
    return this.#group
  }

  at(round: bigint): BeaconSharing | undefined {
    return this.#sharings.findLast(({ switchRound }) => switchRound <= round)
  }

  byNumber(sharing: bigint): BeaconSharing | undefined {
    return this.#sharings.find((one) => one.sharing === sharing)
  }

  needed(latest: bigint): readonly Address[] {
    const live = this.#sharings.filter((_, i) => {
      const next = this.#sharings[i + 1]
      return next === undefined || latest < next.switchRound + LET_GO_ROUNDS
    })
    const all = [...live.flatMap(holdersOf), ...this.#dealtTo]
    return [...new Map(all.map((operator) => [operator.toLowerCase(), operator])).values()]
  }

  /** Who is to have shares by a session that is under way; nobody when none is. */
  expect(operators: readonly Address[]): void {
    if (this.#dealtTo.join() === operators.join()) return
    this.#dealtTo = operators
    this.#tell()
  }

  onChange(handler: () => void): () => void {
    const call = () => handler()
    this.#handlers.add(call)
    return () => {
      this.#handlers.delete(call)
    }
  }

  /**
   * The same group again changes nothing; another one is a new key under a new chain hash, whose sharings begin anew.
   * @throws LariatError `randomness.group` for one of another size
   */
  setGroup(group: Group): void {
    if (group.publicKey.length !== 96) {
      throw new LariatError('randomness.group', `a group key has 96 bytes, not ${group.publicKey.length}`)
    }
    if (this.#group?.chainHash === group.chainHash) return
    this.#group = group
    this.#sharings = []
    this.#tell()
  }

  /**
   * Adds a sharing; the same number again changes nothing.
   * @throws LariatError `randomness.sharing` when it cannot be one: members without the threshold, a polynomial of another
   * length, or a switch before that of an earlier one
   */
  add(sharing: BeaconSharing): void {
    if (this.byNumber(sharing.sharing) !== undefined) return
    const wrong = this.#faultOf(sharing)
    if (wrong !== undefined) {
      throw new LariatError('randomness.sharing', `sharing ${sharing.sharing} ${wrong}`, { sharing: sharing.sharing })
    }
    this.#sharings = [...this.#sharings, sharing].slice(-MAX_SHARINGS)
    this.#tell()
  }

  #faultOf({ sharing, switchRound, threshold, members, polynomial }: BeaconSharing): string | undefined {
    const last = this.#sharings.at(-1)
    const shares = members.reduce((sum, member) => sum + member.shares, 0)
    if (threshold < 1 || threshold > shares) return `has ${shares} shares for a threshold of ${threshold}`
    if (polynomial.length !== threshold * 192) return `has a polynomial of ${polynomial.length} bytes`
    if (last !== undefined && (sharing < last.sharing || switchRound <= last.switchRound)) {
      return `begins at round ${switchRound}, not after sharing ${last.sharing} at ${last.switchRound}`
    }
    return undefined
  }

  #tell(): void {
    for (const handler of [...this.#handlers]) handler()
  }
}

/** The member that owns a share index. */
export function ownerOf({ members }: BeaconSharing, index: number): Address | undefined {
  let next = 0
  for (const { operator, shares } of members) {
    next += shares
    if (index < next) return index < 0 ? undefined : operator
  }
  return undefined
}

/** Members that own shares, in the order of their table. */
export function holdersOf({ members }: BeaconSharing): readonly Address[] {
  return members.filter(({ shares }) => shares > 0).map(({ operator }) => operator)
}

/** True for two spellings of one address. */
export function isSame(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** A chain hash as paths of drand's API have it: 64 hex digits without a prefix. */
export function bareHex(bytes: Uint8Array | Hex): string {
  return (typeof bytes === 'string' ? bytes : bytesToHex(bytes)).slice(2).toLowerCase()
}

/** Members that own shares, the first teller of the round first: they take turns. */
export function inTurn(sharing: BeaconSharing, round: bigint): readonly Address[] {
  const holders = holdersOf(sharing)
  const first = Number(round % BigInt(holders.length))
  return [...holders.slice(first), ...holders.slice(0, first)]
}
