import { connect, createServer } from 'node:net'
import type { LoadedConfig } from '../config/load.ts'
import type { DoctorLine } from './line.ts'

/** ms for a connection to an address of our own. */
const DIAL_MS = 4_000

interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Ports are free (or the running node's), and announced addresses lead somewhere. */
export async function examineNetwork(
  { p2p, api }: Pick<LoadedConfig, 'p2p' | 'api'>,
  running: boolean,
): Promise<readonly DoctorLine[]> {
  const listens = p2p.listen.map(endpointOf)
  const wanted = [
    ...listens.map((at) => ({ key: 'p2p.listen', at })),
    { key: 'api', at: { host: api.host, port: api.port } },
  ]
  if (running) {
    const text = 'a node runs on this dataDir: its ports are taken by it'
    return [line('pass', text), ...(await examineReach(p2p.announce))]
  }
  const held = await Promise.all(wanted.map(async ({ key, at }) => ({ key, at, server: await hold(at) })))
  try {
    return [
      ...held.map(({ key, at, server }) =>
        server === undefined
          ? line('fail', `${key}: ${at.host}:${at.port} cannot be listened on: stop what uses it, or name another`)
          : line('pass', `${key}: ${at.host}:${at.port} is free`),
      ),
      // while we hold the ports, as the node would
      ...(await examineReach(p2p.announce)),
    ]
  } finally {
    for (const { server } of held) server?.close()
  }
}

async function examineReach(announce: readonly string[]): Promise<DoctorLine[]> {
  if (announce.length === 0) {
    return [line('warn', 'p2p.announce is empty: others reach this node only while it dials them; announce an address')]
  }
  return Promise.all(
    announce.map(async (address) => {
      const { host, port } = endpointOf(address)
      return (await reaches({ host, port }))
        ? line('pass', `p2p.announce: ${address} takes connections from here`)
        : line(
            'warn',
            `p2p.announce: ${address} takes no connection from here: forward the port, or, if your router cannot lead back to itself, try it from another machine`,
          )
    }),
  )
}

/** Of `/ip4/1.2.3.4/tcp/9510`; the configuration has checked the form. */
function endpointOf(address: string): Endpoint {
  const [, , host = '', , port = '0'] = address.split('/')
  return { host, port: Number(port) }
}

async function hold({ host, port }: Endpoint) {
  const server = createServer((socket) => socket.destroy())
  return new Promise<typeof server | undefined>((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => resolve(server))
  })
}

function reaches({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DIAL_MS })
    const end = (reached: boolean) => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

const line = (status: DoctorLine['status'], text: string): DoctorLine => ({ group: 'network', status, text })
