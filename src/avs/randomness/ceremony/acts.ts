import {
  type Address,
  bytesToHex,
  type Context,
  type DealingFault,
  dealingPayload,
  describe,
  type Hex,
  LariatError,
  onChainSignature,
  type ServiceConfig,
  type Session,
  type ShareDealing,
} from 'lariat/avs'
import { keyGenerationAbi } from '../abi/keyGeneration.ts'
import { type BoardSession, countingOf, dealersOf, type Posted, unfolded } from './board.ts'
import { Landed } from './landed.ts'
import type { Turns } from './order.ts'

export interface ActsOptions extends Pick<Context<ServiceConfig>, 'chain' | 'log' | 'operator' | 'shares' | 'deal'> {
  readonly keyGeneration: Address
  readonly turns: Turns
}

/** `state` of a session that is not over. */
const UNDER_WAY = 1
/** Polynomials and bytes of one page of `fold`: with 64 shares about 9 million gas, and under a pool's 128 kB. */
const PAGE_POLYNOMIALS = 8
const PAGE_BYTES = 96 * 1024
/** Epochs before a session's that are looked through for one in which an operator that left still is. */
const MAX_EPOCHS_BACK = 64n

/** The sums of commitments that `Folded` told, in blocks that may not be final. */
export interface Sums {
  of(session: bigint, folded: number): Hex | undefined
}

/** A dealing that is wrong. */
interface Complaint {
  readonly posted: Posted
  readonly fault: DealingFault
}

/** The newest block, and the last final one that the board shows. */
export interface Known {
  readonly latest: bigint
  readonly final: bigint
}

/** The transactions that a session wants. */
export class Acts {
  readonly #options: ActsOptions
  readonly #contract: { readonly address: Address; readonly abi: typeof keyGenerationAbi }
  readonly #landed = new Landed()
  #made: { readonly id: Hex; readonly dealing: ShareDealing } | undefined
  #examined: { readonly session: bigint; readonly complaints: readonly Complaint[] } | undefined

  constructor(options: ActsOptions) {
    this.#options = options
    this.#contract = { address: options.keyGeneration, abi: keyGenerationAbi }
  }

  /**
   * Posts our dealing, unless it is in a block already that may still become final. It is the same one however often.
   * @throws LariatError `deal.…`, `guard.…`, `shares.…`, `chain.…`
   */
  async deal({ facts, openedAt }: BoardSession, known: Known, signal: AbortSignal): Promise<void> {
    const { chain, operator, log } = this.#options
    const thing = `${facts.id}/deal`
    if (this.#landed.waits(thing, known.final)) return
    const dealing = await this.#dealingOf(facts)
    const payload = dealingPayload(facts.id, operator, dealing)
    const { session: slot, previous } = facts
    const triggeredAt = 1_000 * Number(openedAt.timestamp)
    const { epoch, signature } = await this.#sign(facts.epoch, { slot, payload, triggeredAt })
    log.info('posting our dealing', { session: slot, payload })
    await this.#once(thing, known, ['AlreadyDealt'], () =>
      chain.write({
        ...this.#contract,
        functionName: 'deal',
        args: [
          slot,
          operator,
          epoch,
          dealingArgs(dealing),
          onChainSignature(signature),
          previous === undefined ? '0x' : bytesToHex(previous.polynomial),
        ],
        signal,
        intent: { id: `key/${slot}/deal` },
      }),
    )
  }

