import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server between a client and a node. */
export interface LyingProxy {
  readonly url: string
  /** Answers it has changed so far. */
  lies(): number
  close(): Promise<void>
}

/** Hands on what the node at `api` says, but for rounds: each has the signature of the round before it, and its randomness. */
export async function lyingProxy(api: string): Promise<LyingProxy> {
  let lies = 0
  const server = createServer(async (request, response) => {
    try {
      const path = request.url ?? '/'
      const { status, text } = await fetched(`${api}${path}`)
      const [, before, round] =
        /^(\/\w+\/public\/)(?:latest|\d+)$/.test(path) && status === 200 ? parts(path, text) : []
      if (before === undefined || round === undefined) {
        response.writeHead(status, { 'content-type': 'application/json' }).end(text)
        return
      }
      const other = JSON.parse((await fetched(`${api}${before}${round - 1}`)).text) as object
      lies++
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...other, round }))
    } catch (error) {
      response.writeHead(502).end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lies: () => lies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function fetched(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url)
  return { status: response.status, text: await response.text() }
}

/** The path without the round, and the round that the answer has. */
function parts(path: string, text: string): readonly [string, string, number] {
  return [path, path.replace(/[^/]+$/, ''), (JSON.parse(text) as { round: number }).round]
}
