import { signWithShare } from '../../bls/secret/partial.ts'
import { scalarOf } from '../../bls/secret/scalars.ts'
import { roundTime } from '../../bls/threshold/rounds.ts'
import { breathe } from '../../bls/threshold/start.ts'
import type { PartialRound, Schedule } from '../../bls/threshold/types.ts'
import type { Clock } from '../../util/clock.ts'
import type { Blinds } from './blinds.ts'
import type { SharingRecord } from './content.ts'
import { refusal } from './refusal.ts'
import type { VaultState } from './state.ts'
import type { PeerTime } from './vault.ts'

/** Partials between two breaths of the event loop: some 4 ms, when nothing was made ahead. */
const PARTIALS_A_BREATH = 2

/**
 * The guard of rounds: a partial made before its round's time lets others know the round early, whoever's fault it is, so the time
 * must have come by this machine's clock and by the median of the peers'.
 * @throws LariatError `shares.too-early`, `shares.peers-unknown`
 */
export function checkTime(clock: Clock, peers: PeerTime, schedule: Schedule, round: bigint): void {
  const due = roundTime(schedule, round)
  const own = clock.now()
  if (!(own >= due)) throw tooEarly(round, due - own, 'this machine’s clock')
  const theirs = peers.now()
  if (theirs === undefined || Number.isNaN(theirs)) {
    throw refusal('peers-unknown', `round ${round} is not signed: no peer’s clock is known that confirms ours`, {
      round,
    })
  }
  if (theirs < due) throw tooEarly(round, due - theirs, 'the peers’ clocks')
}

/** A partial for each share index held. See `ShareVault.sign`. */
export async function signRound(
  state: VaultState,
  blinds: Blinds,
  clock: Clock,
  peers: PeerTime,
  sharing: bigint,
  round: bigint,
): Promise<PartialRound[]> {
  const held: SharingRecord | undefined = state.sharing(sharing)
  if (held === undefined) throw refusal('no-share', `no share of sharing ${sharing} is held here`, { sharing })
  checkTime(clock, peers, held.schedule, round)
  const partials: PartialRound[] = []
  for (const [index, share] of [...held.shares]) {
    const value = scalarOf(share.reveal())
    if (value === undefined || value === 0n) throw refusal('no-share', `share ${index} of ${sharing} was destroyed`)
    partials.push({ index, signature: signWithShare(value, round, blinds.take(round)) })
    if (partials.length % PARTIALS_A_BREATH === 0) await breathe()
  }
  blinds.prepareNext(round, held.shares.size, held.schedule.period)
  return partials
}

function tooEarly(round: bigint, ms: number, whose: string) {
  return refusal('too-early', `round ${round} is not signed for ${Math.ceil(ms)} ms more, by ${whose}`, { round, ms })
}
