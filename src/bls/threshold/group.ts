import { LariatError } from '../../util/errors.ts'
import { generatorG2 } from './generators.ts'
import { hashRound } from './hash.ts'
import {
  compressG1,
  compressG2,
  decodeG1,
  decodeG1Unchecked,
  decodeG2,
  encodeG1,
  G1_COMPRESSED_BYTES,
} from './points.ts'
import { lagrangeAtZero, scalar } from './scalars.ts'
import { type G1, type G2, library, type PrecomputedG2 } from './start.ts'
import type { PartialRound } from './types.ts'

/** Share indices are u16 on the wire. */
const MAX_INDEX = 0xffff

/** A point of G2 whose part of the pairing is computed beforehand: a third of a verification. */
export interface GroupKey {
  readonly point: G2
  readonly lines: PrecomputedG2
}

let generator: GroupKey | undefined
/** The lines lie in the library's own memory, some 20 kB a key. */
const unused = new FinalizationRegistry<PrecomputedG2>((lines) => lines.destroy())

/** The group's public key from its 96, 192 or 256 bytes. @throws LariatError `bls.invalid-point` */
export function openGroupKey(bytes: Uint8Array): GroupKey {
  return prepare(decodeG2(bytes, 'group key'))
}

/** The group key, compressed, 96 bytes. */
export function groupKeyBytes(key: GroupKey): Uint8Array {
  return compressG2(key.point)
}

/** True when `signature` (48 bytes) is the group's of `round`. Bytes that are no point, or one outside the subgroup, are false. */
export function verifyRound(key: GroupKey, round: bigint, signature: Uint8Array): boolean {
  const point = signatureOf(signature)
  return point !== undefined && pairsWith(point, hashRound(round), key)
}

/** A round's signature as contracts take it: `x ‖ y`, 96 bytes. @throws LariatError `bls.invalid-point` */
export function affineSignature(signature: Uint8Array): Uint8Array {
  return encodeG1(decodeG1(signature, 'signature of a round'), 'signature of a round')
}

/**
 * The signature that the first `threshold` partials give: 48 bytes, not verified; verify it once, and look for bad partials only
 * when that fails.
 * @throws LariatError `bls.invalid-partials` when there are fewer, one index comes twice, or one is no point
 */
export function combine(partials: readonly PartialRound[], threshold: number): Uint8Array {
  const used = partials.slice(0, threshold)
  if (used.length < threshold || threshold < 1) throw invalid(`${used.length} are given, ${threshold} are needed`)
  for (const { index } of used) {
    if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX) throw invalid(`${index} is no share index`)
  }
  if (new Set(used.map(({ index }) => index)).size !== used.length) throw invalid('one share index is there twice')
  const points = used.map(({ index, signature }) => {
    if (signature.length !== G1_COMPRESSED_BYTES) throw invalid(`that of share ${index} is not 48 bytes long`)
    // Whatever lies outside the subgroup shows in the sum, which is validated.
    return decodeG1Unchecked(signature, `partial of share ${index}`)
  })
  const coefficients = lagrangeAtZero(used.map(({ index }) => BigInt(index + 1)))
  const sum = library().mulVec(points, coefficients.map(scalar))
  return compressG1(sum, 'combined signature')
}

/** True when e(a, generator) = e(b, key). */
export function pairsWith(a: G1, b: G1, key: GroupKey): boolean {
  const { finalExp, neg, precomputedMillerLoop2 } = library()
  return finalExp(precomputedMillerLoop2(neg(a), generatorKey().lines, b, key.lines)).isOne()
}

/** True when e(a, generator) = e(b, key), for a key that is used once. */
export function pairsWithOnce(a: G1, b: G1, key: G2): boolean {
  const { finalExp, neg, precomputedMillerLoop2mixed } = library()
  return finalExp(precomputedMillerLoop2mixed(b, key, neg(a), generatorKey().lines)).isOne()
}

/** A validated round signature or partial; undefined when it is none. */
export function signatureOf(bytes: Uint8Array): G1 | undefined {
  if (bytes.length !== G1_COMPRESSED_BYTES) return undefined
  try {
    return decodeG1(bytes)
  } catch {
    return undefined
  }
}

function generatorKey(): GroupKey {
  generator ??= prepare(generatorG2())
  return generator
}

function prepare(point: G2): GroupKey {
  const lines = new (library().PrecomputedG2)(point)
  const key = { point, lines }
  unused.register(key, lines)
  return key
}

function invalid(why: string): LariatError<'bls.invalid-partials'> {
  return new LariatError('bls.invalid-partials', `partials refused: ${why}`)
}
