import { concatBytes } from '@noble/hashes/utils.js'
import { LariatError } from '../../util/errors.ts'
import { type Address, hexToBytes } from '../../util/hex.ts'
import { checkProofs, readDealing } from '../threshold/check.ts'
import { sealedShareAt, sealingMask, xorBytes } from '../threshold/dealing.ts'
import { generatorG1, generatorG2 } from '../threshold/generators.ts'
import { decodeG1, encodeG1, encodeG2 } from '../threshold/points.ts'
import { constantChallenge, encodeProof, ephemeralChallenge } from '../threshold/proofs.ts'
import { evaluate, scalar } from '../threshold/scalars.ts'
import { dealerIndices, ownersOf } from '../threshold/session.ts'
import { type G1, type G2, inPieces, library, type Rest } from '../threshold/start.ts'
import { uint16 } from '../threshold/transcript.ts'
import type { Dealing, Member, Session } from '../threshold/types.ts'
import { respond } from './encryption.ts'
import { findBadDealings, type OpenedDealing } from './opening.ts'
import { deriveScalar, scalarBytes, scalarOf, timesG1 } from './scalars.ts'

/** Bytes of the seed that a dealing follows from. */
export const SEED_BYTES = 32
/**
 * The dealing that follows from `seed`, session and dealer, and from nothing else: the same at every call. It is checked as its
 * receivers will check it before it is given out, since a wrong one convicts its dealer.
 * @param constants the dealer's old shares by old share index, for a resharing; undefined in a fresh session
 * @throws LariatError `bls.invalid-point` (a member's key), `bls.faulty-dealing` when this machine computed wrongly
 */
export async function makeDealing(
  session: Session,
  dealer: Address,
  seed: Uint8Array,
  constants?: readonly bigint[],
): Promise<Dealing> {
  const indices = dealerIndices(session, dealer)
  const derive = (...purpose: readonly (string | Uint8Array)[]) =>
    deriveScalar(seed, session.id, 'lariat/dkg/seed', hexToBytes(dealer), ...purpose)
  const rest = inPieces()
  const polynomials: bigint[][] = []
  for (const [p, dealerIndex] of indices.entries()) {
    const own = Array.from({ length: session.threshold }, (_, k) => {
      const old = k === 0 ? constants?.[p] : undefined
      return old ?? derive('coefficient', uint16(dealerIndex), uint16(k))
    })
    polynomials.push(own)
    await rest()
  }
  const ephemeral = derive('ephemeral')
  const commitments = await commit(polynomials, rest)
  const sharedPoints = await agree(session.members, ephemeral, rest)
  const sealed: Uint8Array[] = []
  for (const [p, polynomial] of polynomials.entries()) {
    sealed.push(...seal(session, dealer, indices[p] ?? 0, polynomial, sharedPoints))
    await rest()
  }
  const dealing: Dealing = {
    commitments: concatBytes(...commitments.flatMap(({ bytes }) => bytes)),
    ephemeral: encodeG1(library().mul(generatorG1(), scalar(ephemeral))),
    sealedShares: concatBytes(...sealed),
    proofs: new Uint8Array(),
  }
  await rest()
  const proofs = await prove(session, dealer, { indices, dealing, commitments, ephemeral, polynomials }, derive, rest)
  const proven = { ...dealing, proofs }
  await checkOwn(session, dealer, proven, await agree(session.members, ephemeral, rest), rest)
  return proven
}

/** The commitments to a polynomial, C_0 first. */
interface Commitments {
  readonly constant: G2
  /** 192 bytes each. */
  readonly bytes: readonly Uint8Array[]
}

/** C_k = a_k·G2. Each coefficient is used in this dealing alone, so its multiplication is not split. */
async function commit(polynomials: readonly (readonly bigint[])[], rest: Rest): Promise<Commitments[]> {
  const { mul } = library()
  const commitments: Commitments[] = []
  for (const polynomial of polynomials) {
    const bytes: Uint8Array[] = []
    let constant: G2 | undefined
    for (const coefficient of polynomial) {
      const point = mul(generatorG2(), scalar(coefficient))
      constant ??= point
      bytes.push(encodeG2(point))
      await rest()
    }
    if (constant === undefined) throw new RangeError('a polynomial has a coefficient')
    commitments.push({ constant, bytes })
  }
  return commitments
}

