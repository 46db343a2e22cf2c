import { existsSync, renameSync } from 'node:fs'
import { SKEW_MARGIN_MS } from '../../signer/guard.ts'
import { seenPathOf } from '../../store/seen.ts'
import { acceptGuard } from '../../store/sqlite/guardArchive.ts'
import { openGuardFile } from '../../store/sqlite/guardFile.ts'
import { LariatError } from '../../util/errors.ts'
import { makeGuard } from './open.ts'
import { type GuardPlace, guardPath, withStoppedNode } from './place.ts'

/** What may be wrong with a record so that nothing is signed with it. */
export const GUARD_STATES = ['missing', 'damaged', 'older', 'retired'] as const
export type GuardState = (typeof GUARD_STATES)[number]

export interface Accepted {
  readonly path: string
  /** ms since the epoch: nothing that was triggered before is signed with the record. */
  readonly floorMs: number
  /** Where files were moved that are not used any more. */
  readonly setAside: readonly string[]
}

/**
 * Goes on with a record in a state in which it is refused: with the old one, or with an empty one in its place. What was
 * triggered until now is never signed with it, as it may have been.
 * @param state what the operator believes to be wrong; refused when something else is
 * @throws LariatError `guard.state`, `store.locked`, `store.…`
 */
export async function accept(place: GuardPlace, state: GuardState): Promise<Accepted> {
  const path = await guardPath(place)
  return withStoppedNode(path, () => {
    const found = stateOf(path)
    if (found !== state) {
      throw new LariatError(
        'guard.state',
        `${path} is ${found === undefined ? 'in order' : found}, not ${state}: ${found === undefined ? 'there is nothing to accept' : `if you mean that, lariat guard accept ${found}`}`,
        { path },
      )
    }
    const setAside = state === 'damaged' || state === 'missing' ? moveAway(path) : []
    if (!existsSync(path)) makeGuard(path)
    const floorMs = Date.now() + SKEW_MARGIN_MS
    acceptGuard(path, { floorMs, unretire: state === 'retired' })
    return { path, floorMs, setAside }
  })
}

/** Why a record is refused; undefined when it is not. */
export function stateOf(path: string): GuardState | undefined {
  try {
    openGuardFile(path).close()
    return undefined
  } catch (error) {
    const code = error instanceof LariatError ? error.code : ''
    const state = GUARD_STATES.find((known) => code === `store.${known}`)
    if (state === undefined) throw error
    return state
  }
}

/** Renames what is left of a record, and the memory of it: nothing is ever deleted. */
function moveAway(path: string): string[] {
  const suffix = new Date().toISOString().replaceAll(':', '')
  return [path, `${path}-wal`, `${path}-shm`, seenPathOf(path)].filter(existsSync).map((file) => {
    const to = `${file}.until-${suffix}`
    renameSync(file, to)
    return to
  })
}
