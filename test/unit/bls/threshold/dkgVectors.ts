import { makeDealing } from '../../../../src/bls/secret/dealing.ts'
import {
  encryptionPublicKey,
  proveEncryptionKey,
  proveSharedPoint,
  sharedPoint,
} from '../../../../src/bls/secret/encryption.ts'
import { unseal } from '../../../../src/bls/secret/opening.ts'
import { signWithShare } from '../../../../src/bls/secret/partial.ts'
import { scalarBytes } from '../../../../src/bls/secret/scalars.ts'
import { chainHash } from '../../../../src/bls/threshold/chain.ts'
import { dealingPayload, restHash } from '../../../../src/bls/threshold/dealing.ts'
import { combine } from '../../../../src/bls/threshold/group.ts'
import { encodeG2, G2_BYTES } from '../../../../src/bls/threshold/points.ts'
import { openPolynomial, sharePublicKey } from '../../../../src/bls/threshold/polynomial.ts'
import { countPolynomials, foldPolynomials } from '../../../../src/bls/threshold/qualified.ts'
import { randomness } from '../../../../src/bls/threshold/rounds.ts'
import { modOrder } from '../../../../src/bls/threshold/scalars.ts'
import {
  dealerIndices,
  describeSession,
  encodeMembers,
  ownersOf,
  shareIndices,
  sharingHash,
} from '../../../../src/bls/threshold/session.ts'
import { startThreshold } from '../../../../src/bls/threshold/start.ts'
import type { Dealing, Dealt, Member, Session, Sharing } from '../../../../src/bls/threshold/types.ts'
import { type Address, bytesToHex, type Hex } from '../../../../src/util/hex.ts'

const CHAIN_ID = 31_337
const KEY_GENERATION: Address = '0x00000000000000000000000000000000000d6d6d'
const OPERATORS: readonly Address[] = [
  '0x1000000000000000000000000000000000000001',
  '0x2000000000000000000000000000000000000002',
  '0x3000000000000000000000000000000000000003',
  '0x4000000000000000000000000000000000000004',
  '0x5000000000000000000000000000000000000005',
]
const GENESIS = 1_800_000_000n
const PERIOD = 3

/** Encryption secret of an operator for a session: fixed, and another each time. */
function secretOf(operator: Address, session: bigint): Uint8Array {
  return scalarBytes(BigInt(operator) * 1_000_003n + session)
}

function member(operator: Address, session: bigint, weight: bigint, shares: number): Member {
  return { operator, encryptionKey: encryptionPublicKey(secretOf(operator, session)), weight, shares }
}

/** One run: all deal, nobody complains, all are folded. */
async function run(session: Session, dealers: readonly Address[], held: ReadonlyMap<Address, readonly bigint[]>) {
  const dealt: Dealt[] = []
  for (const [i, dealer] of dealers.entries()) {
    const seed = new Uint8Array(32).fill(16 * Number(session.session) + i)
    const constants = session.previous === undefined ? undefined : held.get(dealer)
    dealt.push({ dealer, dealing: await makeDealing(session, dealer, seed, constants) })
  }
  const polynomial = await foldPolynomials(session, dealt)
  const sharing: Sharing = {
    sharing: session.session,
    members: session.members,
    threshold: session.threshold,
    polynomial,
  }
  return { dealt, sharing, shares: sharesOf(session, dealt) }
}

function sharesOf(session: Session, dealt: readonly Dealt[]): Map<Address, bigint[]> {
  const counted = countPolynomials(
    session,
    dealt.map(({ dealer }) => dealer),
  )
  return new Map(
    session.members.map(({ operator }) => {
      const secret = secretOf(operator, session.session)
      const shares = shareIndices(session.members, operator).map((shareIndex) =>
        counted.reduce((sum, { dealer, polynomial, dealerIndex, factor }) => {
          const one = dealt.find((candidate) => candidate.dealer === dealer) as Dealt
          const point = sharedPoint(secret, one.dealing.ephemeral)
          return modOrder(sum + factor * unseal(session, one, { polynomial, dealerIndex, shareIndex }, point))
        }, 0n),
      )
      return [operator, shares]
    }),
  )
}

function sessionJson(session: Session, result: Awaited<ReturnType<typeof run>>) {
  return {
    session: Number(session.session),
    epoch: Number(session.epoch),
    attempt: session.attempt,
    threshold: session.threshold,
    shares: session.shares,
    members: session.members.map(({ operator, encryptionKey, weight, shares }) => ({
      operator,
      encryptionKey: bytesToHex(encryptionKey),
      encryptionSecret: bytesToHex(secretOf(operator, session.session)),
      registration: proofJson(
        proveEncryptionKey(
          { chainId: CHAIN_ID, keyGeneration: KEY_GENERATION, operator },
          secretOf(operator, session.session),
        ),
      ),
      weight: Number(weight),
      shares,
    })),
    table: bytesToHex(encodeMembers(session.members)),
    membersHash: session.membersHash,
    oldSharing: session.previous === undefined ? `0x${'00'.repeat(32)}` : sharingHash(session.previous),
    id: session.id,
    dealings: result.dealt.map(({ dealer, dealing }) => dealingJson(session, dealer, dealing)),
    counted: countPolynomials(
      session,
      result.dealt.map(({ dealer }) => dealer),
    ).map(({ dealer, polynomial, dealerIndex, factor }) => ({
      dealer,
      polynomial,
      dealerIndex,
      factor: word(factor),
    })),
    sharing: Number(result.sharing.sharing),
    polynomial: bytesToHex(result.sharing.polynomial),
    sharingHash: sharingHash(result.sharing),
    publicShares: ownersOf(session.members).map((_, index) =>
      bytesToHex(encodeG2(sharePublicKey(openPolynomial(result.sharing.polynomial), index))),
    ),
    secretShares: [...result.shares.values()].flat().map(word),
  }
}

