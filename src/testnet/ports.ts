import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { LariatError } from '../util/errors.ts'

/** Where everything of one testnet listens on 127.0.0.1. */
export interface Ports {
  readonly chain: number
  /** The bridge's other chain. */
  readonly away: number
  readonly venues: number
  readonly nodes: readonly { readonly api: number; readonly p2p: number }[]
  /** Of remote signers. */
  readonly signers: readonly number[]
}

/** Below the ports that Linux hands out for outgoing connections (32,768), so that none of those is in the way later. */
const LOWEST = 20_000
const HIGHEST = 32_000
/** Random places that are tried. */
const TRIES = 20

/** Consecutive ports from `base`. @param remote how many remote signers. @throws LariatError `testnet.ports` when they would pass 65,535 */
export function portsFrom(base: number, operators: number, remote = 0): Ports {
  const nodes = Array.from({ length: operators }, (_, i) => ({ api: base + 2 + 2 * i, p2p: base + 3 + 2 * i }))
  const signers = Array.from({ length: remote }, (_, i) => base + 2 + 2 * operators + i)
  const all = count(operators, remote)
  const ports = { chain: base, venues: base + 1, nodes, signers, away: base + all - 1 }
  if (base < 1 || base + all > 65_536) {
    throw new LariatError('testnet.ports', `--port-base ${base} leaves no room for ${all} ports`, { base })
  }
  return ports
}

/** Consecutive ports that are free now. @throws LariatError `testnet.ports` */
export async function freePorts(operators: number, remote = 0): Promise<Ports> {
  for (let i = 0; i < TRIES; i++) {
    const ports = portsFrom(randomInt(LOWEST, HIGHEST - count(operators, remote)), operators, remote)
    const nodes = ports.nodes.flatMap(({ api, p2p }) => [api, p2p])
    const all = [ports.chain, ports.away, ports.venues, ...nodes, ...ports.signers]
    if ((await Promise.all(all.map(isFree))).every((free) => free)) return ports
  }
  throw new LariatError('testnet.ports', 'found no range of free ports: set --port-base')
}

const count = (operators: number, remote: number) => 3 + 2 * operators + remote

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
