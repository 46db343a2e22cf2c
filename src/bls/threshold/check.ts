import type { Address } from '../../util/hex.ts'
import { commitmentAt, dealingLengths, PROOF_BYTES } from './dealing.ts'
import { decodeG1, decodeG2 } from './points.ts'
import { openPolynomial, sharePublicKey } from './polynomial.ts'
import { decodeProof, verifyConstant, verifyEphemeral } from './proofs.ts'
import { dealerIndices } from './session.ts'
import { type G1, type G2, inPieces } from './start.ts'
import type { Dealing, Dealt, PublicFault, Session } from './types.ts'

/** A dealing whose points are validated. */
export interface ReadDealing extends Dealt {
  /** Dealer index of each polynomial. */
  readonly indices: readonly number[]
  /** C_k by polynomial. */
  readonly commitments: readonly (readonly G2[])[]
  readonly ephemeral: G1
}

/** Decodes a dealing and validates its points. Proofs are not looked at. */
export async function readDealing(
  session: Session,
  { dealer, dealing }: Dealt,
): Promise<ReadDealing | { readonly fault: PublicFault }> {
  const indices = dealerIndices(session, dealer)
  if (indices.length === 0) return { fault: { kind: 'not-dealer' } }
  const lengths = dealingLengths(session, indices.length)
  for (const field of Object.keys(lengths) as (keyof Dealing)[]) {
    const [bytes, expected] = [dealing[field].length, lengths[field]]
    if (bytes !== expected) return { fault: { kind: 'length', field, bytes, expected } }
  }
  const ephemeral = attempt(() => decodeG1(dealing.ephemeral))
  if (ephemeral === undefined) return { fault: { kind: 'ephemeral' } }
  const rest = inPieces()
  const commitments: G2[][] = []
  for (const polynomial of indices.keys()) {
    const points: G2[] = []
    for (let k = 0; k < session.threshold; k++) {
      const point = attempt(() => decodeG2(commitmentAt(dealing, session.threshold, polynomial, k)))
      if (point === undefined) return { fault: { kind: 'commitment', polynomial, k } }
      points.push(point)
      await rest()
    }
    commitments.push(points)
  }
  return { dealer, dealing, indices, commitments, ephemeral }
}

/** Verifies what the contract verified of a dealing when it took it: both proofs, and C_0 of a resharing. */
export async function checkProofs(session: Session, read: ReadDealing): Promise<PublicFault | undefined> {
  const { dealer, dealing, indices, commitments, ephemeral } = read
  const proofAt = (i: number) => decodeProof(dealing.proofs.subarray(i * PROOF_BYTES, (i + 1) * PROOF_BYTES))
  const rest = inPieces()
  if (!verifyEphemeral(session.id, dealer, ephemeral, proofAt(0))) return { kind: 'ephemeral-proof' }
  const old = session.previous === undefined ? undefined : openPolynomial(session.previous.polynomial)
  await rest()
  for (const [polynomial, index] of indices.entries()) {
    const constant = commitments[polynomial]?.[0] as G2
    if (old !== undefined && !sharePublicKey(old, index).isEqual(constant)) return { kind: 'constant', polynomial }
    if (!verifyConstant(session.id, dealer, index, constant, proofAt(polynomial + 1))) {
      return { kind: 'constant-proof', polynomial }
    }
    await rest()
  }
  return undefined
}

/** What everybody can see to be wrong with a dealing; undefined when nothing is. */
export async function checkDealing(session: Session, dealt: Dealt): Promise<PublicFault | undefined> {
  const read = await readDealing(session, dealt)
  return 'fault' in read ? read.fault : checkProofs(session, read)
}

/** The same of many, in their order. */
export async function checkDealings(
  session: Session,
  dealt: readonly Dealt[],
): Promise<readonly (PublicFault | undefined)[]> {
  const faults: (PublicFault | undefined)[] = []
  // one small dealing is over before its own rest comes
  const rest = inPieces()
  for (const one of dealt) {
    faults.push(await checkDealing(session, one))
    await rest()
  }
  return faults
}

/** The dealers of `dealt` in a message. */
export function dealersOf(dealt: readonly Dealt[]): Address[] {
  return dealt.map(({ dealer }) => dealer)
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
