import { type Abi, BaseError, decodeErrorResult, HttpRequestError, RpcRequestError, TimeoutError } from 'viem'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import { explainRefusal, KNOWN_ERRORS } from './knownErrors.ts'

export type ChainErrorCode =
  | 'chain.unavailable' // no provider gave a usable answer; details.why says how
  | 'chain.reverted' // the contract refused; details.error has the decoded name
  | 'chain.no-contract' // nothing answers at that address
  | 'chain.no-funds' // the account cannot pay for the transaction
  | 'chain.wrong-chain' // a provider serves another chain
  | 'chain.single-provider' // the configuration lacks a second provider
  | 'chain.unknown-event' // the ABI has no such event
  | 'chain.backlogged' // the sender's queue is full
  | 'chain.fee-cap' // the base fee is above what we may pay
  | 'chain.too-much-gas' // more gas than a transaction may have
  | 'chain.rejected' // providers refuse the transaction for good
  | 'chain.not-mined' // given up; it may still land
  | 'chain.inconsistent' // an answer contradicts itself or another one
  | 'chain.lie' // a provider's answer is proven to be false; details.kind says in what
  | 'chain.no-quorum' // too few of the configured providers answer
  | 'chain.contradiction' // providers contradict each other, and nothing proves who is wrong
  | 'chain.reorged' // what was final is not on the chain any more
  | 'chain.unprovable' // a call whose result cannot be proven
  | 'chain.closed'

/**
 * Why a provider's answer could not be used. `unreachable`: no connection. `timeout`. `refused`: it answered with an
 * error. `behind`: it lacks a block that we know of. `malformed`: the answer makes no sense. `false`: it is proven wrong.
 */
export type Unavailability = 'unreachable' | 'timeout' | 'refused' | 'behind' | 'malformed' | 'false'

/**
 * What a provider was proven to have answered falsely. `header`: a block that does not hash to its hash, or is not of the
 * agreed chain. `fork`: a chain that does not descend from a block that all had agreed on. `receipts`: receipts that do
 * not hash to the block's receiptsRoot. `state`: state or code that does not hash to the stateRoot. `call`: another result
 * than the proven state gives.
 */
export type LieKind = 'header' | 'fork' | 'receipts' | 'state' | 'call'

/** An answer that contradicts itself, or what is proven: who gave it lies, or is broken. */
export class Lie extends LariatError<'chain.lie'> {
  readonly kind: LieKind

  constructor(kind: LieKind, message: string) {
    super('chain.lie', message, { kind })
    this.kind = kind
  }
}

/** The error of a provider whose answer cannot be used. */
export function unavailable(why: Unavailability, provider: string, what: string, reason: string): LariatError {
  return new LariatError('chain.unavailable', `${what} from provider ${provider} failed (${why}): ${reason}`, {
    why,
    provider,
    what,
    reason,
  })
}

/** How a `chain.unavailable` came about; undefined for any other error. */
export function unavailability(error: unknown): Unavailability | undefined {
  if (!(error instanceof LariatError) || error.code !== 'chain.unavailable') return undefined
  return error.details.why as Unavailability
}

export function isReverted(error: unknown): error is LariatError {
  return error instanceof LariatError && error.code === 'chain.reverted'
}

/**
 * What a provider threw, as an error of ours. viem's errors are not kept as cause: their texts hold the provider's URL,
 * which often holds a secret, and their `TimeoutError` would pass for an abort.
 * @param section where the configuration has the chain
 */
export function toChainError(error: unknown, provider: string, what: string, section = 'chain'): LariatError {
  if (error instanceof LariatError) return error
  const found = (test: (e: unknown) => boolean) => (error instanceof BaseError ? error.walk(test) : null)
  if (found((e) => e instanceof TimeoutError)) {
    return unavailable('timeout', provider, what, 'no answer in time; raise the timeout or use a nearer provider')
  }
  const http = found((e) => e instanceof HttpRequestError)
  if (http instanceof HttpRequestError) {
    if (http.status !== undefined) return unavailable('refused', provider, what, `HTTP status ${http.status}`)
    return unavailable(
      'unreachable',
      provider,
      what,
      `no connection; check that it runs and that ${section}.rpc is right`,
    )
  }
  const rpc = found((e) => e instanceof RpcRequestError)
  if (rpc instanceof RpcRequestError) return unavailable('refused', provider, what, clip(rpc.details))
  const text = error instanceof BaseError ? error.shortMessage : error instanceof Error ? error.message : String(error)
  return unavailable('malformed', provider, what, clip(text))
}

/** Longest text of a provider that goes into our logs, characters. */
const MAX_REASON = 300

function clip(text: string): string {
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text
}

/** The data of a revert as the provider answered it (`0x` for a revert without data); undefined when it was no revert. */
export function revertData(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined
  const rpc = error.walk((e) => e instanceof RpcRequestError)
  if (!(rpc instanceof RpcRequestError)) return undefined
  if (typeof rpc.data === 'string' && /^0x([0-9a-f]{2})*$/i.test(rpc.data)) return rpc.data as Hex
  // 3 is "execution reverted" since EIP-1474's successors; other clients only say so in words, without data.
  if (rpc.code === 3 || /revert/i.test(rpc.details)) return '0x'
  return undefined
}

/**
 * Name and arguments of a contract's error from its revert data. One that `abi` lacks may come from a contract further in:
 * then its name is looked for among all that we know, and is its selector when nobody knows it.
 */
export function decodeRevert(data: Hex, abi: Abi): { error: string; args: readonly string[] } {
  if (data === '0x') return { error: 'unknown', args: [] }
  for (const known of [abi, KNOWN_ERRORS]) {
    try {
      const decoded = decodeErrorResult({ abi: known, data }) as { errorName: string; args?: readonly unknown[] }
      return { error: decoded.errorName, args: (decoded.args ?? []).map((arg) => clip(String(arg))) }
    } catch {
      // not one of these
    }
  }
  return { error: data.slice(0, 10), args: [] }
}

/** @param what the call, for people: `update on 0x…` */
export function reverted(what: string, data: Hex, abi: Abi): LariatError {
  const { error, args } = decodeRevert(data, abi)
  const why = explainRefusal(error)
  const message = `${what} reverted: ${error}(${args.join(', ')})${why === undefined ? '' : `: ${why}`}`
  return new LariatError('chain.reverted', message, { error, args, what })
}
