import { BaseError, http, RpcRequestError, type Transport } from 'viem'
import type { Clock } from '../util/clock.ts'
import type { ChainMetrics, RpcOutcome } from './metrics.ts'

/** Longest wait for one answer, ms: a healthy provider takes under a second, and a slot's path has but a few. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Largest answer, bytes: ranges of logs are halved when theirs is larger; a block with its header only is under 10 kB. */
export const MAX_RESPONSE_BYTES = 10 * 1024 * 1024

/** HTTP to one provider, without retries: those are for whoever knows the other providers and the deadline. */
export function httpTransport(url: string, timeoutMs = REQUEST_TIMEOUT_MS): Transport {
  return http(url, { timeout: timeoutMs, retryCount: 0, maxResponseBodySize: MAX_RESPONSE_BYTES })
}

/** `transport` with every request counted and timed. */
export function measured(transport: Transport, metrics: ChainMetrics, clock: Clock): Transport {
  return (options) => {
    const inner = transport(options)
    const request = async (args: { method: string; params?: unknown }, requestOptions?: unknown) => {
      const startedAt = clock.now()
      let outcome: RpcOutcome = 'ok'
      try {
        return await (inner.request as (a: unknown, o: unknown) => Promise<unknown>)(args, requestOptions)
      } catch (error) {
        outcome =
          error instanceof BaseError && error.walk((e) => e instanceof RpcRequestError) ? 'refused' : 'unreachable'
        throw error
      } finally {
        metrics.rpcRequests.inc({ method: args.method, outcome })
        metrics.rpcSeconds.observe({ method: args.method }, (clock.now() - startedAt) / 1_000)
      }
    }
    return { ...inner, request: request as typeof inner.request }
  }
}
