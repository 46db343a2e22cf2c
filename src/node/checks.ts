import { access, constants, statfs } from 'node:fs/promises'
import type { Chain } from '../chain/clients.ts'
import type { Transport } from '../p2p/transport.ts'
import type { Clock } from '../util/clock.ts'
import type { Address } from '../util/hex.ts'
import type { HealthCheck } from './api/health.ts'
import { files } from './files.ts'
import { riskChecks } from './risk/checks.ts'
import type { RiskMonitor } from './risk/monitor.ts'
import type { NodeService } from './service.ts'

/** A head that is older than this is a chain that stands still or a provider that does, ms: two and a half of Ethereum's epochs of missed slots never were. */
const MAX_HEAD_AGE_MS = 120_000
/** Least free space for the guard's record, bytes: a day of it takes 10 MB. */
const MIN_FREE_BYTES = 64 * 1_048_576

export interface CheckedNode {
  readonly chain: Chain
  readonly clock: Clock
  readonly transport: Transport
  readonly operator: Address
  readonly dataDir: string
  readonly services: readonly NodeService[]
  readonly risk: RiskMonitor
}

/** What must hold for this node to do its work. */
export function nodeChecks(node: CheckedNode): HealthCheck[] {
  return [
    { name: 'chain', run: () => checkChain(node) },
    { name: 'guard', run: () => checkGuard(node.dataDir) },
    ...node.services.flatMap((service) => serviceChecks(service, node)),
    ...riskChecks(
      node.risk,
      node.clock,
      node.services.map(({ name }) => name),
    ),
  ]
}

async function checkChain({ chain, clock }: CheckedNode): Promise<string | undefined> {
  // throws, and so tells, when no provider answers
  const block = await chain.providers.ask('the newest block', (client) => client.getBlock({ blockTag: 'latest' }))
  const age = clock.now() - Number(block.timestamp) * 1_000
  return age > MAX_HEAD_AGE_MS
    ? `the newest block is ${Math.round(age / 1_000)} s old: check the providers, and the clock of this machine`
    : undefined
}

async function checkGuard(dataDir: string): Promise<string | undefined> {
  const { guard } = files(dataDir)
  try {
    await access(guard, constants.R_OK | constants.W_OK)
  } catch {
    return `${guard} cannot be written, so nothing is signed: check its rights and the disk`
  }
  const { bavail, bsize } = await statfs(dataDir)
  const free = bavail * bsize
  return free < MIN_FREE_BYTES
    ? `only ${Math.round(free / 1_048_576)} MiB are free in ${dataDir}: make room`
    : undefined
}

function serviceChecks({ name, runner, directory }: NodeService, { transport, operator }: CheckedNode): HealthCheck[] {
  return [
    {
      name: `${name}: peer id`,
      run: () => {
        const registered = directory.peerOf(operator)
        return registered === undefined || registered === transport.self
          ? undefined
          : `the chain has peer id ${registered} for this operator and this node is ${transport.self}: run lariat operator opt-in ${name}, or restore p2p.key`
      },
    },
    {
      name,
      run: async () => {
        const { ok, problems } = await runner.health()
        return ok ? undefined : problems.join('; ')
      },
    },
  ]
}
