/** The transactions that a session wants, each made once whoever takes the step. */
import {
  type Address,
  bytesToHex,
  type Context,
  dealingPayload,
  describe,
  type Hex,
  LariatError,
  onChainSignature,
  type ServiceConfig,
  type ShareDealing,
  sleep,
} from 'lariat/avs'
import { keyGenerationAbi } from '../abi/keyGeneration.ts'
import { type BoardSession, countingOf, dealersOf, type Posted } from './board.ts'
import { placeOf } from './order.ts'

export interface ActsOptions
  extends Pick<Context<ServiceConfig>, 'chain' | 'clock' | 'log' | 'operator' | 'shares' | 'deal'> {
  readonly keyGeneration: Address
  /** ms that each rank leaves to the ones before it, when anyone may do a thing. */
  readonly staggerMs: number
}

/** `state` of a session that is not over. */
const UNDER_WAY = 1
/** Polynomials and bytes of one page of `fold`: with 64 shares about 9 million gas, and under a pool's 128 kB. */
const PAGE_POLYNOMIALS = 8
const PAGE_BYTES = 96 * 1024

/** The sums of commitments that `Folded` told, in blocks that may not be final. */
export interface Sums {
  of(session: bigint, folded: number): Hex | undefined
}

export class Acts {
  readonly #options: ActsOptions
  readonly #contract: { readonly address: Address; readonly abi: typeof keyGenerationAbi }

  constructor(options: ActsOptions) {
    this.#options = options
    this.#contract = { address: options.keyGeneration, abi: keyGenerationAbi }
  }

  /** Posts our dealing, the same one however often. @throws LariatError `guard.…`, `shares.…`, `chain.…` */
  async deal({ facts, openedAt }: BoardSession, signal: AbortSignal): Promise<void> {
    const { chain, operator, shares, deal, log } = this.#options
    const dealing = await shares.deal(facts)
    const payload = dealingPayload(facts.id, operator, dealing)
    const { session: slot, epoch, previous } = facts
    const signature = await deal({ epoch, slot, payload, triggeredAt: 1_000 * Number(openedAt.timestamp) })
    log.info('posting our dealing', { session: slot, payload })
    await this.#once('AlreadyDealt', () =>
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

  /** Complains of every dealing that is wrong. What all can see, one of us brings; a wrong share only its recipient can. */
  async examine(session: BoardSession, signal: AbortSignal): Promise<void> {
    const { chain, shares, log, operator } = this.#options
    const { facts } = session
    const dealt = [...session.dealt.values()].filter(({ dealer }) => !session.convicted.has(dealer.toLowerCase()))
    const faults = await shares.examine(facts, dealt)
    for (const [i, fault] of faults.entries()) {
      const posted = dealt[i]
      if (fault === undefined || posted === undefined) continue
      const { dealer } = posted
      log.warn('a dealing is wrong', { session: facts.session, dealer, fault: fault.kind })
      if (fault.kind === 'share') {
        const { polynomial, shareIndex, sharedPoint, c, z } = await shares.complain(facts, posted, fault)
        await this.#once('DealerConvicted', () =>
          chain.write({
            ...this.#contract,
            functionName: 'complainShare',
            args: [
              facts.session,
              dealer,
              polynomial,
              shareIndex,
              dealingArgs(posted.dealing),
              bytesToHex(sharedPoint),
              c,
              z,
            ],
            signal,
            intent: { id: `key/${facts.session}/complain/${dealer}/${operator}` },
          }),
        )
      } else if (fault.kind === 'commitment') {
        await this.#ranked(`${facts.id}/${dealer}`, session, signal, async () => {
          const convicted = await chain.read({
            ...this.#contract,
            functionName: 'isConvicted',
            args: [facts.session, dealer],
            block: 'latest',
          })
          if (convicted) return
          await this.#once('DealerConvicted', () =>
            chain.write({
              ...this.#contract,
              functionName: 'complainCommitment',
              args: [facts.session, dealer, fault.polynomial, fault.k, dealingArgs(posted.dealing)],
              signal,
              intent: { id: `key/${facts.session}/complain/${dealer}` },
            }),
          )
        })
      } else {
        // the contract refuses what has any other fault
        throw new LariatError(
          'randomness.board',
          `the dealing of ${dealer} in session ${facts.session} is wrong (${fault.kind}), and is on the board`,
        )
      }
    }
  }

  /** Adds the next page of what counts to the sum; the last page finishes the session. */
  async fold(session: BoardSession, sums: Sums, signal: AbortSignal): Promise<void> {
    const { facts } = session
    const counting = countingOf(session) ?? []
    const { state, folded } = await this.#info(facts.session)
    if (state !== UNDER_WAY || folded >= counting.length) return
    const page = pageOf(counting.slice(folded), facts.threshold)
    await this.#ranked(`${facts.id}/fold/${folded}`, session, signal, async () => {
      const now = await this.#info(facts.session)
      if (now.state !== UNDER_WAY || now.folded !== folded) return
      const running = folded === 0 ? '0x' : sums.of(facts.session, folded)
      // the block with the page before was not seen yet
      if (running === undefined) return
      await this.#options.chain.write({
        ...this.#contract,
        functionName: 'fold',
        args: [
          facts.session,
          page.map(({ dealer, dealing, restHash }) => ({
            dealer,
            commitments: bytesToHex(dealing.commitments),
            restHash,
          })),
          running,
        ],
        signal,
      })
    })
  }

  /** Ends a session that cannot finish, so that the next one can be opened. */
  fail({ facts, ...session }: BoardSession, signal: AbortSignal): Promise<void> {
    const { chain } = this.#options
    return this.#ranked(`${facts.id}/fail`, { facts, ...session }, signal, async () => {
      const { state } = await this.#info(facts.session)
      if (state !== UNDER_WAY) return
      await chain.write({ ...this.#contract, functionName: 'fail', args: [facts.session], signal })
    })
  }

  #info(session: bigint) {
    const call = { ...this.#contract, functionName: 'sessionInfo', args: [session], block: 'latest' } as const
    return this.#options.chain.read(call)
  }

  /** Leaves it to those before us in an order that all compute, and then does it. */
  async #ranked(seed: string, { facts }: BoardSession, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    const { clock, operator, staggerMs } = this.#options
    // a dealer that is no member any more has as much cause to see the session through
    const all = [...dealersOf(facts), ...facts.members].map((member) => member.operator)
    await sleep(clock, staggerMs * placeOf(seed, all, operator), signal)
    await act()
  }

  /** Takes it for done when the contract says so by this error. */
  async #once(done: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (!(error instanceof LariatError) || error.details.error !== done) throw error
      this.#options.log.debug('somebody was quicker', { error: describe(error) })
    }
  }
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
