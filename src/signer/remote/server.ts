import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { LariatError } from '../../util/errors.ts'
import { toJson } from '../../util/json.ts'
import type { Log } from '../../util/log.ts'
import { type Answer, type Asked, failure } from './handler.ts'
import { MAX_REQUEST_BYTES } from './protocol.ts'
import type { TlsMaterial } from './tls.ts'

/** Connections at once: one operator's node keeps eight. */
const MAX_CONNECTIONS = 32
/** Requests in work at once; more are answered 503. */
const MAX_IN_FLIGHT = 64
/** Request head, bytes. */
const MAX_HEADER_BYTES = 8_192
/** For a whole request to arrive, TLS handshake apart, ms. */
const REQUEST_TIMEOUT_MS = 5_000
const HANDSHAKE_TIMEOUT_MS = 5_000
/** Idle connections are kept this long, ms: longer than the slots of slow services, so that a request finds one open. */
const KEEP_ALIVE_MS = 120_000

/** What is in work when the signer stops gets this long, ms; the connection of what does not end is cut. */
const CLOSE_GRACE_MS = 3_000

export interface SignerServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls: TlsMaterial
  readonly handle: (asked: Asked) => Promise<Answer>
  readonly log: Log
}

export interface SignerServer {
  /** `https://host:port` */
  readonly url: string
  /** Takes no more requests and waits for those in work. */
  close(): Promise<void>
}

/**
 * HTTPS that only clients with a known certificate get through (TLS 1.3, both sides). Resolves when it listens.
 * @throws LariatError `signer.listen`
 */
export async function startSignerServer(options: SignerServerOptions): Promise<SignerServer> {
  const { tls, log } = options
  const server = createServer(
    {
      ca: tls.ca,
      cert: tls.cert,
      key: tls.key.reveal(),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    },
    responder(options),
  )
  server.maxConnections = MAX_CONNECTIONS
  server.on('tlsClientError', (error, socket) => {
    log.warn('refused a connection: its certificate is not a known one', {
      from: socket.remoteAddress,
      code: 'code' in error ? String(error.code) : error.message,
    })
  })
  const { address, family, port } = await listen(server, options)
  const url = `https://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  return {
    url,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref()
      }),
  }
}

function listen(server: Server, { host, port }: SignerServerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new LariatError(
          'signer.listen',
          `the signer cannot listen on ${host}:${port}: free the address or change listen.host and listen.port`,
          { host, port },
          error,
        ),
      )
    })
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
  })
}

function responder({ handle, log }: SignerServerOptions) {
  let inFlight = 0
  return (request: IncomingMessage, response: ServerResponse): void => {
    // the server lets nobody else through; should that ever fail, nothing is signed
    if (!(request.socket as TLSSocket).authorized) {
      request.socket.destroy()
      return
    }
    if (inFlight >= MAX_IN_FLIGHT) {
      request.resume()
      write(response, failure(503, 'signer.busy', 'too many requests at once'))
      return
    }
    inFlight++
    answer(request, handle)
      .then((reply) => write(response, reply))
      .catch((error: unknown) => {
        log.warn('a request was not answered', { error })
        response.destroy()
      })
      .finally(() => {
        inFlight--
      })
  }
}

async function answer(request: IncomingMessage, handle: SignerServerOptions['handle']): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = request
  const length = Number(headers['content-length'] ?? 0)
  // a body without a stated length could be of any
  if (headers['transfer-encoding'] !== undefined || !(length <= MAX_REQUEST_BYTES)) {
    request.resume()
    return failure(413, 'signer.bad-request', `a request states its length, and has at most ${MAX_REQUEST_BYTES} bytes`)
  }
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return handle({ method, path: url, body: parseJson(Buffer.concat(chunks).toString('utf8')) })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function write(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return
  const text = 'text' in answer ? answer.text : toJson(answer.body)
  response.writeHead(answer.status, {
    'content-type': 'text' in answer ? answer.contentType : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}
