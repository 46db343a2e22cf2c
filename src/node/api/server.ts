import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Part } from '../../avs/api.ts'
import { LATENCY_BUCKETS, type Metrics } from '../../metrics/registry.ts'
import { type Clock, until } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import { writeFileAtomic } from '../../util/files.ts'
import type { Log } from '../../util/log.ts'
import { isOwnHost } from './host.ts'
import { type ApiRequest, type ApiRoute, createRouter, problem, type Reply } from './router.ts'
import { writeReply } from './write.ts'

/** Connections at once: monitoring and a few clients; each costs a file descriptor. */
const MAX_CONNECTIONS = 256
/** Requests in work at once; more are answered 503, so that a flood cannot starve the signing. */
const MAX_IN_FLIGHT = 64
/** Request head, bytes. */
const MAX_HEADER_BYTES = 16_384
/**
 * For the head of a request, ms, from when its connection is open or its first byte is there. A GET has no body to wait for; a browser opens
 * connections before it has anything to ask.
 */
const HEADERS_TIMEOUT_MS = 15_000
/** For a handler to answer, ms. */
const HANDLER_TIMEOUT_MS = 10_000
/** Idle keep-alive connections are closed after this, ms: well above the time between two questions of a status page. */
const KEEP_ALIVE_MS = 20_000
/** What is still being answered gets so long when the server stops, ms. */
const DRAIN_MS = 5_000

const ROUTES = { of: 'paths that are served, and "none"', atMost: 128 }

export interface ApiServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Names besides IP addresses and localhost under which it is asked, where it listens on loopback; others are refused. */
  readonly hosts?: readonly string[]
  readonly routes: readonly ApiRoute[]
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  /** Where the address is written for other programs: `{version, pid, url, host, port}`. */
  readonly addressFile?: string
}

export interface ApiServer extends Part {
  /** `http://host:port`, once started. @throws when it is not */
  url(): string
}

/** The node's one HTTP server. Only GET and HEAD, request bodies are not read. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { host, port, log, addressFile } = options
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS }, responder(options))
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = HEADERS_TIMEOUT_MS
  server.maxConnections = MAX_CONNECTIONS
  let url: string | undefined

  return {
    name: 'api',
    async start() {
      const bound = await listen(server, host, port)
      url = `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
      if (addressFile !== undefined) {
        const entry = { version: 1, pid: process.pid, url, host: bound.address, port: bound.port }
        await writeFileAtomic(addressFile, `${JSON.stringify(entry)}\n`)
      }
      log.info('api listens', { url })
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeIdleConnections()
        // what is still being answered gets its handler's time; then the lifecycle's stop timeout would strike
        setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref()
      }),
    url() {
      if (url === undefined) throw new LariatError('api.not-started', 'the API does not listen yet')
      return url
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new LariatError(
          'api.listen',
          `the API cannot listen on ${host}:${port}: free the address or change api.host and api.port (0 takes a free port)`,
          { host, port },
          error,
        ),
      )
    })
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
  })
}

function responder({ host, hosts = [], routes, log, metrics, clock }: ApiServerOptions) {
  const match = createRouter(routes)
  const requests = metrics.counter({
    name: 'lariat_api_requests_total',
    help: 'HTTP requests answered; route is one of the served paths or "none"',
    labels: { route: ROUTES, status: { of: 'HTTP statuses', atMost: 32 } },
  })
  const seconds = metrics.histogram({
    name: 'lariat_api_request_seconds',
    help: 'Time to answer an HTTP request',
    labels: { route: ROUTES },
    buckets: LATENCY_BUCKETS,
  })
  let inFlight = 0

  return (request: IncomingMessage, response: ServerResponse): void => {
    const began = clock.now()
    const found = match(request.method ?? 'GET', request.url ?? '/')
    const route = 'route' in found ? found.route.path : 'none'
    const finish = (reply: Reply) => {
      if ('allow' in found && found.allow !== undefined) response.setHeader('allow', found.allow)
      writeReply(response, reply, request.method === 'HEAD')
      requests.inc({ route, status: `${reply.status}` })
      seconds.observe({ route }, (clock.now() - began) / 1_000)
    }
    request.resume()
    if (!isOwnHost(request.headers.host, host, hosts)) {
      finish(problem(421, 'api.host', 'asked by a name that is not this node’s: add it to api.hosts'))
      return
    }
    if ('reply' in found) {
      finish(found.reply)
      return
    }
    if (inFlight >= MAX_IN_FLIGHT) {
      finish(problem(503, 'api.busy', 'too many requests at once'))
      return
    }
    inFlight++
    const gone = new AbortController()
    response.once('close', () => gone.abort(new DOMException('the client has gone', 'AbortError')))
    const { signal, done } = until(clock, began + HANDLER_TIMEOUT_MS, gone.signal)
    const header = (name: string) => request.headers[name]?.toString()
    answer(found.route, { query: found.query, params: found.params, signal, header }, log)
      .then(finish)
      .catch((error: unknown) => log.error('api could not answer', { route, error }))
      .finally(() => {
        inFlight--
        done()
      })
  }
}

async function answer(route: ApiRoute, request: ApiRequest, log: Log): Promise<Reply> {
  const { signal } = request
  try {
    const timeUp = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    return await Promise.race([(async () => route.handle(request))(), timeUp])
  } catch (error) {
    if (signal.aborted) return problem(503, 'api.timeout', 'the answer took too long')
    if (error instanceof LariatError) {
      return problem(error.code === 'api.bad-query' ? 400 : 500, error.code, error.message)
    }
    log.error('api handler failed', { route: route.path, error })
    return problem(500, 'api.internal', 'internal error; the log has it')
  }
}