/** S = r_e·pk of each member, 96 bytes, by operator. */
async function agree(members: readonly Member[], ephemeral: bigint, rest: Rest): Promise<Map<Member, Uint8Array>> {
  const points = new Map<Member, Uint8Array>()
  for (const member of members) {
    const key: G1 = decodeG1(member.encryptionKey, `encryption key of ${member.operator}`)
    points.set(member, encodeG1(timesG1(key, ephemeral)))
    await rest()
  }
  return points
}

function seal(
  session: Session,
  dealer: Address,
  dealerIndex: number,
  polynomial: readonly bigint[],
  sharedPoints: ReadonlyMap<Member, Uint8Array>,
): Uint8Array[] {
  return ownersOf(session.members).map((owner, index) => {
    const share = scalarBytes(evaluate(polynomial, BigInt(index + 1)))
    return xorBytes(share, maskOf(session, dealer, dealerIndex, index, sharedPoints.get(owner)))
  })
}

function maskOf(
  session: Session,
  dealer: Address,
  dealerIndex: number,
  shareIndex: number,
  sharedPoint: Uint8Array | undefined,
): Uint8Array {
  if (sharedPoint === undefined) throw new RangeError('a share index without an owner')
  return sealingMask(sharedPoint, session.id, dealer, dealerIndex, shareIndex)
}

/** Schnorr proofs of R's and of each C_0's secret. A nonce follows from the seed and from the point that it is for. */
async function prove(
  session: Session,
  dealer: Address,
  made: {
    readonly indices: readonly number[]
    readonly dealing: Dealing
    readonly commitments: readonly Commitments[]
    readonly ephemeral: bigint
    readonly polynomials: readonly (readonly bigint[])[]
  },
  derive: (...purpose: readonly (string | Uint8Array)[]) => bigint,
  rest: Rest,
): Promise<Uint8Array> {
  const { mul } = library()
  const nonce = derive('nonce-ephemeral', made.dealing.ephemeral)
  const t = encodeG1(mul(generatorG1(), scalar(nonce)))
  const challenge = ephemeralChallenge(session.id, dealer, made.dealing.ephemeral, t)
  const proofs = [encodeProof(respond(nonce, challenge, made.ephemeral))]
  for (const [p, dealerIndex] of made.indices.entries()) {
    const constant = made.commitments[p]?.bytes[0] as Uint8Array
    const k = derive('nonce-constant', uint16(dealerIndex), constant)
    const tk = encodeG2(mul(generatorG2(), scalar(k)))
    const c = constantChallenge(session.id, dealer, dealerIndex, constant, tk)
    proofs.push(encodeProof(respond(k, c, made.polynomials[p]?.[0] as bigint)))
    await rest()
  }
  return concatBytes(...proofs)
}

/** Reads the dealing as everybody does, and opens every share with the points of a second computation. */
async function checkOwn(
  session: Session,
  dealer: Address,
  dealing: Dealing,
  sharedPoints: ReadonlyMap<Member, Uint8Array>,
  rest: Rest,
): Promise<void> {
  const read = await readDealing(session, { dealer, dealing })
  if ('fault' in read) throw faulty(read.fault.kind)
  const fault = await checkProofs(session, read)
  if (fault !== undefined) throw faulty(fault.kind)
  const owners = ownersOf(session.members)
  const shares: bigint[][] = []
  for (const [p, dealerIndex] of read.indices.entries()) {
    const row = owners.map((owner, index) => {
      const mask = maskOf(session, dealer, dealerIndex, index, sharedPoints.get(owner))
      const share = scalarOf(xorBytes(sealedShareAt(dealing, session.shares, p, index), mask))
      if (share === undefined) throw faulty('share')
      return share
    })
    shares.push(row)
    await rest()
  }
  const opened: OpenedDealing = { read, shares }
  const [bad] = await findBadDealings([opened], [...owners.keys()])
  if (bad !== undefined) throw faulty(bad.kind)
}

function faulty(what: string): LariatError<'bls.faulty-dealing'> {
  return new LariatError(
    'bls.faulty-dealing',
    `this machine computed a dealing whose ${what} is wrong, which nobody was shown: check its memory`,
  )
}
