import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Part } from '../../avs/api.ts'
import { toJson } from '../../util/json.ts'

/** Bytes of a request's head: a path and a few headers. */
const MAX_HEADER_BYTES = 8 * 1024
/** Connections at once: a health check and a few people. */
const MAX_CONNECTIONS = 64

/** A server of nothing but `GET /status`, as JSON. */
export function statusServer(options: {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly status: () => { readonly status: number; readonly body: unknown }
}): Part & { url(): string } {
  const { host, port } = options
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const { status, body } =
      request.url === '/status' && request.method === 'GET'
        ? options.status()
        : { status: 404, body: { error: 'there is nothing but GET /status' } }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(toJson(body))
  })
  server.maxConnections = MAX_CONNECTIONS
  return {
    name: 'status',
    url: () => `http://${host}:${(server.address() as AddressInfo).port}`,
    start: () => listening(server, host, port),
    stop: () => closed(server),
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
