import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyService } from '../../src/avs/api.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { generateIdentity } from '../../src/p2p/identity.ts'
import { type Libp2pTransport, startLibp2p } from '../../src/p2p/libp2p.ts'
import { openGuardStore } from '../../src/store/sqlite/guard.ts'
import { systemClock } from '../../src/util/clock.ts'
import { silentLog } from '../../src/util/log.ts'
import { eventually } from './eventually.ts'
import { type Cast, directoryOf, startNode, type TestNode } from './simnet.ts'

/** Operators in this process over libp2p and loopback TCP, on the wall clock, each with a durable guard. */
export interface TcpNet {
  readonly transports: readonly Libp2pTransport[]
  readonly nodes: readonly TestNode[]
  /** Unix second of slot 0. */
  readonly genesis: number
  stop(): Promise<void>
}

/** Resolves when all are connected to each other. @param interval seconds between slots */
export async function startTcpNet(cast: Cast, definition: AnyService, interval: number): Promise<TcpNet> {
  const folder = mkdtempSync(join(tmpdir(), 'lariat-tcpnet-'))
  const transports = await Promise.all(
    cast.operators.map(async () =>
      startLibp2p({
        listen: ['/ip4/127.0.0.1/tcp/0'],
        announce: [],
        identity: await generateIdentity(),
        metrics: createMetrics(),
        log: silentLog,
        clock: systemClock,
        loopback: true,
      }),
    ),
  )
  const peers = transports.map((transport) => ({ id: transport.self, addresses: transport.multiaddrs() }))
  for (const transport of transports) transport.setPeers(peers.filter(({ id }) => id !== transport.self))
  await eventually(
    () => transports.every((transport) => transport.connected().length === cast.operators.length - 1),
    'the operators did not connect to each other',
  )
  const genesis = Math.floor(Date.now() / 1000)
  const directory = directoryOf(
    cast,
    peers.map(({ id }) => id),
  )
  const guards = cast.operators.map((_, index) =>
    openGuardStore(join(folder, `guard-${index}.sqlite`), { create: true }),
  )
  const nodes = await Promise.all(
    transports.map((transport, index) =>
      startNode({
        cast,
        index,
        definition,
        config: { genesis, interval },
        clock: systemClock,
        transport,
        directory,
        guard: guards[index] as (typeof guards)[number],
      }),
    ),
  )
  return {
    transports,
    nodes,
    genesis,
    async stop() {
      await Promise.all(nodes.map(({ runner }) => runner.stop()))
      await Promise.all(transports.map((transport) => transport.stop()))
      for (const guard of guards) guard.close()
      rmSync(folder, { recursive: true })
    },
  }
}
