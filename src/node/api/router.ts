import { LariatError } from '../../util/errors.ts'

/** What a handler gets. `signal` aborts when the client has gone or the time is up. */
export interface ApiRequest {
  readonly query: URLSearchParams
  /** Segments of the path that the route has names for. */
  readonly params: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** A header of the request, by its lower-case name. */
  readonly header?: (name: string) => string | undefined
}

/** Where events for one client go. */
export interface EventSink {
  write(text: string): void
  /** Bytes that it has not taken yet. */
  waiting(): number
  /** Ends the connection at once. */
  cut(): void
  /** Aborts when the connection has ended. */
  readonly closed: AbortSignal
}

/**
 * `body` is sent as JSON; `text` and `bytes` as they are, with their content type; `empty` is a status alone; `stream` is handed the
 * client, as server-sent events. Without a `cache-control` of its own nothing is cached.
 */
export type Reply = { readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  | { readonly status: number; readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly status: number; readonly empty: true }
  | { readonly status: 200; readonly stream: (client: EventSink) => void }
)

/** A GET route. */
export interface ApiRoute {
  /** `/v1/prices`, or with parameters, each a whole segment: `/{hash}/public/{round}`. */
  readonly path: string
  /** Characters of a URL and of a parameter, where they are longer than others': at most `MAX_LONG_TARGET`. */
  readonly longest?: number
  readonly handle: (request: ApiRequest) => Promise<Reply> | Reply
}

/** Longest request target, in characters: paths of ours are short and queries have few keys. */
export const MAX_TARGET_LENGTH = 2_048
/** Longest target of a route that says so: the head of a request has 16,384 bytes, and a few headers. */
export const MAX_LONG_TARGET = 14_000
/** Longest parameter: a hash, a number, a name. */
const MAX_PARAMETER = 128
const PATH_PATTERN = /^\/(([A-Za-z0-9._-]*|\{[a-z][A-Za-z0-9]*\})(\/|$))*$/
const PARAMETER = /^\{(.+)\}$/
const VALUE_PATTERN = /^[A-Za-z0-9._-]+$/

/** A route, or why there is none. `allow` is set when only the method is wrong. */
export type Match =
  | { readonly route: ApiRoute; readonly query: URLSearchParams; readonly params: Readonly<Record<string, string>> }
  | { readonly reply: Reply; readonly allow?: string }

/**
 * Matches exact paths first, then those with parameters, the fewest first; a trailing slash is tolerated, HEAD counts as GET.
 * @throws LariatError `api.route-invalid` for a malformed path, `api.route-twice` when two routes have one path
 */
export function createRouter(routes: readonly ApiRoute[]): (method: string, target: string) => Match {
  /** By path, parameters without their names. */
  const byPath = new Map<string, ApiRoute>()
  const patterns: { readonly segments: readonly string[]; readonly route: ApiRoute }[] = []
  for (const route of routes) {
    if (!PATH_PATTERN.test(route.path) || (route.path !== '/' && route.path.endsWith('/'))) {
      throw new LariatError('api.route-invalid', `route "${route.path}": write a plain path such as /v1/prices`)
    }
    if (longestOf(route) > MAX_LONG_TARGET) {
      throw new LariatError(
        'api.route-invalid',
        `route "${route.path}": a URL has at most ${MAX_LONG_TARGET} characters`,
      )
    }
    const segments = route.path.split('/')
    const shape = segments.map((segment) => segment.replace(PARAMETER, '{}')).join('/')
    if (byPath.has(shape)) {
      throw new LariatError('api.route-twice', `two services want the route ${route.path}: rename one of them`)
    }
    byPath.set(shape, route)
    if (shape !== route.path) patterns.push({ segments, route })
  }
  const parameters = ({ segments }: { readonly segments: readonly string[] }) =>
    segments.filter((segment) => PARAMETER.test(segment)).length
  patterns.sort((a, b) => parameters(a) - parameters(b))
  function find(path: string): { route: ApiRoute; params: Readonly<Record<string, string>> } | undefined {
    const exact = path.includes('{') ? undefined : byPath.get(path)
    if (exact !== undefined) return { route: exact, params: {} }
    const asked = path.split('/')
    for (const { segments, route } of patterns) {
      const params = paramsOf(segments, asked, route.longest ?? MAX_PARAMETER)
      if (params !== undefined) return { route, params }
    }
    return undefined
  }
  const longest = routes.reduce((most, route) => Math.max(most, longestOf(route)), MAX_TARGET_LENGTH)
  const tooLong = { reply: problem(414, 'api.target-too-long', 'the URL is too long') }
  return (method, target) => {
    if (target.length > longest) return tooLong
    const [path = '', query = ''] = split(target)
    const found = find(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)
    if (found === undefined) {
      const paths = [...byPath.values()].map((route) => route.path).sort()
      return { reply: problem(404, 'api.not-found', `no such path; there are ${paths.join(', ')}`) }
    }
    if (target.length > longestOf(found.route)) return tooLong
    if (method !== 'GET' && method !== 'HEAD') {
      return { reply: problem(405, 'api.method', 'only GET and HEAD are served'), allow: 'GET, HEAD' }
    }
    return { ...found, query: new URLSearchParams(query) }
  }
}

const longestOf = ({ longest = MAX_TARGET_LENGTH }: ApiRoute): number => longest

/** What the parameters of a route stand for in `asked`; undefined when the path is another. */
function paramsOf(
  segments: readonly string[],
  asked: readonly string[],
  longest: number,
): Record<string, string> | undefined {
  if (segments.length !== asked.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, segment] of segments.entries()) {
    const value = asked[i] ?? ''
    const name = PARAMETER.exec(segment)?.[1]
    if (name === undefined) {
      if (segment !== value) return undefined
    } else {
      if (value.length > longest || !VALUE_PATTERN.test(value)) return undefined
      params[name] = value
    }
  }
  return params
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
