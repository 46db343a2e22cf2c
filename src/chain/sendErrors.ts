import { BaseError, RpcRequestError } from 'viem'

/**
 * What a provider means by refusing a transaction. JSON-RPC has no codes for it, so the texts of geth, reth, erigon,
 * nethermind, besu and anvil decide. A text that none of these match is `unclear`, and then the state of the chain
 * decides: no choice that could lose or double a transaction hangs on a text alone.
 */
export type SendRefusal =
  | 'known' // the pool has this very transaction
  | 'nonce-too-low' // a transaction with this nonce is in a block
  | 'underpriced' // the pool holds another with this nonce, or the fee is too low
  | 'no-funds'
  | 'rejected' // it can never be valid
  | 'unclear'

const TEXTS: readonly (readonly [SendRefusal, RegExp])[] = [
  ['known', /already known|already imported|alreadyknown|known transaction/i],
  ['nonce-too-low', /nonce too low|nonce is too low|oldnonce|nonce_too_low|nonce less than/i],
  [
    'underpriced',
    /underpriced|could not replace|replacement.*(not allowed|gas price)|less than block base fee|feetoolow/i,
  ],
  ['no-funds', /insufficient funds|insufficient balance|lack of funds|insufficientfunds|upfront_cost_exceeds_balance/i],
  [
    'rejected',
    /intrinsic gas|exceeds (the )?block gas limit|gas limit (is )?too high|gas_limit_cap|gaslimitexceeded|invalid sender|invalid chain id|oversized data|initcode size|tip above fee cap|priority fee.*(higher|greater)/i,
  ],
]

/** Precedence among the answers of several providers: what says most about the transaction first. */
const ORDER: readonly SendRefusal[] = ['known', 'nonce-too-low', 'underpriced', 'no-funds', 'rejected', 'unclear']

/** What whatever `Providers.broadcast` threw means. */
export interface SendFailure {
  readonly refusal: SendRefusal
  /** Whether a provider may hold the transaction all the same: it said so, or its answer was lost or unclear. */
  readonly mayHaveArrived: boolean
}

export function readSendFailure(error: unknown): SendFailure {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error]
  const meanings = new Set(errors.map(meaningOf))
  return {
    refusal: ORDER.find((meaning) => meanings.has(meaning)) ?? 'unclear',
    mayHaveArrived: meanings.has('known') || meanings.has('unclear'),
  }
}

function meaningOf(error: unknown): SendRefusal {
  if (!(error instanceof BaseError)) return 'unclear'
  const rpc = error.walk((e) => e instanceof RpcRequestError)
  if (!(rpc instanceof RpcRequestError)) return 'unclear'
  return TEXTS.find(([, pattern]) => pattern.test(rpc.details))?.[0] ?? 'unclear'
}