function dealingJson(session: Session, dealer: Address, dealing: Dealing) {
  return {
    dealer,
    dealerIndices: dealerIndices(session, dealer),
    commitments: bytesToHex(dealing.commitments),
    ephemeral: bytesToHex(dealing.ephemeral),
    sealedShares: bytesToHex(dealing.sealedShares),
    proofs: bytesToHex(dealing.proofs),
    restHash: restHash(dealing),
    payload: dealingPayload(session.id, dealer, dealing),
  }
}

/** A dealing changed after it was made, and the third member's complaint about its share: right for one, false for the other. */
function complaints(session: Session, { dealer, dealing }: Dealt) {
  const shareIndex = 2
  const recipient = session.members[shareIndex]?.operator as Address
  const secret = secretOf(recipient, session.session)
  const sealedShares = dealing.sealedShares.slice()
  sealedShares[shareIndex * 32 + 31] = (sealedShares[shareIndex * 32 + 31] ?? 0) ^ 1
  const tooLarge = dealing.sealedShares.slice()
  tooLarge[shareIndex * 32] = (tooLarge[shareIndex * 32] ?? 0) ^ 0x80
  const commitments = dealing.commitments.slice()
  commitments[G2_BYTES + 191] = (commitments[G2_BYTES + 191] ?? 0) ^ 1
  const complaint = (about: Dealing) => {
    const place = { sessionId: session.id, dealer, recipient, polynomial: 0, shareIndex }
    const { sharedPoint: point, ...proof } = proveSharedPoint(place, secret, about.ephemeral)
    return { recipient, polynomial: 0, shareIndex, sharedPoint: bytesToHex(point), ...proofJson(proof) }
  }
  return [
    { about: 'wrong-share', convicts: 'dealer', change: { ...dealing, sealedShares } },
    { about: 'share-not-below-r', convicts: 'dealer', change: { ...dealing, sealedShares: tooLarge } },
    { about: 'good-share', convicts: 'recipient', change: dealing },
    { about: 'commitment', convicts: 'dealer', change: { ...dealing, commitments } },
  ].map(({ about, convicts, change }) => ({
    about,
    convicts,
    dealing: dealingJson(session, dealer, change),
    ...(about === 'commitment' ? { polynomial: 0, k: 1 } : { complaint: complaint(change) }),
  }))
}

/** test/vectors/dkg.json: a fresh session of four (t = 3), and two resharings of it, all by fixed seeds. */
export async function buildDkgVectors() {
  await startThreshold()
  const [a, b, c, d, e] = OPERATORS as [Address, Address, Address, Address, Address]
  const common = { chainId: CHAIN_ID, keyGeneration: KEY_GENERATION, attempt: 0, threshold: 3 }
  const first = describeSession({
    ...common,
    session: 1n,
    epoch: 7n,
    members: [a, b, c, d].map((operator) => member(operator, 1n, 100n, 1)),
  })
  const fresh = await run(first, [a, b, c, d], new Map())
  const second = describeSession({
    ...common,
    session: 2n,
    epoch: 8n,
    members: [b, c, d, e].map((operator, i) => member(operator, 2n, i === 0 ? 200n : 100n, i === 0 ? 2 : 1)),
    previous: fresh.sharing,
  })
  const reshared = await run(second, [a, b, c, d], fresh.shares)
  const third = describeSession({
    ...common,
    session: 3n,
    epoch: 9n,
    attempt: 1,
    members: [b, c, d, e].map((operator) => member(operator, 3n, 100n, 1)),
    previous: reshared.sharing,
  })
  // b deals two polynomials, and with c's one that is enough; d and e are absent
  const again = await run(third, [b, c], reshared.shares)
  const groupKey = fresh.sharing.polynomial.slice(0, G2_BYTES)
  const round = 1_234n
  const shares = [...fresh.shares.values()].flat()
  const partials = shares.map((share, index) => ({ index, signature: signWithShare(share, round) }))
  const signature = combine(partials, 3)
  return {
    note: 'Made by scripts/dkg-vectors.ts from fixed seeds; the secrets are for tests alone. Points are unpadded affine.',
    chainId: CHAIN_ID,
    keyGeneration: KEY_GENERATION,
    sessions: [sessionJson(first, fresh), sessionJson(second, reshared), sessionJson(third, again)],
    complaints: complaints(first, fresh.dealt[1] as Dealt),
    beacon: {
      groupKey: bytesToHex(groupKey),
      groupHash: first.id,
      genesis: Number(GENESIS),
      period: PERIOD,
      chainHash: chainHash({
        schedule: { genesis: GENESIS, period: PERIOD },
        publicKey: groupKey,
        groupHash: first.id,
      }),
      round: Number(round),
      partials: partials.map(({ index, signature: partial }) => ({ index, signature: bytesToHex(partial) })),
      signature: bytesToHex(signature),
      randomness: bytesToHex(randomness(signature)),
    },
  }
}

function proofJson({ c, z }: { c: bigint; z: bigint }) {
  return { c: word(c), z: word(z) }
}

function word(value: bigint): Hex {
  return bytesToHex(scalarBytes(value))
}
