import { randomBytes } from 'node:crypto'
import { makeDealing, SEED_BYTES } from '../../bls/secret/dealing.ts'
import { scalarOf } from '../../bls/secret/scalars.ts'
import { dealerIndices } from '../../bls/threshold/session.ts'
import type { Dealing, Session } from '../../bls/threshold/types.ts'
import { equalBytes } from '../../util/hex.ts'
import { Secret } from '../../util/secret.ts'
import type { SeedRecord } from './content.ts'
import { refusal } from './refusal.ts'
import type { VaultState } from './state.ts'
import type { VaultScope } from './vault.ts'

/** This operator's dealing in `session`. See `ShareVault.deal`. */
export async function dealIn(state: VaultState, scope: VaultScope, session: Session): Promise<Dealing> {
  if (dealerIndices(session, scope.operator).length === 0) {
    throw refusal('not-member', `this operator does not deal in session ${session.session}`, {
      session: session.session,
    })
  }
  const constants = session.previous === undefined ? undefined : oldShares(state, scope, session, session.previous)
  const { seed } = state.seed(session.session) ?? (await makeSeed(state, session))
  if (state.seed(session.session)?.id !== session.id) throw otherSession(session)
  return makeDealing(session, scope.operator, seed.reveal(), constants)
}

/** The secret of a dealing that nobody has seen, on disk. Those of earlier sessions, which are over, are destroyed. */
async function makeSeed(state: VaultState, session: Session): Promise<SeedRecord> {
  const { ledger, seeds } = state
  const newest = seeds.reduce((max, seed) => (seed.session > max ? seed.session : max), ledger.session)
  // also when its number is that of the newest: its seed was destroyed, and a second one would make a second dealing
  if (session.session <= newest || session.session <= ledger.retiredSession) throw otherSession(session)
  for (const { session: old } of seeds) await state.destroySeed(old)
  const record = { session: session.session, id: session.id, seed: new Secret(new Uint8Array(randomBytes(SEED_BYTES))) }
  await state.putSeed(record)
  await state.putLedger({ session: session.session, sessionId: session.id })
  return record
}

/** This operator's shares of the old sharing, by index: the constants of its polynomials. */
function oldShares(
  state: VaultState,
  scope: VaultScope,
  session: Session,
  previous: NonNullable<Session['previous']>,
): bigint[] {
  const held = state.sharing(previous.sharing)
  if (held === undefined || !equalBytes(held.polynomial, previous.polynomial)) {
    throw refusal('no-share', `no share of sharing ${previous.sharing} is held here, so none can be dealt on`, {
      sharing: previous.sharing,
    })
  }
  return dealerIndices(session, scope.operator).map((index) => {
    const share = held.shares.get(index)
    const value = share === undefined ? undefined : scalarOf(share.reveal())
    if (value === undefined) {
      throw refusal('no-share', `share ${index} of sharing ${previous.sharing} is not held here`, {
        sharing: previous.sharing,
        index,
      })
    }
    return value
  })
}

function otherSession(session: Session) {
  return refusal(
    'other-session',
    `session ${session.session} is over, or another one of its number was dealt in: nothing is dealt in it again`,
    { session: session.session, id: session.id },
  )
}
