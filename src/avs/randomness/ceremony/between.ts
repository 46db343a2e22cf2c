import { type Address, bytesToHex, type Context, type Hex, LariatError, type ServiceConfig } from 'lariat/avs'
import { parseAbi } from 'viem'
import { keyGenerationAbi } from '../abi/keyGeneration.ts'
import { randomnessServiceAbi } from '../abi/randomnessService.ts'
import { allocate } from '../allocation.ts'
import type { Known } from './acts.ts'
import type { Turns } from './order.ts'

/** Of IServiceManager. */
const rowsAbi = parseAbi([
  'function epochRows(uint64 epoch, uint256 from, uint256 count) view returns (address[] operators, bytes[] publicKeys, uint64[] weights)',
])

export interface BetweenOptions
  extends Pick<Context<ServiceConfig>, 'chain' | 'clock' | 'log' | 'operator' | 'shares'> {
  readonly service: Address
  readonly keyGeneration: Address
  readonly turns: Turns
  /** ms that a session which could be opened waits for operators without a usable key, as they would have to be dealt in later. */
  readonly patienceMs: number
}

/** What an operator does between sessions: it registers the key that shares are sealed to, and opens what is due. */
export class Between {
  readonly #options: BetweenOptions
  /** Since when a session could be opened without some operators. */
  #since: number | undefined
  /** A key that was registered once, and the block by which it was. */
  #registered: { readonly key: Hex; readonly block: bigint } | undefined

  constructor(options: BetweenOptions) {
    this.#options = options
  }

  /**
   * Registers our encryption key, unless the chain has it already.
   *
   * A key that is spent is replaced when our shares of its session are kept. One that can serve no more although we have no
   * shares by it is put aside: the network went on without us before we could make them, or the vault is a copy of an older
   * one and gave out a key that had its turn.
   * @param known `assembled`: the newest sharing of which our shares are kept, or none are ours
   * @throws LariatError `chain.…`, `shares.…`
   */
  async register(known: Known & { readonly assembled: bigint }, signal: AbortSignal): Promise<void> {
    const { chain, operator, service, shares, log } = this.#options
    const isOperator = await chain.read({
      ...{ address: service, abi: randomnessServiceAbi, functionName: 'isOperator', args: [operator] },
      block: 'latest',
    })
    if (!isOperator) return
    const [onChain, usable] = await this.#key('latest')
    const { publicKey, c, z } = await shares.encryptionKey()
    const own = bytesToHex(publicKey)
    const isThere = onChain.toLowerCase() === own
    if (isThere && usable) return
    if (isThere || this.#wasRegistered(own, known.final)) {
      const session = await this.#turnOf(own, isThere, known)
      if (session === undefined) return
      log.warn('an encryption key of ours can serve no more: another one takes its place', { publicKey: own })
      await shares.spend(publicKey, session)
      return this.register(known, signal)
    }
    if (this.#registered?.key === own) return // its block is not final yet, or the provider is behind it
    log.info('registering the key that shares will be sealed to', { publicKey: own })
    try {
      const { blockNumber: block } = await chain.write({
        ...{ ...this.#board, functionName: 'registerEncryptionKey', args: [own, c, z] },
        signal,
        intent: { id: `key/encryption/${own}` },
      })
      this.#registered = { key: own, block }
    } catch (error) {
      if (!(error instanceof LariatError) || error.details.error !== 'EncryptionKeyUsed') throw error
      this.#registered = { key: own, block: known.latest }
    }
  }

  #key(block: 'latest' | 'finalized') {
    return this.#options.chain.read({
      ...{ ...this.#board, functionName: 'encryptionKeyOf', args: [this.#options.operator] },
      block,
    })
  }

  /** Whether it was registered by a block that is final. Forgotten then: if it is gone, it may be registered again. */
  #wasRegistered(key: Hex, final: bigint): boolean {
    if (this.#registered?.key !== key || this.#registered.block > final) return false
    this.#registered = undefined
    return true
  }

  /** A session that no use of our key can be later than; undefined while it may have its turn yet, or we may need its secret. */
  async #turnOf(
    own: Hex,
    isThere: boolean,
    { assembled }: { readonly assembled: bigint },
  ): Promise<bigint | undefined> {
    const { chain } = this.#options
    const [onChain, usable] = await this.#key('finalized')
    // in this order: what spent the key is among the sharings up to this one
    const sharing = await chain.read({ ...this.#board, functionName: 'latestSharing', args: [] })
    const session = await chain.read({ ...this.#board, functionName: 'latestSession', args: [] })
    // one more, as it may be opening now
    if (onChain.toLowerCase() !== own) return isThere ? undefined : session + 1n
    return usable || sharing !== assembled ? undefined : session + 1n
  }

  /** Opens a session when one is due and it is our turn. @throws LariatError `chain.…` */
  async open(latest: bigint, session: bigint, signal: AbortSignal): Promise<void> {
    const { chain, clock, service, log, patienceMs, turns } = this.#options
    const [reason, fromBlock] = await this.#due().catch((error: unknown) => {
      // before the first epoch there are no operators to deal to
      if (error instanceof LariatError && error.details.error === 'NoEpoch') return [0, 0n] as const
      throw error
    })
    if (reason === 0 || latest + 1n < fromBlock) {
      this.#since = undefined
      return
    }
    const [epoch, rows] = await chain.read({ ...this.#board, functionName: 'eligibleRows', args: [], block: 'latest' })
    const [operators, , weights] = await chain.read({
      ...{ address: service, abi: rowsAbi, functionName: 'epochRows', args: [epoch, 0n, 2n ** 32n] },
      block: 'latest',
    })
    const weighty = weights.filter((weight) => weight > 0n).length
    this.#since ??= clock.now()
    if (rows.length < weighty && clock.now() - this.#since < patienceMs) return
    const members = rows.map((row) => weights[row] ?? 0n)
    const allocation = allocate(members)
    if (allocation === undefined) {
      throw new LariatError(
        'randomness.allocation',
        `no division of shares fits the weights ${members.join(', ')}: cap the weight of single operators (docs/contracts.md)`,
      )
    }
    if (!turns.isOurs(`${session + 1n}/open`, operators)) return
    const newest = await chain.read({ ...this.#board, functionName: 'latestSession', args: [], block: 'latest' })
    if (newest !== session) return
    const { shares, threshold } = allocation
    log.info('opening a session of key generation', { session: session + 1n, epoch, members: rows.length, threshold })
    await chain.write({
      ...{ ...this.#board, functionName: 'open', args: [rows, shares, threshold] },
      signal,
    })
  }

  #due() {
    return this.#options.chain.read({ ...this.#board, functionName: 'dueReason', args: [], block: 'latest' })
  }

  get #board() {
    return { address: this.#options.keyGeneration, abi: keyGenerationAbi } as const
  }
}
