import type { Chain } from '../chain/clients.ts'
import type { Deployment } from '../chain/deployment.ts'
import { type OperatorPosition, readPosition } from '../chain/position.ts'
import { secondsPerBlock, takeSnapshot } from '../chain/snapshot.ts'
import { until } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { positionOf, same } from './operator/find.ts'
import { atRisk } from './operator/stake.ts'
import { atBlock, type BlockTimes, list } from './operator/words.ts'

export interface ExitGuardOptions {
  readonly chain: Chain
  readonly deployment: Deployment
  readonly operator: Address
  /** The AVSs that this node serves. */
  readonly served: readonly { readonly name: string; readonly contract: Address }[]
  /** AVSs that the configuration says another program serves (`operator.servedElsewhere`). */
  readonly servedElsewhere: readonly Address[]
  readonly log: Log
}

/** Keeps a node from ending its service to an AVS that can still slash its operator. */
export interface ExitGuard {
  /** Says, as the node stops, where and until when the operator stays slashable; never throws, never takes long. */
  warn(): Promise<void>
}

/** ms for looking at the chain while the node stops: it may be the chain that is gone. */
const WARN_TIMEOUT_MS = 3_000

/**
 * Sees before a node starts that it serves every AVS that can slash its operator, now or when what is pending counts.
 * @throws LariatError `config.unserved` that names those it does not serve, and until when they can slash; what reading throws
 */
export async function openExitGuard(options: ExitGuardOptions): Promise<ExitGuard> {
  const { served, servedElsewhere, log } = options
  const unserved = (await slashableIn(options)).filter(({ avs }) => !served.some(({ contract }) => same(contract, avs)))
  const refused = unserved.filter(({ avs }) => !servedElsewhere.some((address) => same(address, avs)))
  if (refused.length > 0) throw stillSlashable(refused)
  for (const { avs, label, how } of unserved) {
    log.warn('not served by this node, as operator.servedElsewhere says, and it can slash the operator', {
      avs,
      service: label,
      slashable: how,
    })
  }
  return {
    async warn() {
      const { clock } = options.chain
      const { signal, done } = until(clock, clock.now() + WARN_TIMEOUT_MS)
      const late = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      try {
        for (const { avs, label, how } of await Promise.race([slashableIn(options), late])) {
          log.warn('the operator can still be slashed while this node is down: start it again soon', {
            avs,
            service: label,
            slashable: how,
          })
        }
      } catch (error) {
        log.warn('cannot tell where the operator can still be slashed while this node is down', { error })
      } finally {
        done()
      }
    },
  }
}

/** An AVS that can slash, and for how long. */
interface Slasher {
  readonly avs: Address
  readonly label: string
  readonly how: string
}

async function slashableIn(options: ExitGuardOptions): Promise<readonly Slasher[]> {
  const { chain, deployment, operator } = options
  const snapshot = await takeSnapshot(chain)
  const position = await readPosition({ snapshot, deployment, operator })
  if (atRisk(position).length === 0) return []
  const times = { now: snapshot.block, seconds: await secondsPerBlock(chain, snapshot.block) }
  // in which block a set was left is in events only, which are asked for where it matters
  const exact = position.sets.some(({ leavesAfter }) => leavesAfter !== undefined)
    ? await positionOf(options, { ...snapshot, ...times })
    : position
  return describe(exact, options, times)
}

function describe(position: OperatorPosition, { served, deployment }: ExitGuardOptions, times: BlockTimes): Slasher[] {
  const names = [
    ...served.map(({ name, contract }) => [name, contract] as const),
    ...Object.entries(deployment.services),
  ]
  return atRisk(position).map(({ position: { set, member }, until: last }) => ({
    avs: set.avs,
    label: names.find(([, contract]) => same(contract, set.avs))?.[0] ?? set.avs,
    how: Number.isFinite(last)
      ? `through ${atBlock(last, times)}`
      : member
        ? `until ${position.deallocationDelay} blocks after it has left operator set ${set.id}`
        : `until it has taken back what operator set ${set.id} has`,
  }))
}

function stillSlashable(slashers: readonly Slasher[]): LariatError {
  const parts = slashers.map(({ avs, label, how }) => `${label === avs ? avs : `${label} (${avs})`}, ${how}`)
  return new LariatError(
    'config.unserved',
    `the configuration does not list ${list(parts)}: there the operator can still be slashed, so the node does not stop serving it; list it under services again (lariat operator opt-out leaves it), or, if another program serves it, name its address in operator.servedElsewhere`,
    { avs: slashers.map(({ avs }) => avs) },
  )
}
