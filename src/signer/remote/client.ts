import { Agent, request as httpsRequest } from 'node:https'
import type { z } from 'zod'
import { type Clock, until } from '../../util/clock.ts'
import { describe, LariatError } from '../../util/errors.ts'
import { hexToBytes } from '../../util/hex.ts'
import { publicUrl } from '../../util/http.ts'
import type { RegistrationProof } from '../proof.ts'
import {
  answers,
  encodeProve,
  encodeSign,
  type GuardAnswer,
  type KeysAnswer,
  MAX_ANSWER_BYTES,
  PATHS,
  type ProveBody,
  type SignBody,
} from './protocol.ts'
import type { TlsMaterial } from './tls.ts'

/** For what no slot waits for, ms: a proof of possession takes the signer half a second on a busy machine. */
const UNHURRIED_MS = 10_000
/** For one signature, ms: the signer's durable write takes milliseconds, a slow disk tens of them; a slot has no more to spare. */
export const SIGNER_TIMEOUT_MS = 2_000
/** Connections that are kept: statements of several services are signed at once, and the signer's guard writes them together. */
const MAX_CONNECTIONS = 8

export interface RemoteClientOptions {
  /** `https://host:port`, without a path. */
  readonly url: string
  readonly tls: TlsMaterial
  readonly clock: Clock
  readonly timeoutMs?: number
}

/**
 * Asks a remote signer. Whatever goes wrong ends as `signer.unavailable` (nobody trustworthy answers there) or
 * as the refusal that the signer gave: `guard.…`, `signer.refused`, `signer.unknown-key`.
 */
export interface RemoteClient {
  /** Where it is, for messages. */
  readonly where: string
  upcheck(signal?: AbortSignal): Promise<void>
  keys(signal?: AbortSignal): Promise<KeysAnswer>
  /** State of its guard, and its clock. The signer writes to its record for this. */
  guard(signal?: AbortSignal): Promise<GuardAnswer>
  /** Signature of the statement under the key of that name, G2 compressed, 96 bytes; unverified. */
  sign(id: string, body: SignBody): Promise<Uint8Array>
  prove(id: string, body: ProveBody): Promise<RegistrationProof>
  close(): void
}

export function createRemoteClient({
  url,
  tls,
  clock,
  timeoutMs = SIGNER_TIMEOUT_MS,
}: RemoteClientOptions): RemoteClient {
  const where = publicUrl(url).replace(/\/$/, '')
  const unhurried = Math.min(UNHURRIED_MS, 5 * timeoutMs)
  const agent = new Agent({
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key.reveal(),
    minVersion: 'TLSv1.3',
  })

  async function ask<T>(schema: z.ZodType<T>, path: string, { body, parent, within = unhurried }: Asking): Promise<T> {
    const { signal, done } = until(clock, clock.now() + within, parent)
    try {
      const { status, text } = await exchange({ agent, url: new URL(path, url), body, signal })
      if (status !== 200) throw refusal(where, status, text)
      const parsed = schema.safeParse(parseJson(text))
      if (!parsed.success) throw unavailable(where, 'answers with something that no signer of this version says')
      return parsed.data
    } catch (error) {
      if (error instanceof LariatError) throw error
      if (parent?.aborted) throw parent.reason
      throw unavailable(where, signal.aborted ? `did not answer within ${within} ms` : words(error), error)
    } finally {
      done()
    }
  }

  return {
    where,
    upcheck: async (signal) => void (await ask(answers.upcheck, PATHS.upcheck, { parent: signal })),
    keys: (signal) => ask(answers.keys, PATHS.keys, { parent: signal }),
    guard: (signal) => ask(answers.guard, PATHS.guard, { parent: signal }),
    async sign(id, body) {
      const { signature } = await ask(answers.sign, PATHS.sign + id, { body: encodeSign(body), within: timeoutMs })
      return hexToBytes(signature)
    },
    async prove(id, body) {
      const { publicKey, proofOfPossession } = await ask(answers.prove, PATHS.prove + id, { body: encodeProve(body) })
      return { publicKey: hexToBytes(publicKey), proofOfPossession: hexToBytes(proofOfPossession) }
    },
    close: () => agent.destroy(),
  }
}

interface Asking {
  readonly body?: string
  readonly parent?: AbortSignal | undefined
  /** ms */
  readonly within?: number
}

interface Exchange {
  readonly agent: Agent
  readonly url: URL
  readonly body: string | undefined
  readonly signal: AbortSignal
}

/** One exchange; repeated once when a kept connection turns out to have been closed: the guard allows the same payload again. */
async function exchange(of: Exchange): Promise<{ status: number; text: string }> {
  const first = await attempt(of)
  const last = first === 'stale' ? await attempt(of) : first
  if (last === 'stale') throw new Error('it closes connections at once')
  return last
}

function attempt({ agent, url, body, signal }: Exchange): Promise<{ status: number; text: string } | 'stale'> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, {
      agent,
      signal,
      method: body === undefined ? 'GET' : 'POST',
      headers:
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    request.on('error', (error) => {
      if (request.reusedSocket && !signal.aborted && 'code' in error && error.code === 'ECONNRESET') resolve('stale')
      else reject(error)
    })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) request.destroy(new Error(`it sent over ${MAX_ANSWER_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    request.end(body)
  })
}

/** Codes that a signer may give as its own; others are not passed on, so that it cannot speak for another part. */
const REFUSALS = /^(guard\.[a-z-]+|signer\.(refused|unknown-key|bad-request|busy))$/

function refusal(where: string, status: number, text: string): LariatError {
  const parsed = answers.error.safeParse(parseJson(text))
  if (!parsed.success) return unavailable(where, `answered ${status}`)
  const { code, message } = parsed.data.error
  if (!REFUSALS.test(code)) return unavailable(where, `answered ${status}: ${message}`)
  return new LariatError(code, `the remote signer at ${where} refused: ${message}`, { where })
}

function unavailable(where: string, why: string, cause?: unknown): LariatError<'signer.unavailable'> {
  return new LariatError(
    'signer.unavailable',
    `the remote signer at ${where} ${why}: see that lariat signer runs there, and signer.url and signer.tls`,
    { where },
    cause,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What an error of the connection means. */
function words(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ECONNREFUSED':
      return 'is not there (connection refused)'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return 'shows a certificate that signer.tls.ca does not vouch for, so it is not trusted'
    case 'CERT_HAS_EXPIRED':
      return 'shows a certificate that has ended'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'shows a certificate for another name than that in signer.url'
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ECONNRESET':
      return 'hung up (it does when it does not know the certificate in signer.tls.cert)'
    default:
      return `cannot be asked (${describe(error)})`
  }
}
