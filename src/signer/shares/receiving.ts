import { proveSharedPoint, sharedPoint } from '../../bls/secret/encryption.ts'
import { findBadDealings, type OpenedDealing, openDealing, shareLiesOn, unseal } from '../../bls/secret/opening.ts'
import { scalarBytes } from '../../bls/secret/scalars.ts'
import { checkProofs, type ReadDealing, readDealing } from '../../bls/threshold/check.ts'
import { openPolynomial } from '../../bls/threshold/polynomial.ts'
import { countPolynomials, foldPolynomials } from '../../bls/threshold/qualified.ts'
import { modOrder, ORDER } from '../../bls/threshold/scalars.ts'
import { dealerIndices, isSame, shareIndices } from '../../bls/threshold/session.ts'
import { breathe } from '../../bls/threshold/start.ts'
import type { DealingFault, Dealt, Session } from '../../bls/threshold/types.ts'
import { equalBytes } from '../../util/hex.ts'
import { Secret } from '../../util/secret.ts'
import type { EncryptionRecord, SharingRecord } from './content.ts'
import { secretFor, spendKey } from './encryptionKeys.ts'
import { refusal } from './refusal.ts'
import type { VaultState } from './state.ts'
import type { ShareComplaint, SharingOutcome, VaultScope } from './vault.ts'

/** What is wrong with each dealing. See `ShareVault.examine`. */
export async function examineAll(
  state: VaultState,
  scope: VaultScope,
  session: Session,
  dealt: readonly Dealt[],
): Promise<(DealingFault | undefined)[]> {
  const indices = shareIndices(session.members, scope.operator)
  const key = indices.length === 0 ? undefined : secretFor(state, scope, session)
  const faults: (DealingFault | undefined)[] = []
  const opened: { readonly at: number; readonly dealing: OpenedDealing }[] = []
  for (const [at, one] of dealt.entries()) {
    const result = await examineOne(session, one, key, indices)
    if ('fault' in result) faults[at] = result.fault
    else {
      faults[at] = undefined
      opened.push({ at, dealing: result })
    }
    await breathe()
  }
  const bad = await findBadDealings(
    opened.map(({ dealing }) => dealing),
    indices,
  )
  for (const [i, { at }] of opened.entries()) faults[at] = bad[i]
  return faults
}

async function examineOne(
  session: Session,
  dealt: Dealt,
  key: EncryptionRecord | undefined,
  indices: readonly number[],
): Promise<OpenedDealing | { readonly fault: DealingFault }> {
  const read = await readDealing(session, dealt)
  if ('fault' in read) return read
  const fault = await checkProofs(session, read)
  if (fault !== undefined) return { fault }
  if (key === undefined) return { read, shares: read.indices.map(() => []) }
  return openDealing(session, read, sharedPoint(key.secret.reveal(), dealt.dealing.ephemeral), indices)
}

/** The proof that one share is wrong. See `ShareVault.complain`. */
export async function complainOf(
  state: VaultState,
  scope: VaultScope,
  session: Session,
  dealt: Dealt,
  { polynomial, shareIndex }: { readonly polynomial: number; readonly shareIndex: number },
): Promise<ShareComplaint> {
  const key = secretFor(state, scope, session)
  const read = await readDealing(session, dealt)
  if ('fault' in read || read.indices[polynomial] === undefined) {
    throw refusal('dealing-is-bad', `the dealing of ${dealt.dealer} cannot be read: that is another complaint`, {
      dealer: dealt.dealer,
    })
  }
  if (!shareIndices(session.members, scope.operator).includes(shareIndex)) {
    throw refusal('not-member', `share ${shareIndex} of session ${session.session} is not this operator's`)
  }
  const place = { sessionId: session.id, dealer: dealt.dealer, recipient: scope.operator, polynomial, shareIndex }
  const { sharedPoint: point, c, z } = proveSharedPoint(place, key.secret.reveal(), dealt.dealing.ephemeral)
  if (isGood(session, read, polynomial, shareIndex, point)) {
    throw refusal('share-is-good', `share ${shareIndex} from ${dealt.dealer} is right: a complaint would convict us`, {
      dealer: dealt.dealer,
      polynomial,
      shareIndex,
    })
  }
  return { dealer: dealt.dealer, polynomial, shareIndex, sharedPoint: point, c, z }
}

