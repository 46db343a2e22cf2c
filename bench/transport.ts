// One message between operators of one process over loopback TCP: direct streams and gossip. Arguments: operators, messages, bytes.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Libp2pTransport } from '../src/p2p/libp2p.ts'
import type { Inbound } from '../src/p2p/transport.ts'
import { eventually } from '../test/support/eventually.ts'
import { addressOf, startNode } from '../test/support/transports.ts'
import { print, quantile, round } from './lib/print.ts'

const OPERATORS = Number(process.argv[2] ?? 4)
const MESSAGES = Number(process.argv[3] ?? 4_000)
const BYTES = Number(process.argv[4] ?? 200)
/** The first messages open streams and warm up the compiler. */
const WARM_UP = 200
const TOPIC = 'bench'

const nodes = await Promise.all(Array.from({ length: OPERATORS }, () => startNode()))
const addresses = nodes.map(addressOf)
for (const node of nodes) node.setPeers(addresses)
await eventually(() => nodes.every((node) => node.connected().length === OPERATORS - 1), 'they do not connect', 120_000)

let arrived: (via: Inbound['via']) => void = () => {}
for (const node of nodes) {
  node.subscribe(TOPIC, async ({ via }) => {
    arrived(via)
    return 'accept'
  })
}

let serial = 0
function payload(): Uint8Array {
  const data = new Uint8Array(BYTES)
  new DataView(data.buffer).setFloat64(0, serial++)
  return data
}

/** Resolves when `count` messages have arrived by `via` after `act`. */
function arrivals(count: number, via: Inbound['via'], act: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count
    arrived = (by) => {
      if (by === via && --left === 0) resolve()
    }
    act().catch(reject)
  })
}

async function measure(
  what: string,
  send: (from: Libp2pTransport, to: Libp2pTransport) => Promise<void>,
): Promise<void> {
  const times: number[] = []
  let cpu = process.cpuUsage()
  for (let i = 0; i < MESSAGES + WARM_UP; i++) {
    if (i === WARM_UP) cpu = process.cpuUsage()
    const [from, to] = [nodes[i % OPERATORS], nodes[(i + 1) % OPERATORS]]
    if (from === undefined || to === undefined) throw new RangeError('no such node')
    const start = performance.now()
    await send(from, to)
    if (i >= WARM_UP) times.push(performance.now() - start)
  }
  const { user, system } = process.cpuUsage(cpu)
  const base = { bench: 'transport', case: what, operators: OPERATORS, bytes: BYTES, unit: 'ms' }
  print({ ...base, quantile: 'p50', value: round(quantile(times, 0.5), 3) })
  print({ ...base, quantile: 'p99', value: round(quantile(times, 0.99), 3) })
  print({ ...base, quantile: 'cpu', value: round((user + system) / 1000 / MESSAGES, 3) })
}

/** One way over a plain socket: what no protocol on TCP can beat. */
async function measureFloor(): Promise<void> {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = connect({ port: address.port, host: '127.0.0.1', noDelay: true })
  const [socket] = await once(server, 'connection')
  let read = 0
  socket.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read % BYTES === 0) arrived('direct')
  })
  await measure('floor: plain TCP', () => arrivals(1, 'direct', async () => client.write(payload())))
  client.destroy()
  server.close()
}

const others = (from: Libp2pTransport) => nodes.filter((node) => node !== from)
await eventually(
  () =>
    Promise.race([
      arrivals(OPERATORS - 1, 'gossip', () => nodes[0]?.publish(TOPIC, payload()) ?? Promise.resolve()).then(
        () => true,
      ),
      new Promise<boolean>((resolve) => setTimeout(resolve, 500, false)),
    ]),
  'gossip does not flow',
  60_000,
)
await measureFloor()
await measure('direct, to one', (from, to) => arrivals(1, 'direct', () => from.send(to.self, TOPIC, payload())))
await measure('direct, to all', (from) =>
  arrivals(OPERATORS - 1, 'direct', () => Promise.all(others(from).map((to) => from.send(to.self, TOPIC, payload())))),
)
await measure('gossip, to all', (from) => arrivals(OPERATORS - 1, 'gossip', () => from.publish(TOPIC, payload())))
await Promise.all(nodes.map((node) => node.stop()))
