import { setTimeout } from 'node:timers/promises'
import { type CeremonyRun, ceremonyRun } from '../../test/support/ceremonies.ts'
import { eventsOf, untilShared } from '../../test/support/keyChecks.ts'

/** Phases of a session: seconds from block to block, and lengths in blocks. */
export interface Phases {
  readonly blockSeconds: number
  readonly dealBlocks: number
  readonly complaintBlocks: number
  readonly foldBlocks: number
  readonly [key: string]: number
}

/** A session that ended well. */
export interface KeySession {
  /** By the chain's clock, from the block that opened it to the one with its sharing. */
  readonly seconds: number
  /** Block with its sharing. */
  readonly to: bigint
  readonly members: number
  readonly threshold: number
}

/** ms until a session must be over. */
const TIMEOUT_MS = 1_500_000
const POLL_MS = 200

type Report = (run: CeremonyRun, what: string, session: KeySession, from: bigint) => Promise<void>

/**
 * Generates a key among `operators`, and deals it anew to the others when the last of them has left.
 * @param report told of both; what belongs to one is in the blocks from `from` on
 */
export async function runKeyGeneration(operators: number, phases: Phases, report: Report): Promise<void> {
  const run = await ceremonyRun(operators, {
    ...phases,
    staggerMs: 2_000 * phases.blockSeconds,
    patienceMs: TIMEOUT_MS,
  })
  try {
    const indices = Array.from({ length: operators }, (_, i) => i)
    await run.join(...indices)
    const nodes = await Promise.all(indices.map((i) => run.start(i)))
    await untilShared(nodes, 1n, TIMEOUT_MS)
    const made = await sessionOf(run, 1n)
    await report(run, 'key generation', made, 0n)
    // all have their next key, so that no session opens without some
    while ((await keysRegistered(run)) < 2 * operators) await setTimeout(POLL_MS)
    await run.leave(operators - 1)
    await untilShared(nodes, 2n, TIMEOUT_MS)
    await report(run, 'resharing', await sessionOf(run, 2n), made.to + 1n)
  } finally {
    await run.close()
  }
}

async function sessionOf(run: CeremonyRun, sharing: bigint): Promise<KeySession> {
  const started = (await eventsOf(run, 'SharingStarted')).find(({ args }) => args.sharing === sharing)
  if (started === undefined) throw new Error(`no sharing ${sharing}`)
  const opened = (await eventsOf(run, 'SessionOpened')).find(({ args }) => args.session === started.args.session)
  if (opened === undefined) throw new Error(`no session ${started.args.session}`)
  const [from, to] = await Promise.all([opened, started].map(({ blockNumber }) => run.client.getBlock({ blockNumber })))
  return {
    seconds: Number((to?.timestamp ?? 0n) - (from?.timestamp ?? 0n)),
    to: started.blockNumber,
    members: (opened.args.members.length - 2) / 2 / 126,
    threshold: opened.args.threshold,
  }
}

async function keysRegistered(run: CeremonyRun): Promise<number> {
  return (await eventsOf(run, 'EncryptionKeyRegistered')).length
}