/** This operator's shares of what `session` ended in; undefined when it has none. See `ShareVault.assemble`. */
export async function assembleShares(
  state: VaultState,
  scope: VaultScope,
  session: Session,
  qualified: readonly Dealt[],
  outcome: SharingOutcome,
): Promise<SharingRecord | undefined> {
  const indices = shareIndices(session.members, scope.operator)
  if (indices.length === 0) return undefined
  const known = state.sharing(outcome.sharing)
  if (known !== undefined) return sameAsKnown(known, session, outcome)
  if (outcome.sharing < state.ledger.retiredSharing) {
    throw refusal('no-share', `sharing ${outcome.sharing} was retired here`, { sharing: outcome.sharing })
  }
  const key = secretFor(state, scope, session)
  if (!equalBytes(await foldPolynomials(session, qualified), outcome.polynomial)) {
    throw refusal(
      'dealing-is-bad',
      `no share of session ${session.session}: the dealings that were given do not make the polynomial`,
      { session: session.session },
    )
  }
  const sums = await sumShares(session, qualified, key, indices)
  const polynomial = openPolynomial(outcome.polynomial)
  for (const [i, index] of indices.entries()) {
    const good = shareLiesOn(sums[i] ?? 0n, polynomial.coefficients, index)
    if (!good) throw await blame(state, scope, session, qualified)
    await breathe()
  }
  const record: SharingRecord = {
    sharing: outcome.sharing,
    session: session.session,
    sessionId: session.id,
    switchRound: outcome.switchRound,
    schedule: { ...outcome.schedule },
    polynomial: Uint8Array.from(outcome.polynomial),
    shares: new Map(indices.map((index, i) => [index, new Secret(scalarBytes(sums[i] ?? 0n))])),
  }
  // first: after a kill between the two the shares are made again, and a spent key is never offered for registration
  await spendKey(state, key.publicKey, session.session)
  await state.putSharing(record)
  return record
}

/** Σ factor·share over the counted polynomials, for each of this operator's indices. */
async function sumShares(
  session: Session,
  qualified: readonly Dealt[],
  key: EncryptionRecord,
  indices: readonly number[],
): Promise<bigint[]> {
  const counted = countPolynomials(
    session,
    qualified.map(({ dealer }) => dealer),
  )
  const sums = indices.map(() => 0n)
  for (const { dealer, dealing } of qualified) {
    const own = counted.filter((one) => isSame(one.dealer, dealer))
    if (own.length === 0) continue
    const point = sharedPoint(key.secret.reveal(), dealing.ephemeral)
    for (const { polynomial, dealerIndex, factor } of own) {
      for (const [i, shareIndex] of indices.entries()) {
        const share = unseal(session, { dealer, dealing }, { polynomial, dealerIndex, shareIndex }, point)
        sums[i] = modOrder((sums[i] ?? 0n) + factor * share)
      }
    }
    await breathe()
  }
  return sums
}

/** Names the dealers whose dealings do not open. */
async function blame(state: VaultState, scope: VaultScope, session: Session, qualified: readonly Dealt[]) {
  const faults = await examineAll(state, scope, session, qualified)
  const dealers = qualified.flatMap(({ dealer }, i) => (faults[i] === undefined ? [] : [dealer]))
  return refusal(
    'dealing-is-bad',
    `no share of session ${session.session}: what ${dealers.join(', ')} dealt to this operator is wrong, and nobody complained in time`,
    { session: session.session, dealers },
  )
}

function isGood(
  session: Session,
  read: ReadDealing,
  polynomial: number,
  shareIndex: number,
  point: Uint8Array,
): boolean {
  const dealerIndex = dealerIndices(session, read.dealer)[polynomial] ?? 0
  const share = unseal(session, read, { polynomial, dealerIndex, shareIndex }, point)
  return share < ORDER && shareLiesOn(share, read.commitments[polynomial] ?? [], shareIndex)
}

function sameAsKnown(known: SharingRecord, session: Session, outcome: SharingOutcome): SharingRecord {
  const same =
    known.sessionId === session.id &&
    known.switchRound === outcome.switchRound &&
    known.schedule.genesis === outcome.schedule.genesis &&
    known.schedule.period === outcome.schedule.period &&
    equalBytes(known.polynomial, outcome.polynomial)
  if (same) return known
  throw refusal('other-session', `sharing ${outcome.sharing} is held here from another session, or with other terms`, {
    sharing: outcome.sharing,
    session: known.session,
  })
}
