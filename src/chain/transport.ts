import { BaseError, http, RpcRequestError, type Transport } from 'viem'
import type { EigenRpcMetrics } from '../metrics/eigen.ts'
import type { Clock } from '../util/clock.ts'
import { followClientVersion } from './clientVersion.ts'
import type { ChainMetrics, RpcOutcome } from './metrics.ts'

/** Longest wait for one answer, ms: a healthy provider takes under a second, and a slot's path has but a few. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Largest answer, bytes: ranges of logs are halved when theirs is larger; a block with its header only is under 10 kB. */
export const MAX_RESPONSE_BYTES = 10 * 1024 * 1024

/** HTTP to one provider, without retries: those are for whoever knows the other providers and the deadline. */
export function httpTransport(url: string, timeoutMs = REQUEST_TIMEOUT_MS): Transport {
  return http(url, { timeout: timeoutMs, retryCount: 0, maxResponseBodySize: MAX_RESPONSE_BYTES })
}

export interface MeasuredBy {
  readonly chain: ChainMetrics
  readonly eigen: EigenRpcMetrics
}

/** `transport` to one provider with every request counted and timed. */
export function measured(transport: Transport, metrics: MeasuredBy, clock: Clock): Transport {
  return (options) => {
    const inner = transport(options)
    const send = inner.request as (args: unknown, options?: unknown) => Promise<unknown>
    const client = followClientVersion(() => send({ method: 'web3_clientVersion' }), clock)
    const request = async (args: { method: string; params?: unknown }, requestOptions?: unknown) => {
      const { method } = args
      const startedAt = clock.now()
      let outcome: RpcOutcome = 'ok'
      try {
        return await send(args, requestOptions)
      } catch (error) {
        outcome =
          error instanceof BaseError && error.walk((e) => e instanceof RpcRequestError) ? 'refused' : 'unreachable'
        throw error
      } finally {
        const seconds = (clock.now() - startedAt) / 1_000
        metrics.chain.rpcRequests.inc({ method, outcome })
        metrics.chain.rpcSeconds.observe({ method }, seconds)
        const labels = { method, client_version: client.current() }
        metrics.eigen.total.inc(labels)
        metrics.eigen.seconds.observe(labels, seconds)
      }
    }
    return { ...inner, request: request as typeof inner.request }
  }
}
