import { createServer, type Server } from 'node:http'

/** A way to an RPC that can be shut. */
export interface RpcGate {
  readonly url: string
  /** While true, every request is answered with 503. */
  down: boolean
  close(): Promise<void>
}

/** Opens one on a free port, before the RPC at `target`. */
export async function startRpcGate(target: string): Promise<RpcGate> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (gate.down) return void response.writeHead(503).end()
    const answer = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.concat(chunks),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const gate = {
    url: `http://127.0.0.1:${address.port}`,
    down: false,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return gate
}
