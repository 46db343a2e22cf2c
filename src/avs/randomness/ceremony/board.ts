import {
  type Address,
  type ChainLog,
  type Dealt,
  dealerIndices,
  decodeMembers,
  describeSession,
  type Hex,
  hexToBytes,
  LariatError,
  type Member,
  restHash,
  type Session,
} from 'lariat/avs'

/** A sharing as the chain has it. */
export interface BoardSharing {
  readonly sharing: bigint
  readonly session: bigint
  readonly sessionId: Hex
  /** First round that is signed with it. */
  readonly switchRound: bigint
  readonly threshold: number
  readonly shares: number
  readonly members: readonly Member[]
  /** A_0..A_{t-1}, 192 bytes each. */
  readonly polynomial: Uint8Array
}

/** A dealing that stands on the board: the first one of its dealer. */
export interface Posted extends Dealt {
  readonly payload: Hex
  /** keccak256(ephemeral ‖ sealedShares ‖ proofs), as `fold` takes it. */
  readonly restHash: Hex
}

/** The newest session. Blocks are the last ones of their phase. */
export interface BoardSession {
  readonly facts: Session
  /** Number and Unix second of the block that opened it. */
  readonly openedAt: { readonly block: bigint; readonly timestamp: bigint }
  readonly dealEnd: bigint
  readonly complaintEnd: bigint
  readonly finishEnd: bigint
  /** By lower-case address. */
  readonly dealt: Map<string, Posted>
  /** The contract's reason, by lower-case address. */
  readonly convicted: Map<string, number>
  /** The sum of the commitments of all dealers before that place of their table, as `Folded` told it; at most one for each dealer. */
  readonly sums: Map<number, Hex>
  state: 'open' | 'finished' | 'failed'
}

/** Sharings that are remembered: the one that signs, and the one that is to take over or went before. */
const MAX_SHARINGS = 3

export interface BoardOptions {
  readonly chainId: number
  readonly keyGeneration: Address
}

/**
 * What the final events of KeyGeneration say, applied in their order. The same event again changes nothing, so that a range may
 * be read twice.
 */
export class Board {
  readonly #options: BoardOptions
  readonly #sharings = new Map<bigint, BoardSharing>()
  #session: BoardSession | undefined

  constructor(options: BoardOptions) {
    this.#options = options
  }

  /** The newest session, also when it has ended. */
  get session(): BoardSession | undefined {
    return this.#session
  }

  /** Known sharings, oldest first. */
  sharings(): readonly BoardSharing[] {
    return [...this.#sharings.values()].sort((a, b) => (a.sharing < b.sharing ? -1 : 1))
  }

  /** Adds a sharing that was read from the chain's state. */
  know(sharing: BoardSharing): void {
    this.#sharings.set(sharing.sharing, sharing)
    const [oldest] = this.sharings()
    if (this.#sharings.size > MAX_SHARINGS && oldest !== undefined) this.#sharings.delete(oldest.sharing)
  }

  apply(log: ChainLog): void {
    if (log.eventName === 'SessionOpened') this.#opened(log as ChainLog<OpenedArgs>)
    else if (log.eventName === 'Dealt') this.#dealt(log as ChainLog<DealtArgs>)
    else if (log.eventName === 'Convicted') this.#convicted(log as ChainLog<ConvictedArgs>)
    else if (log.eventName === 'Folded') this.#folded(log as ChainLog<FoldedArgs>)
    else if (log.eventName === 'SessionFailed') this.#failed(log as ChainLog<FailedArgs>)
    else if (log.eventName === 'SharingStarted') this.#started(log as ChainLog<StartedArgs>)
  }

  #of(number: bigint): BoardSession | undefined {
    return this.#session?.facts.session === number ? this.#session : undefined
  }

  #opened({ args, blockNumber: block, blockTimestamp: timestamp }: ChainLog<OpenedArgs>): void {
    const { session, id, fromSharing, members, dealEnd, complaintEnd, finishEnd, epoch, attempt, threshold } = args
    if (this.#session !== undefined && this.#session.facts.session >= session) return
    const previous = fromSharing === 0n ? undefined : this.#sharings.get(fromSharing)
    if (fromSharing !== 0n && previous === undefined) {
      throw new LariatError(
        'randomness.board',
        `session ${session} deals sharing ${fromSharing} anew, which is not known here`,
      )
    }
    const { chainId, keyGeneration } = this.#options
    const facts = describeSession({
      ...{ chainId, keyGeneration, session, epoch, attempt, threshold },
      members: decodeMembers(hexToBytes(members)),
      previous,
    })
    if (facts.id !== id) {
      throw new LariatError(
        'randomness.board',
        `session ${session} has the id ${id} on chain, and ${facts.id} by its facts`,
      )
    }
    this.#session = {
      ...{ facts, dealEnd, complaintEnd, finishEnd },
      openedAt: { block, timestamp },
      dealt: new Map(),
      convicted: new Map(),
      sums: new Map(),
      state: 'open',
    }
  }

