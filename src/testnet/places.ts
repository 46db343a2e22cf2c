import type { Ports } from './ports.ts'

/** Where a node listens, and where others reach it. */
export interface Place {
  /** Multiaddrs that it listens on, and that it is dialled at. */
  readonly listen: string
  readonly announce: string
  /** What its HTTP server listens on. */
  readonly api: { readonly host: string; readonly port: number }
  /** Base URL of it. */
  readonly url: string
  /** Whether all nodes have one IP address. */
  readonly loopback: boolean
}

/** Beside the others, on one machine. */
export function loopbackPlace({ api, p2p }: Ports['nodes'][number]): Place {
  const address = `/ip4/127.0.0.1/tcp/${p2p}`
  const host = '127.0.0.1'
  return {
    ...{ listen: address, announce: address, loopback: true },
    ...{ api: { host, port: api }, url: `http://${host}:${api}` },
  }
}

/** What a node listens on unless its configuration says otherwise. */
const P2P_PORT = 9_510
const API_PORT = 9_520

/** With an IP address of its own, which `host` is the name of. */
export function ownPlace(host: string): Place {
  return {
    listen: `/ip4/0.0.0.0/tcp/${P2P_PORT}`,
    announce: `/dns4/${host}/tcp/${P2P_PORT}`,
    api: { host: '0.0.0.0', port: API_PORT },
    url: `http://${host}:${API_PORT}`,
    loopback: false,
  }
}
