import { type Address, bytesToHex, type Context, LariatError, type ServiceConfig } from 'lariat/avs'
import { parseAbi } from 'viem'
import { keyGenerationAbi } from '../abi/keyGeneration.ts'
import { randomnessServiceAbi } from '../abi/randomnessService.ts'
import { allocate } from '../allocation.ts'
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

  constructor(options: BetweenOptions) {
    this.#options = options
  }

  /** Registers our encryption key, unless the chain has it already. @throws LariatError `chain.…`, `shares.…` */
  async register(signal: AbortSignal): Promise<void> {
    const { chain, operator, service, shares, log } = this.#options
    const isOperator = await chain.read({
      ...{ address: service, abi: randomnessServiceAbi, functionName: 'isOperator', args: [operator] },
      block: 'latest',
    })
    if (!isOperator) return
    const [known] = await chain.read({
      ...{ ...this.#board, functionName: 'encryptionKeyOf', args: [operator] },
      block: 'latest',
    })
    const { publicKey, c, z } = await shares.encryptionKey()
    const own = bytesToHex(publicKey)
    // a key that is spent is replaced when our shares of its session are kept, and its session's block is final
    if (known.toLowerCase() === own) return
    log.info('registering the key that shares will be sealed to', { publicKey: own })
    await chain.write({
      ...{ ...this.#board, functionName: 'registerEncryptionKey', args: [own, c, z] },
      signal,
      intent: { id: `key/encryption/${own}` },
    })
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