  #dealt({ args }: ChainLog<DealtArgs>): void {
    const { session, dealer, payload, commitments, ephemeral, sealedShares, proofs } = args
    const on = this.#of(session)
    if (on === undefined || on.dealt.has(dealer.toLowerCase())) return
    const dealing = {
      commitments: hexToBytes(commitments),
      ephemeral: hexToBytes(ephemeral),
      sealedShares: hexToBytes(sealedShares),
      proofs: hexToBytes(proofs),
    }
    on.dealt.set(dealer.toLowerCase(), { dealer, dealing, payload, restHash: restHash(dealing) })
  }

  #convicted({ args: { session, operator, reason } }: ChainLog<ConvictedArgs>): void {
    this.#of(session)?.convicted.set(operator.toLowerCase(), reason)
  }

  #folded({ args: { session, folded, running } }: ChainLog<FoldedArgs>): void {
    this.#of(session)?.sums.set(folded, running)
  }

  #failed({ args: { session } }: ChainLog<FailedArgs>): void {
    const on = this.#of(session)
    if (on !== undefined) on.state = 'failed'
  }

  #started({ args }: ChainLog<StartedArgs>): void {
    const on = this.#of(args.session)
    if (on === undefined) return
    on.state = 'finished'
    this.know({
      sharing: args.sharing,
      session: args.session,
      sessionId: on.facts.id,
      switchRound: args.switchRound,
      threshold: args.threshold,
      shares: args.shares,
      members: on.facts.members,
      polynomial: hexToBytes(args.polynomial),
    })
  }
}

/** Who owes a dealing in a session: members with shares, or of a resharing those of the old sharing. */
export function dealersOf({ members, previous }: Session): readonly Member[] {
  return (previous?.members ?? members).filter(({ shares }) => shares > 0)
}

/** Who owes a dealing and posted none: of what the contract refused nothing shows whose it was. */
export function absentOf({ facts, dealt }: BoardSession): readonly Address[] {
  return dealersOf(facts)
    .map(({ operator }) => operator)
    .filter((operator) => !dealt.has(operator.toLowerCase()))
}

/** Dealings that count for the key, in the order of their dealers: who dealt and was not convicted. */
export function qualifiedOf({ facts, dealt, convicted }: BoardSession): readonly Posted[] {
  return dealersOf(facts).flatMap(({ operator }) => {
    const posted = dealt.get(operator.toLowerCase())
    return posted === undefined || convicted.has(operator.toLowerCase()) ? [] : [posted]
  })
}

/**
 * The dealings that `fold` takes, in its order, or undefined when too few dealt: fresh, all that qualify; resharing, as many of them
 * as have the first indices up to the old threshold.
 */
export function countingOf(session: BoardSession): readonly Posted[] | undefined {
  const { facts } = session
  const qualified = qualifiedOf(session)
  const needed = facts.previous?.threshold ?? facts.threshold
  const counting: Posted[] = []
  let shares = 0
  for (const posted of qualified) {
    if (facts.previous !== undefined && shares >= needed) break
    counting.push(posted)
    shares += sharesOf(facts, posted.dealer)
  }
  return shares >= needed ? counting : undefined
}

/**
 * Those of `counting` that are not added up yet.
 * @param folded as the contract has it: a place in the dealers' table, in which those that do not count have places, too
 */
export function unfolded({ facts }: BoardSession, counting: readonly Posted[], folded: number): readonly Posted[] {
  const { members, previous } = facts
  const rest = (previous?.members ?? members).slice(folded).map(({ operator }) => operator.toLowerCase())
  return counting.filter(({ dealer }) => rest.includes(dealer.toLowerCase()))
}

function sharesOf(facts: Session, dealer: Address): number {
  if (facts.previous !== undefined) return dealerIndices(facts, dealer).length
  return facts.members.find(({ operator }) => operator.toLowerCase() === dealer.toLowerCase())?.shares ?? 0
}

interface OpenedArgs {
  readonly session: bigint
  readonly id: Hex
  readonly epoch: bigint
  readonly attempt: number
  readonly fromSharing: bigint
  readonly threshold: number
  readonly dealEnd: bigint
  readonly complaintEnd: bigint
  readonly finishEnd: bigint
  readonly members: Hex
}

interface DealtArgs {
  readonly session: bigint
  readonly dealer: Address
  readonly payload: Hex
  readonly commitments: Hex
  readonly ephemeral: Hex
  readonly sealedShares: Hex
  readonly proofs: Hex
}

interface ConvictedArgs {
  readonly session: bigint
  readonly operator: Address
  readonly reason: number
}

interface FoldedArgs {
  readonly session: bigint
  readonly folded: number
  readonly running: Hex
}

interface FailedArgs {
  readonly session: bigint
}

interface StartedArgs {
  readonly sharing: bigint
  readonly session: bigint
  readonly switchRound: bigint
  readonly threshold: number
  readonly shares: number
  readonly polynomial: Hex
}
