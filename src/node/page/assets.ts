import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ApiRequest, ApiRoute, Reply } from '../api/router.ts'
import { problem } from '../api/router.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const INDEX = 'index.html'

/** Nothing but this node's own files and answers: no inline code, no frame, no form, nothing from elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const SECURITY: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

interface Asset {
  readonly plain: Buffer
  readonly packed: Buffer
  readonly type: string
  readonly etag: string
}

/** Where the build puts the page: beside the bundle or its chunks, or in `dist` when run from the sources. */
export function pageFolder(): string {
  const here = import.meta.dirname
  const places = [join(here, 'web'), join(here, '../web'), join(here, '../../../dist/web')]
  return places.find((folder) => existsSync(join(folder, INDEX))) ?? join(here, 'web')
}

/** The page at `/` and its files, whose names hold the hash of what is in them, under `/page/`; read once, here. */
export function pageRoutes(folder: string): ApiRoute[] {
  const assets = new Map(existsSync(folder) ? readdirSync(folder).map((name) => [name, load(join(folder, name))]) : [])
  const index = assets.get(INDEX)
  if (index === undefined) {
    const missing = problem(503, 'page.not-built', 'the status page was not built: run npm run build')
    return [{ path: '/', handle: () => missing }]
  }
  return [
    { path: '/', handle: (request) => reply(request, index, { ...SECURITY, 'cache-control': 'no-cache' }) },
    {
      path: '/page/{file}',
      handle(request) {
        const asset = request.params.file === INDEX ? undefined : assets.get(request.params.file ?? '')
        if (asset === undefined) return problem(404, 'page.no-file', 'the page has no such file: load it again')
        return reply(request, asset, {
          'cache-control': 'public, max-age=31536000, immutable',
          'cross-origin-resource-policy': 'same-origin',
        })
      },
    },
  ]
}

function load(file: string): Asset {
  const plain = readFileSync(file)
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 32)
  return { plain, packed: gzipSync(plain, { level: 9 }), type: TYPES[extname(file)] ?? 'text/plain', etag: `"${hash}"` }
}

function reply({ header }: ApiRequest, asset: Asset, headers: Readonly<Record<string, string>>): Reply {
  const common = { ...headers, etag: asset.etag, vary: 'accept-encoding' }
  if (header?.('if-none-match') === asset.etag) return { status: 304, empty: true, headers: common }
  const isPacked = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(header?.('accept-encoding') ?? '')
  return {
    status: 200,
    bytes: isPacked ? asset.packed : asset.plain,
    contentType: asset.type,
    headers: isPacked ? { ...common, 'content-encoding': 'gzip' } : common,
  }
}
