import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { numberToHex } from 'viem'
import type { Hex } from '../../src/util/hex.ts'
import { forged } from './blocks.ts'

/** Asks the honest node behind. */
export type Forward = (method: string, params: readonly unknown[]) => Promise<unknown>

/** What a liar answers instead of what the node says. */
export type LieAbout = (call: {
  readonly method: string
  readonly params: readonly unknown[]
  readonly forward: Forward
}) => Promise<unknown>

export interface LyingRpc {
  readonly url: string
  /** Host and port. */
  readonly name: string
  /** How it lies from now on; honest while undefined. */
  lie: LieAbout | undefined
  /** Answers nothing from now on. */
  mute: boolean
  close(): Promise<void>
}

/** An HTTP server that speaks JSON-RPC for the node at `target`, and lies when it is told to. */
export async function startLyingRpc(target: string): Promise<LyingRpc> {
  async function post(method: string, params: readonly unknown[]) {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return (await response.json()) as { result?: unknown; error?: { code: number; message: string; data?: unknown } }
  }
  const forward: Forward = async (method, params) => {
    const { result, error } = await post(method, params)
    if (error !== undefined) throw Object.assign(new Error(error.message), { rpc: error })
    return result
  }

  const server = createServer(async (request, response) => {
    const {
      id,
      method,
      params = [],
    } = JSON.parse(await bodyOf(request)) as {
      id: number
      method: string
      params?: readonly unknown[]
    }
    if (rpc.mute) {
      response.writeHead(503).end()
      return
    }
    let answer: object
    try {
      const result = await (rpc.lie ?? (({ method, params }) => forward(method, params)))({ method, params, forward })
      answer = { result }
    } catch (error) {
      answer = { error: (error as { rpc?: object }).rpc ?? { code: -32_000, message: String(error) } }
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const rpc: LyingRpc = {
    url: `http://${name}`,
    name,
    lie: undefined,
    mute: false,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return rpc
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

type Raw = Readonly<Record<string, unknown>>
const noBloom: Hex = `0x${'00'.repeat(256)}`
const isBlock = (method: string) => method === 'eth_getBlockByNumber' || method === 'eth_getBlockByHash'

/** Receipts without any log, as if nothing had happened. */
export const leavingLogsOut: LieAbout = async ({ method, params, forward }) => {
  const result = await forward(method, params)
  if (method === 'eth_getLogs') return []
  if (method === 'eth_getBlockReceipts') {
    return (result as Raw[]).map((receipt) => ({ ...receipt, logs: [], logsBloom: noBloom }))
  }
  return result
}

/** Blocks whose bloom says that they hold no logs, with the hash that the real ones have. */
export const emptyBlooms: LieAbout = async ({ method, params, forward }) => {
  const result = await forward(method, params)
  return isBlock(method) && result !== null ? { ...(result as Raw), logsBloom: noBloom } : result
}

/** Every log says another number. */
export const inventingLogs: LieAbout = async ({ method, params, forward }) => {
  const result = await forward(method, params)
  const invent = (log: Raw) => ({ ...log, data: `0x${'00'.repeat(31)}ff` })
  if (method === 'eth_getLogs') return (result as Raw[]).map(invent)
  if (method === 'eth_getBlockReceipts') {
    return (result as { logs: Raw[] }[]).map((receipt) => ({ ...receipt, logs: receipt.logs.map(invent) }))
  }
  return result
}

/** Calls and storage say 255; the proofs are the real ones, with that value beside them. */
export const wrongStorage: LieAbout = async ({ method, params, forward }) => {
  const result = await forward(method, params)
  if (method === 'eth_call' || method === 'eth_getStorageAt') return `0x${'00'.repeat(31)}ff`
  if (method !== 'eth_getProof') return result
  const proof = result as { storageProof: { proof: Hex[] }[] }
  return {
    ...proof,
    storageProof: proof.storageProof.map((entry) => ({
      ...entry,
      value: '0xff',
      proof: entry.proof.map((node, i) => (i === entry.proof.length - 1 ? (`${node.slice(0, -2)}ff` as Hex) : node)),
    })),
  }
}

/** Calls say 255; everything else is true. */
export const wrongCalls: LieAbout = async ({ method, params, forward }) => {
  const result = await forward(method, params)
  return method === 'eth_call' ? `0x${'00'.repeat(31)}ff` : result
}

/** The right block with a hash that is not its own. */
export const wrongHash: LieAbout = async ({ method, params, forward }) => {
  const result = await forward(method, params)
  return isBlock(method) && result !== null && (result as Raw).number !== '0x0'
    ? { ...(result as Raw), hash: `0x${'ab'.repeat(32)}` }
    : result
}

/** A node that stopped at block `last`. */
export function staleAt(last: bigint): LieAbout {
  return async ({ method, params, forward }) => {
    const [block] = params
    if (method === 'eth_getBlockByNumber') {
      if (block === 'latest' || block === 'finalized') return forward(method, [numberToHex(last), false])
      return BigInt(block as Hex) > last ? null : forward(method, params)
    }
    const at = params.at(-1)
    const hash = method === 'eth_getBlockReceipts' || method === 'eth_getBlockByHash' ? block : hashIn(at)
    if (hash !== undefined) {
      const named = (await forward('eth_getBlockByHash', [hash, false])) as { number: Hex } | null
      if (named === null || BigInt(named.number) > last) {
        throw Object.assign(new Error('header not found'), { rpc: { code: -32_000, message: 'header not found' } })
      }
    }
    if (at === 'latest') return forward(method, [...params.slice(0, -1), numberToHex(last)])
    return forward(method, params)
  }
}

function hashIn(block: unknown): unknown {
  return typeof block === 'object' && block !== null && 'blockHash' in block ? block.blockHash : undefined
}

/** Another branch from block `from` on: its own hashes, well linked, and no logs in it. Calls see the real state. */
export function forkedAt(from: bigint): LieAbout {
  const hashes = new Map<bigint, Hex>()
  async function forge(real: Raw, forward: Forward): Promise<Raw> {
    const number = BigInt(real.number as Hex)
    if (number < from) return real
    let parentHash = real.parentHash as Hex
    if (number > from) {
      const known = hashes.get(number - 1n)
      const parent =
        known ??
        ((await forge((await forward('eth_getBlockByNumber', [numberToHex(number - 1n), false])) as Raw, forward))
          .hash as Hex)
      parentHash = parent
    }
    const block = forged(real, { parentHash, extraData: '0xbad0', logsBloom: noBloom })
    hashes.set(number, block.hash)
    return block
  }
  return async ({ method, params, forward }) => {
    if (method === 'eth_getBlockByNumber') {
      const real = await forward(method, params)
      return real === null ? null : forge(real as Raw, forward)
    }
    const at = params.at(-1)
    if (typeof at === 'object' && at !== null && 'blockHash' in at) {
      const number = [...hashes].find(([, hash]) => hash === at.blockHash)?.[0]
      if (number !== undefined) return forward(method, [...params.slice(0, -1), numberToHex(number)])
    }
    return forward(method, params)
  }
}
