import type { Chain } from '../../chain/clients.ts'
import type { BlockHead } from '../../chain/types.ts'
import type { Libp2pTransport } from '../../p2p/libp2p.ts'
import type { EpochTable } from '../../types/epoch.ts'
import type { Clock } from '../../util/clock.ts'
import type { Address } from '../../util/hex.ts'
import { VERSION } from '../../util/version.ts'
import { healthOf } from '../api/health.ts'
import type { Following } from '../chains/follow.ts'
import { eigenStanding } from '../eigen/standing.ts'
import { type Phases, WHOLE } from '../phases.ts'
import type { RiskMonitor } from '../risk/monitor.ts'
import { riskView } from '../risk/view.ts'
import type { SelfChecks } from '../selfcheck/monitor.ts'
import type { NodeService } from '../service.ts'

export interface OverviewOf {
  readonly operator: Address
  readonly chain: Pick<Chain, 'name' | 'id' | 'heads' | 'providers'>
  readonly chains: readonly Pick<Following, 'port' | 'opened'>[]
  readonly transport: Pick<Libp2pTransport, 'self' | 'connected'>
  readonly services: readonly Pick<NodeService, 'name' | 'contract' | 'runner' | 'epochs' | 'directory'>[]
  readonly checks: Pick<SelfChecks, 'states' | 'refusal'>
  readonly phases: Pick<Phases, 'of'>
  readonly risk: Pick<RiskMonitor, 'current'>
  readonly clock: Clock
  /** ms since the epoch. */
  readonly startedAt: number
}

/** What the status page shows of the node as a whole, by the names of its events. Each part is sent when it changes. */
export interface Overview {
  readonly node: unknown
  readonly checks: unknown
  readonly chains: unknown
  readonly peers: unknown
  readonly services: unknown
  readonly risk: unknown
}

/** Times are Unix seconds. Nothing is in it that the other routes do not tell, and nothing that changes by time alone. */
export async function overviewOf(of: OverviewOf): Promise<Overview> {
  const { operator, chain, chains, transport, services, checks, phases, risk, clock, startedAt } = of
  const names = services.map(({ name }) => name)
  const standing = eigenStanding({ checks, phases, services: names })
  const health = healthOf(checks, names)
  const figures = risk.current()
  return {
    node: {
      version: VERSION,
      operator,
      startedAt: startedAt / 1_000,
      phase: phases.of(WHOLE),
      health: standing.node,
    },
    checks: { ...health, checks: health.checks.map(({ at: _, ...check }) => check) },
    chains: [
      {
        name: chain.name,
        id: chain.id,
        head: headView(chain.heads.current('latest')),
        finalized: headView(chain.heads.current('finalized')),
        providers: chain.providers.count,
        problem: null,
      },
      ...chains.map(furtherView),
    ],
    peers: { self: transport.self, connected: [...transport.connected()].sort() },
    services: await Promise.all(
      services.map((service) => serviceView(service, standing.services.get(service.name), operator, clock)),
    ),
    risk: figures === undefined ? null : riskView(figures),
  }
}

function headView(head: BlockHead | undefined) {
  return head === undefined ? null : { number: head.number, time: Number(head.timestamp) }
}

function furtherView({ port, opened }: OverviewOf['chains'][number]) {
  const heads = opened()?.chain.heads
  return {
    name: port.name,
    id: port.chainId,
    head: headView(heads?.current('latest')),
    finalized: headView(heads?.current('finalized')),
    providers: opened()?.chain.providers.count ?? null,
    problem: port.distrust()?.reason ?? null,
  }
}

async function serviceView(
  { name, contract, runner, epochs, directory }: OverviewOf['services'][number],
  status: string | undefined,
  operator: Address,
  clock: Clock,
) {
  const { problems, connectedWeight, totalWeight } = await runner.health()
  const active = epochs.at(clock.now() / 1_000)
  return {
    name,
    contract,
    status,
    problems,
    connectedWeight,
    totalWeight,
    lines: runner.lines.map((line) => line.name),
    epoch: active === undefined ? null : epochView(active, operator, (member) => directory.peerOf(member)),
  }
}

function epochView(table: EpochTable, operator: Address, peerOf: (operator: Address) => string | undefined) {
  const { number, activatesAt, endsAt, validUntil, quorumBps, totalWeight, members, revokedNow } = table
  return {
    number,
    activatesAt,
    endsAt: endsAt ?? null,
    validUntil,
    quorumBps,
    members: members.map((member) => ({
      operator: member.operator,
      share: totalWeight === 0n ? 0 : Number((member.weight * 10_000n) / totalWeight) / 10_000,
      revoked: revokedNow.has(member.index),
      self: member.operator.toLowerCase() === operator.toLowerCase(),
      peerId: peerOf(member.operator) ?? null,
    })),
  }
}
