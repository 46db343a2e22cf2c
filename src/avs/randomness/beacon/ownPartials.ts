import { describe, LariatError, type RoundPartial, sleep } from 'lariat/avs'
import type { Gathering } from './gathering.ts'
import type { BeaconPorts, Chain } from './node.ts'
import { releaseAt } from './release.ts'
import { type BeaconSharing, holdersOf, isSame } from './sharings.ts'

/** How soon the vault is asked again when it found a round too early, ms. */
const VAULT_RETRY_MS = 20

/** Makes this operator's partials: never before a round's time by our own clock and the other operators'. */
export class OwnPartials {
  readonly #ports: BeaconPorts
  readonly #stop: AbortSignal

  constructor(ports: BeaconPorts, stop: AbortSignal) {
    this.#ports = ports
    this.#stop = stop
  }

  /**
   * Those of a gathering's round, as soon as they may leave; none when we hold no share, or while nobody wants them any more.
   * @param isWanted asked before each try
   */
  async due(chain: Chain, { round, sharing }: Gathering, isWanted: () => boolean): Promise<readonly RoundPartial[]> {
    const { clock, peerTime, metrics } = this.#ports
    if (!this.#isHolder(sharing)) return []
    const time = chain.timeOf(round)
    let isHeldBack = false
    while (isWanted()) {
      const release = releaseAt(time, clock, peerTime)
      if (release.free) {
        const partials = await this.#askVault(sharing, round)
        if (partials !== undefined) return partials
      }
      const { reason, waitMs } = release.free ? { reason: 'refused' as const, waitMs: VAULT_RETRY_MS } : release
      if (reason !== 'early' && !isHeldBack) {
        metrics.heldBack.inc({ reason })
        isHeldBack = true
      }
      await sleep(clock, waitMs, this.#stop)
    }
    return []
  }

  /** Those of a round that is over, by the sharing at work now; none when we hold no share, or while it is not over for the others. */
  async past(chain: Chain, round: bigint): Promise<readonly RoundPartial[]> {
    const { clock, peerTime, sharings } = this.#ports
    const sharing = sharings.at(chain.current())
    if (sharing === undefined || !this.#isHolder(sharing)) return []
    if (!releaseAt(chain.timeOf(round), clock, peerTime).free) return []
    return (await this.#askVault(sharing, round)) ?? []
  }

  /** Undefined when the vault finds it too early; none when it cannot. */
  async #askVault({ sharing }: BeaconSharing, round: bigint): Promise<readonly RoundPartial[] | undefined> {
    const { shares, log } = this.#ports
    try {
      return await shares.sign(sharing, round)
    } catch (error) {
      const code = error instanceof LariatError ? error.code : undefined
      if (code === 'shares.too-early' || code === 'shares.peers-unknown') return undefined
      // that signing is halted is told by whoever halted it
      log[code === 'sign.halted' ? 'debug' : 'warn']('no partials of a round could be made', {
        round,
        sharing,
        error: describe(error),
      })
      return []
    }
  }

  #isHolder(sharing: BeaconSharing): boolean {
    return holdersOf(sharing).some((holder) => isSame(holder, this.#ports.operator))
  }
}
