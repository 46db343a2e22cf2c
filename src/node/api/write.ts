import type { ServerResponse } from 'node:http'
import { toJson } from '../../util/json.ts'
import type { EventSink, Reply } from './router.ts'

/** Writes a reply; a stream stays open. @param head whether only the head is asked for */
export function writeReply(response: ServerResponse, reply: Reply, head: boolean): void {
  if (response.destroyed) return
  const { body, type } = contentOf(reply)
  response.writeHead(reply.status, {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(body === undefined || reply.status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...reply.headers,
  })
  if (!('stream' in reply) || head) {
    response.end(head ? undefined : body)
    return
  }
  response.flushHeaders()
  reply.stream(sinkOf(response))
}

function contentOf(reply: Reply): { readonly body?: string | Uint8Array; readonly type?: string } {
  if ('stream' in reply) return { type: 'text/event-stream; charset=utf-8' }
  if ('empty' in reply) return { body: '' }
  if ('text' in reply) return { body: reply.text, type: reply.contentType }
  if ('bytes' in reply) return { body: reply.bytes, type: reply.contentType }
  return { body: `${toJson(reply.body)}\n`, type: 'application/json; charset=utf-8' }
}

function sinkOf(response: ServerResponse): EventSink {
  const closed = new AbortController()
  const close = () => closed.abort(new DOMException('the client has gone', 'AbortError'))
  response.once('close', close)
  // a connection that breaks is closed, too
  response.on('error', () => {})
  if (response.destroyed) close()
  return {
    write(text) {
      if (!response.destroyed) response.write(text)
    },
    waiting: () => response.writableLength,
    cut: () => void response.destroy(),
    closed: closed.signal,
  }
}
