import type { CursorStore } from '../../store/store.ts'
import type { Statement } from '../../types/statement.ts'
import type { Clock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'

/** How far a slot may lie above the highest that was signed, whatever the time: a node's own window for indices is 256. */
const REACH_SLOTS = 1_024n
/** And further by this many for each second since: the fastest chains have four blocks a second, and a service of time slots at most one. */
const SLOTS_PER_SECOND = 4
/** Services times kinds under one ServiceManager that may have a record: each may grow, and names of services come from the node. */
const MAX_STREAMS = 64

/**
 * Keeps a stolen node from pushing the record far ahead: all below the watermark is refused for ever, so one signature for a
 * slot of the far future would end this operator's signing. A node's window says what it likes; this is the signer's own.
 */
export interface Reach {
  /** @throws LariatError `signer.refused` for a slot too far above the highest signed one, or a service too many */
  check(contract: Address, statement: Statement): void
  /** Notes what was signed. */
  signed(contract: Address, statement: Statement): void
}

/** Highest signed slot, and when it was signed, ms since the epoch. */
interface Mark {
  readonly slot: bigint
  readonly at: number
}

/** @param cursors durable; what a power cut takes from them makes the reach shorter, never longer */
export function createReach(cursors: CursorStore, clock: Clock): Reach {
  const marks = new Map<string, Mark>()
  const countOf = (contract: Address) => `reach/${contract.toLowerCase()}`
  const nameOf = (contract: Address, { service, kind }: Statement) =>
    `${countOf(contract)}/${service.toLowerCase()}/${kind}`

  function markOf(name: string): Mark | undefined {
    const known = marks.get(name)
    if (known !== undefined) return known
    const slot = cursors.get(`${name}/slot`)
    if (slot === undefined) return undefined
    const mark = { slot, at: Number(cursors.get(`${name}/at`) ?? 0n) }
    marks.set(name, mark)
    return mark
  }

  return {
    check(contract, statement) {
      const mark = markOf(nameOf(contract, statement))
      if (mark === undefined) {
        if ((cursors.get(countOf(contract)) ?? 0n) < MAX_STREAMS) return
        throw refused(`${MAX_STREAMS} services and kinds have a record under ${contract} already`)
      }
      const seconds = Math.max(0, clock.now() - mark.at) / 1_000
      const most = mark.slot + REACH_SLOTS + BigInt(Math.floor(seconds * SLOTS_PER_SECOND))
      if (statement.slot > most) {
        throw refused(
          `slot ${statement.slot} of service ${statement.service} lies far above ${mark.slot}, the highest that was signed: at most ${most} is due. See whether the node is the one that it should be; if the service numbers its slots anew, stop the signer and remove its data.sqlite`,
        )
      }
    },
    signed(contract, statement) {
      const name = nameOf(contract, statement)
      const mark = markOf(name)
      if (mark !== undefined && statement.slot <= mark.slot) return
      if (mark === undefined) cursors.set(countOf(contract), (cursors.get(countOf(contract)) ?? 0n) + 1n)
      const at = Math.floor(clock.now())
      cursors.set(`${name}/at`, BigInt(at)) // first: a time without its slot shortens the reach
      cursors.set(`${name}/slot`, statement.slot)
      marks.set(name, { slot: statement.slot, at })
    },
  }
}

function refused(why: string): LariatError<'signer.refused'> {
  return new LariatError('signer.refused', why)
}
