import { type Address, decodeMembers, hexToBytes, LariatError, type ServiceChain } from 'lariat/avs'
import { keccak256 } from 'viem'
import { keyGenerationAbi } from '../abi/keyGeneration.ts'
import { Board, type BoardSharing } from './board.ts'

/** What the ceremony reads of the board's events. */
const EVENTS = ['SessionOpened', 'Dealt', 'Convicted', 'Folded', 'SessionFailed', 'SharingStarted'] as const

/** Reads the board of one chain's KeyGeneration: state and logs of final blocks only, so that nothing of it is kept here. */
export class BoardReader {
  readonly #chain: ServiceChain
  readonly #address: Address
  /** Blocks of the dealing phase; never changes. */
  #dealBlocks: bigint | undefined

  constructor(chain: ServiceChain, address: Address) {
    this.#chain = chain
    this.#address = address
  }

  /** Number of the newest session and of the newest sharing, 0 for none. @throws LariatError `chain.…` */
  async newest(): Promise<{ session: bigint; sharing: bigint }> {
    const [session, sharing] = await Promise.all([
      this.#chain.read({ ...this.#contract, functionName: 'latestSession', args: [] }),
      this.#chain.read({ ...this.#contract, functionName: 'latestSharing', args: [] }),
    ])
    return { session, sharing }
  }

  /**
   * A session with all that was posted in it up to block `final`, and the sharings that it needs.
   * @throws LariatError `chain.…`, `randomness.board` when the chain contradicts itself
   */
  async open(session: bigint, final: bigint): Promise<Board> {
    const { fromSharing, dealEnd } = await this.#info(session)
    const board = new Board({ chainId: this.#chain.chainId, keyGeneration: this.#address })
    if (fromSharing > 0n) board.know(await this.sharing(fromSharing))
    this.#dealBlocks ??= BigInt(
      (await this.#chain.read({ ...this.#contract, functionName: 'timing', args: [] })).dealBlocks,
    )
    await this.follow(board, session, dealEnd - this.#dealBlocks, final)
    if (board.session === undefined) {
      throw new LariatError('randomness.board', `the logs do not have the opening of session ${session}`, { session })
    }
    return board
  }

  /**
   * Applies a session's events in the blocks `from` to `final`. The next session may have begun before what would have been the
   * last block of this one. @throws LariatError `chain.…`, `randomness.board`
   */
  async follow(board: Board, session: bigint, from: bigint, final: bigint): Promise<void> {
    const { finishEnd } = board.session ?? (await this.#info(session))
    const to = final < finishEnd ? final : finishEnd
    if (from > to) return
    for (const log of await this.#chain.logs({ ...this.#contract, eventName: EVENTS, from, to })) {
      if ((log.args as { session: bigint }).session === session) board.apply(log)
    }
  }

  /** @throws LariatError `chain.…`, `randomness.board` when its polynomial is not in the logs */
  async sharing(number: bigint): Promise<BoardSharing> {
    const info = await this.#chain.read({ ...this.#contract, functionName: 'sharingInfo', args: [number] })
    const [session, members] = await Promise.all([
      this.#info(info.session),
      this.#chain.read({ ...this.#contract, functionName: 'membersOf', args: [info.session] }),
    ])
    const started = await this.#chain.logs({
      ...this.#contract,
      eventName: 'SharingStarted',
      from: session.complaintEnd + 1n,
      to: session.finishEnd,
    })
    const polynomial = started
      .map(({ args }) => args as { sharing: bigint; polynomial: `0x${string}` })
      .find(({ sharing }) => sharing === number)?.polynomial
    if (polynomial === undefined || keccak256(polynomial) !== info.polynomialHash) {
      throw new LariatError(
        'randomness.board',
        `the logs of session ${info.session} do not have the polynomial of sharing ${number}`,
        { sharing: number },
      )
    }
    return {
      sharing: number,
      session: info.session,
      sessionId: session.id,
      switchRound: info.switchRound,
      threshold: info.threshold,
      shares: info.shares,
      members: decodeMembers(hexToBytes(members)),
      polynomial: hexToBytes(polynomial),
    }
  }

  get #contract() {
    return { address: this.#address, abi: keyGenerationAbi } as const
  }

  #info(session: bigint) {
    return this.#chain.read({ ...this.#contract, functionName: 'sessionInfo', args: [session] })
  }
}