  /**
   * Complains of every dealing that is wrong. A wrong share only its recipient can bring, so those come first; what all can see
   * one of us brings. One that cannot be brought now keeps none of the others back.
   * @param shares false once the time for complaints of shares is over
   * @throws LariatError `shares.…`, `chain.…` of the first that could not be brought
   */
  async complain(session: BoardSession, shares: boolean, known: Known, signal: AbortSignal): Promise<void> {
    const open = (await this.#faultsOf(session)).filter(
      ({ posted: { dealer } }) =>
        !session.convicted.has(dealer.toLowerCase()) && !this.#landed.waits(complaintOf(session, dealer), known.final),
    )
    const failures: unknown[] = []
    const isShare = ({ fault }: Complaint) => fault.kind === 'share'
    for (const complaint of [...open.filter(isShare), ...open.filter((one) => !isShare(one))]) {
      try {
        if (!isShare(complaint)) await this.#ofCommitment(session, complaint, known, signal)
        else if (shares) await this.#ofShare(session, complaint, known, signal)
      } catch (error) {
        signal.throwIfAborted()
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Adds the next page of what counts to the sum; the last page finishes the session. */
  async fold(session: BoardSession, sums: Sums, signal: AbortSignal): Promise<void> {
    const { facts } = session
    const { state, folded } = await this.#info(facts.session)
    const rest = unfolded(session, countingOf(session) ?? [], folded)
    if (state !== UNDER_WAY || rest.length === 0) return
    if (!this.#isOurTurn(`${facts.id}/fold/${folded}`, session)) return
    const running = folded === 0 ? '0x' : (sums.of(facts.session, folded) ?? session.sums.get(folded))
    // the block with the page before was not seen yet
    if (running === undefined) return
    const inputs = pageOf(rest, facts.threshold).map(({ dealer, dealing, restHash }) => ({
      dealer,
      commitments: bytesToHex(dealing.commitments),
      restHash,
    }))
    await this.#options.chain.write({
      ...{ ...this.#contract, functionName: 'fold', args: [facts.session, inputs, running] },
      signal,
    })
  }

  /** Ends a session that cannot finish, so that the next one can be opened. */
  async fail(session: BoardSession, signal: AbortSignal): Promise<void> {
    const { id, session: number } = session.facts
    const { state } = await this.#info(number)
    if (state !== UNDER_WAY || !this.#isOurTurn(`${id}/fail`, session)) return
    await this.#options.chain.write({ ...this.#contract, functionName: 'fail', args: [number], signal })
  }

  /** It is much work, and asked for with every block while it cannot be posted. */
  async #dealingOf(facts: Session): Promise<ShareDealing> {
    if (this.#made?.id !== facts.id) this.#made = { id: facts.id, dealing: await this.#options.shares.deal(facts) }
    return this.#made.dealing
  }

  /** Signs a dealing in the session's epoch; an operator that left, in the last one that has it. */
  async #sign(newest: bigint, dealing: { slot: bigint; payload: Hex; triggeredAt: number }) {
    for (let epoch = newest; ; epoch--) {
      try {
        return { epoch, signature: await this.#options.deal({ epoch, ...dealing }) }
      } catch (error) {
        const isAbsent = error instanceof LariatError && error.code === 'deal.not-a-member'
        if (!isAbsent || epoch <= 1n || newest - epoch >= MAX_EPOCHS_BACK) throw error
      }
    }
  }

  /** What is wrong with the session's dealings, looked at once: all of them are final. */
  async #faultsOf({ facts, dealt }: BoardSession): Promise<readonly Complaint[]> {
    if (this.#examined?.session === facts.session) return this.#examined.complaints
    const { shares, log } = this.#options
    const all = [...dealt.values()]
    const faults = await shares.examine(facts, all)
    const complaints = all.flatMap((posted, i) => {
      const fault = faults[i]
      return fault === undefined ? [] : [{ posted, fault }]
    })
    for (const { posted, fault } of complaints) {
      const { dealer } = posted
      // any other fault the contract refuses: chain and node would disagree about what a dealing is
      const known = fault.kind === 'share' || fault.kind === 'commitment'
      log[known ? 'warn' : 'error']('a dealing is wrong', { session: facts.session, dealer, fault: fault.kind })
    }
    this.#examined = { session: facts.session, complaints }
    return complaints
  }

  async #ofShare(
    session: BoardSession,
    { posted, fault }: Complaint,
    known: Known,
    signal: AbortSignal,
  ): Promise<void> {
    const { chain, shares } = this.#options
    const { facts } = session
    if (fault.kind !== 'share') return
    const { polynomial, shareIndex, sharedPoint, c, z } = await shares.complain(facts, posted, fault)
    const proof = [bytesToHex(sharedPoint), c, z] as const
    await this.#once(complaintOf(session, posted.dealer), known, ['AlreadyConvicted'], () =>
      chain.write({
        ...{ ...this.#contract, functionName: 'complainShare' },
        args: [facts.session, posted.dealer, polynomial, shareIndex, dealingArgs(posted.dealing), ...proof],
        signal,
        intent: { id: `key/${facts.session}/complain/${posted.dealer}/share` },
      }),
    )
  }

  async #ofCommitment(
    session: BoardSession,
    { posted, fault }: Complaint,
    known: Known,
    signal: AbortSignal,
  ): Promise<void> {
    const { chain } = this.#options
    const { facts } = session
    const { dealer } = posted
    if (fault.kind !== 'commitment' || !this.#isOurTurn(`${facts.id}/${dealer}`, session)) return
    const call = { ...this.#contract, functionName: 'isConvicted', args: [facts.session, dealer] } as const
    if (await chain.read({ ...call, block: 'latest' })) return
    await this.#once(complaintOf(session, dealer), known, ['AlreadyConvicted'], () =>
      chain.write({
        ...{ ...this.#contract, functionName: 'complainCommitment' },
        args: [facts.session, dealer, fault.polynomial, fault.k, dealingArgs(posted.dealing)],
        signal,
        intent: { id: `key/${facts.session}/complain/${dealer}/commitment` },
      }),
    )
  }

  #info(session: bigint) {
    const call = { ...this.#contract, functionName: 'sessionInfo', args: [session], block: 'latest' } as const
    return this.#options.chain.read(call)
  }

  /** A dealer that is no member any more has as much cause to see the session through. */
  #isOurTurn(thing: string, { facts }: BoardSession): boolean {
    const all = [...dealersOf(facts), ...facts.members].map((member) => member.operator)
    return this.#options.turns.isOurs(thing, all)
  }

  /** Notes where it landed. Takes it for done when the contract says so by one of these errors. */
  async #once(
    thing: string,
    { latest }: Known,
    done: readonly string[],
    write: () => Promise<{ readonly blockNumber: bigint }>,
  ): Promise<void> {
    try {
      this.#landed.note(thing, (await write()).blockNumber)
    } catch (error) {
      if (!(error instanceof LariatError) || !done.includes(String(error.details.error))) throw error
      this.#options.log.debug('somebody was quicker', { error: describe(error) })
      this.#landed.note(thing, latest)
    }
  }
}

function complaintOf({ facts }: BoardSession, dealer: Address): string {
  return `${facts.id}/complaint/${dealer.toLowerCase()}`
}

function dealingArgs(dealing: ShareDealing) {
  return {
    commitments: bytesToHex(dealing.commitments),
    ephemeral: bytesToHex(dealing.ephemeral),
    sealedShares: bytesToHex(dealing.sealedShares),
    proofs: bytesToHex(dealing.proofs),
  }
}

/** As many of the next dealings as fit into one transaction; at least one. */
export function pageOf(rest: readonly Posted[], threshold: number): readonly Posted[] {
  const page: Posted[] = []
  let polynomials = 0
  let bytes = 0
  for (const posted of rest) {
    const size = posted.dealing.commitments.length
    const count = size / (192 * threshold)
    if (page.length > 0 && (polynomials + count > PAGE_POLYNOMIALS || bytes + size > PAGE_BYTES)) break
    page.push(posted)
    polynomials += count
    bytes += size
  }
  return page
}
