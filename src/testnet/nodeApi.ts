import * as z from 'zod'
import { createHttpClient } from '../util/http.ts'

/** What the testnet reads of a node's HTTP API. */
const slotsSchema = z.object({
  slots: z.array(
    z.object({
      slot: z.string().transform(BigInt),
      outcome: z.enum(['landed', 'certified', 'missed']),
      reason: z.string().nullable(),
      triggeredAt: z.number(),
      certificateMs: z.number().nullable(),
      signers: z.array(z.string()),
    }),
  ),
})
const historySchema = z.object({
  rounds: z.array(
    z.object({
      slot: z.string().transform(BigInt),
      prices: z.array(z.object({ feed: z.string().nullable(), answer: z.string().transform(BigInt) })),
    }),
  ),
})
const healthSchema = z.object({
  healthy: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), problem: z.string().optional() })),
})

export type ApiSlot = z.output<typeof slotsSchema>['slots'][number]
export type ApiRound = z.output<typeof historySchema>['rounds'][number]
export type ApiHealth = z.output<typeof healthSchema>

/** For one answer, ms. */
const TIMEOUT_MS = 2_000
/** Of one answer, bytes: 500 slots of a large network. */
const MAX_BYTES = 8 * 1_048_576

/** A node's HTTP API. Every method throws LariatError `http.…` or a ZodError when the node does not answer as it should. */
export interface NodeApi {
  slots(from: bigint): Promise<readonly ApiSlot[]>
  history(from: bigint): Promise<readonly ApiRound[]>
  /** undefined when the node does not answer. */
  health(): Promise<ApiHealth | undefined>
  /** Whether it has signed for a certificate since its start; false when it does not answer. */
  signs(): Promise<boolean>
}

/** A line of `/metrics`, of a counter that begins at 0 with the process. */
const SIGNED = /^lariat_guard_signatures_total\{kind="certify"\} [1-9]/m

export function nodeApi(url: string): NodeApi {
  const http = createHttpClient()
  const get = (path: string) => http.getJson(`${url}${path}`, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
  return {
    slots: async (from) => slotsSchema.parse(await get(`/v1/slots?service=prices&from=${from}&limit=500`)).slots,
    history: async (from) => historySchema.parse(await get(`/v1/prices/history?from=${from}&limit=200`)).rounds,
    async health() {
      try {
        // 503 is an answer too, so not by the client above
        const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
        return healthSchema.parse(await response.json())
      } catch {
        return undefined
      }
    },
    signs: () =>
      http.getText(`${url}/metrics`, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }).then(
        (text) => SIGNED.test(text),
        () => false,
      ),
  }
}
