import { G2_BYTES } from '../../bls/threshold/points.ts'
import { openPolynomial } from '../../bls/threshold/polynomial.ts'
import { roundTime } from '../../bls/threshold/rounds.ts'
import { isSame } from '../../bls/threshold/session.ts'
import { startThreshold } from '../../bls/threshold/start.ts'
import type { Session } from '../../bls/threshold/types.ts'
import type { Metrics } from '../../metrics/registry.ts'
import type { Clock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Log } from '../../util/log.ts'
import type { Secret } from '../../util/secret.ts'
import type { KdfStrength } from '../keystore/files.ts'
import { Blinds } from './blinds.ts'
import type { SharingRecord } from './content.ts'
import { dealIn } from './dealings.ts'
import { keyToRegister, spendKey } from './encryptionKeys.ts'
import { openSealedFolder } from './folder.ts'
import { vaultMetrics } from './metrics.ts'
import { assembleShares, complainOf, examineAll } from './receiving.ts'
import { refusal } from './refusal.ts'
import { signRound } from './signing.ts'
import { VaultState } from './state.ts'
import { exportShares, importShares } from './transfer.ts'
import type { HeldSharing, PeerTime, ShareVault, VaultRefusal, VaultScope } from './vault.ts'

export interface VaultOptions {
  /** Folder of the records; made when it is not there. One process at a time opens it: the caller holds the data folder's lock. */
  readonly folder: string
  readonly scope: VaultScope
  readonly password: Secret<string>
  readonly clock: Clock
  readonly peers: PeerTime
  readonly log: Log
  readonly metrics: Metrics
  /** How costly a guess of the password is; `strong` when left out. */
  readonly strength?: KdfStrength
}

/**
 * Opens the vault in `folder`, or makes one. Takes as long as one scrypt, in a thread of its own.
 * @throws LariatError `shares.wrong-password`, `shares.other-scope`, `shares.invalid`
 */
export async function openShareVault(options: VaultOptions): Promise<ShareVault> {
  const { folder, scope, password, clock, peers, log, strength = 'strong' } = options
  await startThreshold()
  const state = await VaultState.load(await openSealedFolder({ folder, scope, password, strength }))
  const metrics = vaultMetrics(options.metrics)
  const blinds = new Blinds(clock)
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  /** Counts refusals. */
  async function counted<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (closed) throw refusal('closed', 'the share vault is closed')
      return await work()
    } catch (error) {
      const reason = reasonOf(error)
      if (reason !== undefined) metrics.refusals.inc({ reason })
      throw error
    }
  }

  /** One change at a time, in the order asked for. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(() => counted(work))
    last = result.catch(() => undefined)
    return result
  }

  return {
    scope,
    encryptionKey: () => inTurn(() => keyToRegister(state, scope)),
    encryptionKeys: () => state.encryption.map(({ publicKey }) => Uint8Array.from(publicKey)),
    spend: (publicKey, session) => inTurn(() => spendKey(state, publicKey, session)),
    deal: (session) =>
      inTurn(async () => {
        checkScope(scope, session)
        const dealing = await dealIn(state, scope, session)
        log.info('dealt', { session: session.session, id: session.id })
        return dealing
      }),
    examine: (session, dealt) =>
      inTurn(async () => {
        checkScope(scope, session)
        return examineAll(state, scope, session, dealt)
      }),
    complain: (session, dealt, fault) =>
      inTurn(async () => {
        checkScope(scope, session)
        return complainOf(state, scope, session, dealt, fault)
      }),
    assemble: (session, qualified, outcome) =>
      inTurn(async () => {
        checkScope(scope, session)
        const record = await assembleShares(state, scope, session, qualified, outcome)
        if (record === undefined) return undefined
        const held = heldOf(record)
        log.info('shares are held', { sharing: held.sharing, session: held.session, indices: held.indices })
        return held
      }),
    sharings: () => state.sharings.map(heldOf),
    // not in turn: a round must not wait for a dealing
    sign: (sharing, round) =>
      counted(async () => {
        const partials = await signRound(state, blinds, clock, peers, sharing, round)
        metrics.partials.inc({}, partials.length)
        return partials
      }),
    retire: (sharing, session) =>
      inTurn(async () => {
        await retire(state, clock, sharing, session)
        log.info('what was before this sharing is destroyed', { sharing })
      }),
    export: (secret) => inTurn(() => exportShares(state, scope, secret, { now: clock.now(), strength })),
    import: (text, secret) =>
      inTurn(async () => {
        const report = await importShares(state, scope, text, secret)
        log.info('shares were imported', { ...report })
        return report
      }),
    async close() {
      if (closed) return
      closed = true
      blinds.close()
      await last
      state.close()
    },
  }
}

async function retire(state: VaultState, clock: Clock, sharing: bigint, session: bigint): Promise<void> {
  const held = state.sharing(sharing)
  if (held !== undefined && clock.now() < roundTime(held.schedule, held.switchRound)) {
    throw refusal(
      'too-early',
      `sharing ${sharing} holds from round ${held.switchRound} on: earlier ones sign until then`,
      {
        sharing,
        round: held.switchRound,
      },
    )
  }
  const { ledger } = state
  await state.putLedger({
    retiredSharing: sharing > ledger.retiredSharing ? sharing : ledger.retiredSharing,
    retiredSession: session > ledger.retiredSession ? session : ledger.retiredSession,
  })
  for (const old of state.sharings) if (old.sharing < sharing) await state.destroySharing(old.sharing)
  for (const seed of state.seeds) if (seed.session <= session) await state.destroySeed(seed.session)
  for (const { publicKey, spentIn } of [...state.encryption]) {
    if (spentIn !== undefined && spentIn <= session) await state.destroyEncryption(publicKey)
  }
}

function heldOf(record: SharingRecord): HeldSharing {
  const { sharing, session, sessionId, switchRound, schedule, polynomial, shares } = record
  return {
    sharing,
    session,
    sessionId,
    threshold: openPolynomial(polynomial).coefficients.length,
    switchRound,
    schedule: { ...schedule },
    indices: [...shares.keys()],
    groupKey: polynomial.slice(0, G2_BYTES),
  }
}

function checkScope(scope: VaultScope, { chainId, keyGeneration, session }: Session): void {
  if (chainId === scope.chainId && isSame(keyGeneration, scope.keyGeneration)) return
  throw refusal('other-scope', `session ${session} is of another chain or contract than this vault`, {
    chainId,
    keyGeneration,
  })
}

function reasonOf(error: unknown): VaultRefusal | undefined {
  return error instanceof LariatError && error.code.startsWith('shares.')
    ? (error.code.slice('shares.'.length) as VaultRefusal)
    : undefined
}
