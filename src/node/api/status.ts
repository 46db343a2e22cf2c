import type { Chain } from '../../chain/clients.ts'
import type { BlockHead } from '../../chain/types.ts'
import type { Libp2pTransport } from '../../p2p/libp2p.ts'
import type { Clock } from '../../util/clock.ts'
import type { Address } from '../../util/hex.ts'
import { VERSION } from '../../util/version.ts'
import type { Following } from '../chains/follow.ts'
import type { RiskMonitor } from '../risk/monitor.ts'
import { riskView } from '../risk/view.ts'
import type { NodeService } from '../service.ts'
import type { ApiRoute } from './router.ts'

export interface StatusOf {
  readonly operator: Address
  readonly chain: Chain
  readonly transport: Libp2pTransport
  readonly services: readonly NodeService[]
  /** The further chains. */
  readonly chains: readonly Following[]
  readonly risk: Pick<RiskMonitor, 'current'>
  readonly clock: Clock
}

/** `/v1/status`: who this node is and what it sees. Times are Unix seconds, integers of the chain decimal strings. */
export function statusRoute({ operator, chain, chains, transport, services, risk, clock }: StatusOf): ApiRoute {
  const startedAt = clock.now()
  return {
    path: '/v1/status',
    handle: async () => ({
      status: 200,
      body: {
        version: VERSION,
        operator,
        startedAt: startedAt / 1_000,
        now: clock.now() / 1_000,
        chain: {
          id: chain.id,
          head: headView(chain.heads.current('latest')),
          finalized: headView(chain.heads.current('finalized')),
          providers: chain.providers.count,
        },
        chains: chains.map(furtherView),
        p2p: { peerId: transport.self, addresses: transport.multiaddrs(), connected: transport.connected() },
        services: await Promise.all(services.map(serviceView)),
        risk: riskOf(risk),
      },
    }),
  }
}

/** Null before one is known. */
function headView(head: BlockHead | undefined) {
  return head === undefined ? null : { number: head.number, hash: head.hash, timestamp: head.timestamp }
}

/** Heads are null while it is not open; `problem` says why nothing may be signed over it now. */
function furtherView({ port, opened }: Following) {
  const chain = opened()?.chain
  return {
    name: port.name,
    id: port.chainId,
    open: chain !== undefined,
    head: headView(chain?.heads.current('latest')),
    finalized: headView(chain?.heads.current('finalized')),
    providers: chain?.providers.count ?? null,
    problem: port.distrust() ?? null,
  }
}

function riskOf(risk: StatusOf['risk']) {
  const figures = risk.current()
  return figures === undefined ? null : riskView(figures)
}

async function serviceView({ name, contract, runner, epochs, directory }: NodeService) {
  return {
    name,
    id: runner.service,
    contract,
    health: await runner.health(),
    status: runner.status(),
    epochs: epochs
      .tables()
      .map(({ number, activatesAt, endsAt, validUntil, quorumBps, totalWeight, members, revokedNow }) => ({
        number,
        activatesAt,
        endsAt: endsAt ?? null,
        validUntil,
        quorumBps,
        totalWeight,
        members: members.map(({ index, operator, weight }) => ({
          operator,
          weight,
          revoked: revokedNow.has(index),
          peerId: directory.peerOf(operator) ?? null,
        })),
      })),
  }
}
