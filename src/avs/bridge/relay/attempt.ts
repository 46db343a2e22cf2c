import { bytesToHex, type Hex, hexToBytes, type Receipt } from 'lariat/avs'
import { mailboxAbi } from '../abi/mailbox.ts'
import { decodeMessage } from '../message.ts'
import type { Dispatched, TreeView } from '../ports.ts'
import { type Chosen, metadataOf } from './choose.ts'
import { type Failure, lookFailure, sendFailure } from './failures.ts'
import type { Module } from './module.ts'
import type { Records, Sending } from './records.ts'

/** How an attempt ended. `receipt` is undefined where somebody else was quicker. */
export type Attempted = { readonly receipt: Receipt | undefined } | { readonly failure: Failure }

export interface AttemptsOptions {
  readonly module: Module
  readonly records: Records
  /** Gas that a delivery may take. */
  readonly maxGas: bigint
}

/**
 * Brings messages to their mailbox, one at a time. What is sent is written down before, with its metadata, so that after a restart
 * the very same transaction is looked for, and gone on with, before another is made.
 */
export class Attempts {
  readonly #options: AttemptsOptions
  /** The checkpoint of each origin that was delivered under last: its root needs no certificate. */
  readonly #last = new Map<number, Chosen>()

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** What an earlier process, or an attempt that could not be seen to its end, left under way. */
  get underway(): Sending | undefined {
    return this.#options.records.sending
  }

  /** Leaves what is under way to itself. */
  forget(): void {
    this.#options.records.sending = undefined
  }

  /** Goes on with what is under way. */
  async resume(message: Dispatched, { intent, metadata }: Sending, signal: AbortSignal): Promise<Attempted> {
    return this.#send(message, metadata, intent, signal)
  }

  /**
   * Delivers a message, unless it is delivered.
   * @param tree of the origin
   * @param newest covers it
   * @param attempts that failed before
   */
  async deliver(
    origin: number,
    tree: Pick<TreeView, 'checkpoint' | 'proof'>,
    message: Dispatched,
    newest: Chosen,
    attempts: number,
    signal: AbortSignal,
  ): Promise<Attempted> {
    const { module, records } = this.#options
    // one that failed in a block must not pass for this one
    const intent = `bridge/${module.destination.domain}/${message.id}/${attempts}`
    const send = (chosen: Chosen, isBare: boolean) => {
      const metadata = bytesToHex(metadataOf(tree, chosen, message.index, isBare))
      records.sending = { origin, index: message.index, intent, metadata }
      return this.#send(message, metadata, intent, signal)
    }
    try {
      if (await module.delivered(message.id)) return { receipt: undefined }
      const remembered = await this.#remembered(origin, tree, message.index, newest)
      let attempted = await send(remembered ?? newest, remembered !== undefined)
      if ('failure' in attempted && attempted.failure.scope === 'with-certificate') {
        this.#last.delete(origin)
        attempted = await send(newest, false)
      } else if ('receipt' in attempted) this.#last.set(origin, remembered ?? newest)
      return attempted
    } catch (error) {
      return { failure: lookFailure(error, signal) }
    }
  }

  /** A checkpoint that covers the leaf and needs no certificate: the last one, or the newest. */
  async #remembered(
    origin: number,
    tree: Pick<TreeView, 'checkpoint'>,
    leaf: number,
    newest: Chosen,
  ): Promise<Chosen | undefined> {
    const { module } = this.#options
    const last = this.#last.get(origin)
    for (const one of last === undefined ? [newest] : [last, newest]) {
      const { epoch } = one.kept.certificate.statement
      // the block of a fast one may have been undone since
      if (tree.checkpoint(one.checkpoint.index)?.root !== one.checkpoint.root) continue
      if (one.checkpoint.index < leaf || !(await module.isLive(epoch))) continue
      if (await module.isRemembered(origin, epoch, one.checkpoint)) return one
    }
    return undefined
  }

  async #send(message: Dispatched, metadata: Hex, intent: string, signal: AbortSignal): Promise<Attempted> {
    const { module, records, maxGas } = this.#options
    const { chain, mailbox: address } = module.destination
    const call = { address, abi: mailboxAbi, functionName: 'process', args: [metadata, message.encoded] } as const
    try {
      const receipt = await chain.write({ ...call, signal, intent: { id: intent }, maxGas })
      records.sending = undefined
      return { receipt }
    } catch (error) {
      const failure = sendFailure(error, signal)
      // how one ends that may be in a pool, or in a block that could not be seen, nobody knows
      if (!mayBeUnderway(failure)) records.sending = undefined
      if (failure.scope === 'delivered') return { receipt: undefined }
      return this.#explained(message, failure)
    }
  }

  /** A message that was refused may be delivered by now, or be for somebody else’s module. @throws LariatError `chain.…` */
  async #explained({ id, encoded }: Dispatched, failure: Failure): Promise<Attempted> {
    const { module } = this.#options
    if (failure.scope !== 'message' || failure.reason === 'gas-limit') return { failure }
    if (await module.delivered(id)) return { receipt: undefined }
    const { recipient } = decodeMessage(hexToBytes(encoded))
    return { failure: (await module.judges(recipient)) ? failure : { ...failure, reason: 'other-module' } }
  }
}

function mayBeUnderway(failure: Failure): boolean {
  return failure.scope === 'stopping' || (failure.scope === 'destination' && failure.reason !== 'module-paused')
}
