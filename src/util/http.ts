import { type Clock, systemClock, until } from './clock.ts'
import { LariatError } from './errors.ts'

export type HttpErrorCode = 'http.status' | 'http.timeout' | 'http.too-large' | 'http.not-json' | 'http.unreachable'

export interface HttpGetOptions {
  /** For the whole exchange, body included. */
  readonly timeoutMs: number
  /** Of the decoded body. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

/** Bounded JSON over HTTP; redirects are not followed, so that a request goes where the configuration says. */
export interface JsonHttpClient {
  /** GET. @throws LariatError with an `HttpErrorCode`; the reason of `signal` when that aborts */
  getJson(url: string, options: HttpGetOptions): Promise<unknown>
}

/** Bounded text over HTTP, for what is not one JSON value. */
export interface TextHttpClient {
  /** GET, as UTF-8. @throws as `JsonHttpClient.getJson`, without `http.not-json` */
  getText(url: string, options: HttpGetOptions): Promise<string>
}

export interface HttpClientOptions {
  readonly clock?: Clock
  /** `fetch` of the platform unless given. */
  readonly fetch?: typeof fetch
  readonly userAgent?: string
}

/** An HTTP client on the platform's fetch. Its errors name a URL without its user, password and query. */
export function createHttpClient(options: HttpClientOptions = {}): JsonHttpClient & TextHttpClient {
  const { clock = systemClock, fetch: doFetch = fetch, userAgent = 'lariat' } = options

  async function getText(url: string, { timeoutMs, maxBytes, signal }: HttpGetOptions): Promise<string> {
    const where = publicUrl(url)
    const { signal: limit, done } = until(clock, clock.now() + timeoutMs, signal)
    try {
      const response = await doFetch(url, {
        redirect: 'manual',
        signal: limit,
        headers: { accept: 'application/json', 'user-agent': userAgent },
      })
      if (response.status < 200 || response.status > 299) {
        await response.body?.cancel()
        throw new LariatError('http.status', `${where} answered ${response.status}`, {
          url: where,
          status: response.status,
        })
      }
      return await readBounded(response, maxBytes, where)
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (error instanceof LariatError) throw error
      if (limit.aborted) {
        throw new LariatError('http.timeout', `${where} did not answer within ${timeoutMs} ms`, {
          url: where,
          timeoutMs,
        })
      }
      throw new LariatError('http.unreachable', `${where} cannot be reached`, { url: where }, innermost(error))
    } finally {
      done()
    }
  }

  return {
    getText,
    getJson: async (url, get) => parse(await getText(url, get), publicUrl(url)),
  }
}

async function readBounded(response: Response, maxBytes: number, where: string): Promise<string> {
  const tooLarge = () =>
    new LariatError('http.too-large', `${where} sent over ${maxBytes} bytes`, { url: where, maxBytes })
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  // leaving the loop early cancels the body, which closes the connection
  for await (const chunk of response.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new LariatError('http.not-json', `${where} did not answer with JSON`, { url: where, bytes: text.length })
  }
}

/** `url` without what may be secret: user, password, query, fragment. */
export function publicUrl(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)'
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** fetch says "fetch failed" and hides the reason in its cause. */
function innermost(error: unknown): unknown {
  let current = error
  while (current instanceof Error && current.cause instanceof Error) current = current.cause
  return current
}
