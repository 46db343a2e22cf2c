import { LariatError } from '../../util/errors.ts'

/** What a handler gets. `signal` aborts when the client has gone or the time is up. */
export interface ApiRequest {
  readonly query: URLSearchParams
  readonly signal: AbortSignal
}

/** `body` is sent as JSON; `text` as it is, with its content type. */
export type Reply =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }

/** A GET route with an exact path. */
export interface ApiRoute {
  readonly path: string
  readonly handle: (request: ApiRequest) => Promise<Reply> | Reply
}

/** Longest request target, in characters: paths of ours are short and queries have few keys. */
export const MAX_TARGET_LENGTH = 2_048
const PATH_PATTERN = /^\/[A-Za-z0-9/._-]*$/

/** A route, or why there is none. `allow` is set when only the method is wrong. */
export type Match =
  | { readonly route: ApiRoute; readonly query: URLSearchParams }
  | { readonly reply: Reply; readonly allow?: string }

/**
 * Matches exact paths; a trailing slash is tolerated, HEAD counts as GET.
 * @throws LariatError `api.route-invalid` for a malformed path, `api.route-twice` when two routes have one path
 */
export function createRouter(routes: readonly ApiRoute[]): (method: string, target: string) => Match {
  const byPath = new Map<string, ApiRoute>()
  for (const route of routes) {
    if (!PATH_PATTERN.test(route.path) || (route.path !== '/' && route.path.endsWith('/'))) {
      throw new LariatError('api.route-invalid', `route "${route.path}": write a plain path such as /v1/prices`)
    }
    if (byPath.has(route.path)) {
      throw new LariatError('api.route-twice', `two services want the route ${route.path}: rename one of them`)
    }
    byPath.set(route.path, route)
  }
  return (method, target) => {
    if (target.length > MAX_TARGET_LENGTH) return { reply: problem(414, 'api.target-too-long', 'the URL is too long') }
    const [path = '', query = ''] = split(target)
    const route = byPath.get(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)
    if (route === undefined) {
      return { reply: problem(404, 'api.not-found', `no such path; there are ${[...byPath.keys()].sort().join(', ')}`) }
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return { reply: problem(405, 'api.method', 'only GET and HEAD are served'), allow: 'GET, HEAD' }
    }
    return { route, query: new URLSearchParams(query) }
  }
}

/** An error reply: `{error: {code, message}}`. */
export function problem(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } }
}

/** An error that a handler throws to answer 400. */
export function badQuery(message: string): LariatError {
  return new LariatError('api.bad-query', message)
}

/**
 * An unsigned integer of the query; undefined when it is not there.
 * @throws LariatError `api.bad-query`
 */
export function unsigned(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,20}$/.test(text)) throw badQuery(`${name}: expected an unsigned integer, such as ${name}=10`)
  return BigInt(text)
}

function split(target: string): [string, string] {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}
