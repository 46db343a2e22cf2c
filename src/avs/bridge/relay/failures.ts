import { describe, LariatError } from 'lariat/avs'
import type { Reason } from './reasons.ts'

/** What became of an attempt that failed, and what waits because of it. */
export type Failure =
  /** Somebody was quicker. */
  | { readonly scope: 'delivered' }
  /** The root is not remembered any more: with its certificate it may go. */
  | { readonly scope: 'with-certificate' }
  | { readonly scope: 'message' | 'route' | 'destination'; readonly reason: Reason; readonly detail: string }
  /** The node stops. */
  | { readonly scope: 'stopping' }

/** What the module says of all messages to it, or of all of an origin. */
const SHARED: Readonly<Record<string, { readonly scope: 'route' | 'destination'; readonly reason: Reason }>> = {
  ModulePaused: { scope: 'destination', reason: 'module-paused' },
  RouteClosed: { scope: 'route', reason: 'route-closed' },
  RouteUnknown: { scope: 'route', reason: 'no-route' },
  EpochNotLive: { scope: 'route', reason: 'epoch-not-here' },
}

/** What mailbox and module refuse of one message, whoever receives it. */
const REFUSED: ReadonlySet<string> = new Set([
  ...['MessageNotVerified', 'MessageForOtherDomain', 'MessageVersion', 'MessageTooShort', 'RecipientNotAddress'],
  ...['MetadataLength', 'MetadataVersion', 'LeafBeyondCheckpoint', 'ProofInvalid'],
  ...['SignedTooLittle', 'SignatureInvalid', 'AggregateKeyInfinite'],
])

/** Errors of sending that pass, and concern all that this node sends to the chain. */
const SENDING: Readonly<Record<string, Reason>> = {
  'chain.fee-cap': 'gas-price',
  'chain.no-funds': 'no-funds',
  'chain.not-mined': 'not-mined',
  'chain.backlogged': 'not-mined',
  'chain.rejected': 'not-mined',
}

/** What an error of sending `Mailbox.process` means. */
export function sendFailure(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { scope: 'stopping' }
  const detail = describe(error)
  if (!(error instanceof LariatError)) return { scope: 'message', reason: 'refused', detail }
  if (error.code === 'chain.reverted') return revertFailure(String(error.details.error), detail)
  if (error.code === 'chain.too-much-gas') return { scope: 'message', reason: 'gas-limit', detail }
  if (!error.code.startsWith('chain.')) return { scope: 'message', reason: 'refused', detail }
  return { scope: 'destination', reason: SENDING[error.code] ?? 'destination-down', detail }
}

/** What an error of a look at the destination means, before anything is sent. */
export function lookFailure(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { scope: 'stopping' }
  const isChain = error instanceof LariatError && error.code.startsWith('chain.')
  if (!isChain) return { scope: 'message', reason: 'refused', detail: describe(error) }
  return { scope: 'destination', reason: 'destination-down', detail: describe(error) }
}

function revertFailure(name: string, detail: string): Failure {
  if (name === 'MessageAlreadyDelivered') return { scope: 'delivered' }
  if (name === 'CheckpointNotRemembered') return { scope: 'with-certificate' }
  const shared = SHARED[name]
  if (shared !== undefined) return { ...shared, detail }
  if (name === 'RateLimited') return { scope: 'message', reason: 'rate-limited', detail }
  return { scope: 'message', reason: REFUSED.has(name) ? 'refused' : 'recipient-reverts', detail }
}
