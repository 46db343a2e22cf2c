import type { Clock, Hex } from 'lariat/avs'
import { bridgeIsmAbi } from '../abi/bridgeIsm.ts'
import { mailboxAbi } from '../abi/mailbox.ts'
import type { Checkpoint } from '../statements.ts'
import type { Destination } from './ports.ts'

/** ms for which what is known of an epoch is believed: it changes when the next is imported, and a refusal asks anew. */
const EPOCH_MS = 10_000
/** Epochs that are remembered: the module accepts two at a time. */
const MAX_EPOCHS = 16

interface EpochInfo {
  readonly activatesAt: bigint
  readonly acceptedUntil: bigint
  readonly rows: number
}

/** Mailbox and security module of a destination, by the newest block and the word of one provider: for what is sent. */
export class Module {
  readonly destination: Destination
  readonly #clock: Clock
  readonly #services = new Map<number, Hex>()
  readonly #epochs = new Map<bigint, { readonly info: EpochInfo; readonly readAt: number }>()

  constructor(destination: Destination, clock: Clock) {
    this.destination = destination
    this.#clock = clock
  }

  /** The service that messages of an origin are believed by; undefined for none. @throws LariatError `chain.…` */
  async serviceOf(origin: number): Promise<Hex | undefined> {
    const known = this.#services.get(origin)
    if (known !== undefined) return known
    // what is believed for good is no single provider's word
    const service = await this.#chain.read({
      ...this.#ism,
      functionName: 'serviceOf',
      args: [origin],
      block: 'finalized',
    })
    if (BigInt(service) === 0n) return undefined
    // routes are never replaced
    this.#services.set(origin, service)
    return service
  }

  /** Whether something of an epoch is accepted now. @throws LariatError `chain.…` */
  async isLive(epoch: bigint): Promise<boolean> {
    const { activatesAt, acceptedUntil, rows } = await this.#epochInfo(epoch)
    const now = BigInt(Math.floor(this.#clock.now() / 1_000))
    return rows > 0 && activatesAt <= now && now <= acceptedUntil
  }

  /** Whether it was handed over, live or not. @throws LariatError `chain.…` */
  async isKnown(epoch: bigint): Promise<boolean> {
    return (await this.#epochInfo(epoch)).rows > 0
  }

  /** Forgets what was read of epochs. */
  forgetEpochs(): void {
    this.#epochs.clear()
  }

  /** 0 when it was never set up. @throws LariatError `chain.…` */
  async latestEpoch(): Promise<bigint> {
    return this.#chain.read({ ...this.#ism, functionName: 'latestEpoch', args: [], block: 'latest' })
  }

  /** Whether it is paused, and the number of that pause or of the next. @throws LariatError `chain.…` */
  async pauses(): Promise<{ readonly isPaused: boolean; readonly count: bigint }> {
    const call = { ...this.#ism, args: [], block: 'latest' } as const
    const [isPaused, count] = await Promise.all([
      this.#chain.read({ ...call, functionName: 'isPaused' }),
      this.#chain.read({ ...call, functionName: 'pauseCount' }),
    ])
    return { isPaused, count }
  }

  /** Bitmap of rows. @throws LariatError `chain.…` */
  async revokedRows(epoch: bigint): Promise<Hex> {
    return this.#chain.read({ ...this.#ism, functionName: 'revokedRows', args: [epoch], block: 'latest' })
  }

  /** Whether a root needs no certificate any more. @throws LariatError `chain.…` */
  async isRemembered(origin: number, epoch: bigint, checkpoint: Checkpoint): Promise<boolean> {
    const args = [origin, epoch, checkpoint] as const
    return this.#chain.read({ ...this.#ism, functionName: 'isRemembered', args, block: 'latest' })
  }

  /** @throws LariatError `chain.…` */
  async delivered(id: Hex): Promise<boolean> {
    return this.#chain.read({ ...this.#mailbox, functionName: 'delivered', args: [id], block: 'latest' })
  }

  /** The block of a delivery as all providers agree on it; undefined when no final block has one. @throws LariatError `chain.…` */
  async processedAt(id: Hex): Promise<bigint | undefined> {
    const call = { ...this.#mailbox, functionName: 'processedAt', args: [id] } as const
    const block = await this.#chain.read({ ...call, block: 'finalized' })
    return block === 0 ? undefined : BigInt(block)
  }

  /** Who judges the messages to a recipient. @param recipient 32 bytes @throws LariatError `chain.…` */
  async judges(recipient: Hex): Promise<boolean> {
    const address = `0x${recipient.slice(-40)}` as const
    const call = { ...this.#mailbox, functionName: 'recipientIsm', args: [address] } as const
    const ism = await this.#chain.read({ ...call, block: 'latest' })
    return ism.toLowerCase() === this.destination.ism.toLowerCase()
  }

  async #epochInfo(epoch: bigint): Promise<EpochInfo> {
    const known = this.#epochs.get(epoch)
    const now = this.#clock.now()
    if (known !== undefined && now - known.readAt < EPOCH_MS) return known.info
    const info = await this.#chain.read({ ...this.#ism, functionName: 'epochInfo', args: [epoch], block: 'latest' })
    this.#epochs.delete(epoch)
    this.#epochs.set(epoch, { info, readAt: now })
    const [oldest] = this.#epochs.keys()
    if (this.#epochs.size > MAX_EPOCHS && oldest !== undefined) this.#epochs.delete(oldest)
    return info
  }

  get #chain() {
    return this.destination.chain
  }

  get #ism() {
    return { address: this.destination.ism, abi: bridgeIsmAbi } as const
  }

  get #mailbox() {
    return { address: this.destination.mailbox, abi: mailboxAbi } as const
  }
}
