import assert from 'node:assert/strict'
import { signWithShare } from '../../../../src/bls/secret/partial.ts'
import { scalarOf } from '../../../../src/bls/secret/scalars.ts'
import { combine, type GroupKey, openGroupKey, verifyRound } from '../../../../src/bls/threshold/group.ts'
import { G2_BYTES } from '../../../../src/bls/threshold/points.ts'
import { inverse, lagrangeAtZero, modOrder, ORDER } from '../../../../src/bls/threshold/scalars.ts'
import type { PartialRound } from '../../../../src/bls/threshold/types.ts'
import { seededRandom } from '../../../../src/util/random.ts'
import { stateOnDisk } from '../../../support/vaultState.ts'
import { Folders, type Node, openNodes, PASSWORD, runSession, scopeOf } from '../../signer/shares/fixtures.ts'

const SIZE = 5
const THRESHOLD = 3
/** Operators who bring together all that they have: one fewer than the threshold. */
const COLLUDERS = [0, 1]
/** Others, who leaked their shares of the second sharing: again one fewer. */
const LEAKED = [3, 4]
const ROUND = 7n

const seed = Number(process.env.LARIAT_SEED ?? Math.floor(Math.random() * 1e9))
const folders = new Folders()

describe(`one operator fewer than the threshold, with all that they have (seed ${seed})`, function () {
  this.timeout(60_000)
  let key: GroupKey
  /** By sharing, then by share index: what is on the operators' disks. */
  const shares = new Map<bigint, bigint[]>()
  const share = (sharing: bigint, index: number): bigint => shares.get(sharing)?.[index] as bigint

  before(async () => {
    const nodes = await openNodes(folders, SIZE)
    const first = await runSession(nodes, nodes, { session: 1n, threshold: THRESHOLD })
    await runSession(nodes, nodes, { session: 2n, threshold: THRESHOLD, previous: first.sharing, switchRound: 100n })
    key = openGroupKey(first.outcome.polynomial.slice(0, G2_BYTES))
    for (const sharing of [1n, 2n]) shares.set(sharing, await Promise.all(nodes.map((node) => onDisk(node, sharing))))
  })
  after(() => folders.clean())

  async function onDisk({ folder, i }: Node, sharing: bigint): Promise<bigint> {
    const state = await stateOnDisk({ folder, scope: scopeOf(i), password: PASSWORD })
    const value = scalarOf(state.sharing(sharing)?.shares.get(i)?.reveal() ?? new Uint8Array())
    assert.ok(value !== undefined)
    return value
  }

  const partial = (index: number, value: bigint): PartialRound => ({ index, signature: signWithShare(value, ROUND) })
  const isRound = (partials: readonly PartialRound[]) => verifyRound(key, ROUND, combine(partials, partials.length))

  it('make a round with one share more, of either sharing', () => {
    for (const sharing of [1n, 2n]) {
      for (const more of [2, 3, 4]) {
        assert.ok(isRound([...COLLUDERS, more].map((i) => partial(i, share(sharing, i)))))
      }
    }
  })

  it('make none of their shares alone', () => {
    for (const sharing of [1n, 2n]) {
      assert.equal(isRound(COLLUDERS.map((i) => partial(i, share(sharing, i)))), false)
      assert.throws(
        () =>
          combine(
            COLLUDERS.map((i) => partial(i, share(sharing, i))),
            THRESHOLD,
          ),
        {
          code: 'bls.invalid-partials',
        },
      )
    }
  })

  it('make none with a share that they guess, or pass off as another’s', () => {
    const random = seededRandom(seed)
    const own = COLLUDERS.map((i) => partial(i, share(1n, i)))
    const guesses = [
      1n,
      ORDER - 1n,
      // the next of an arithmetic progression, their sum, and what Lagrange says of a polynomial of one degree less
      modOrder(2n * share(1n, 1) - share(1n, 0)),
      modOrder(share(1n, 0) + share(1n, 1)),
      ...COLLUDERS.flatMap((i) => [share(1n, i), share(2n, i)]),
      ...Array.from({ length: 16 }, () => modOrder(BigInt(Math.floor(random() * 2 ** 52)) ** 5n) || 1n),
    ]
    for (const [n, guess] of guesses.entries()) {
      const more = 2 + (n % 3)
      assert.equal(isRound([...own, partial(more, guess)]), false, `${more}: ${guess}`)
    }
  })

  it('make none of shares of two sharings, one fewer than the threshold of each', () => {
    const have = [
      ...COLLUDERS.map((i) => ({ i, sharing: 1n })),
      ...COLLUDERS.map((i) => ({ i, sharing: 2n })),
      ...LEAKED.map((i) => ({ i, sharing: 2n })),
    ]
    // all sets of three and more with different indices, that have not the threshold of one sharing
    let tried = 0
    for (let set = 0; set < 2 ** have.length; set++) {
      const used = have.filter((_, bit) => (set >> bit) & 1)
      const isPure = [1n, 2n].some((sharing) => used.filter((one) => one.sharing === sharing).length === used.length)
      if (used.length < THRESHOLD || isPure || new Set(used.map(({ i }) => i)).size < used.length) continue
      tried++
      assert.equal(isRound(used.map(({ i, sharing }) => partial(i, share(sharing, i)))), false, JSON.stringify(set))
    }
    assert.ok(tried >= 6, String(tried))
  })

  it('know how the two sharings differ, and still not the secret', () => {
    // both polynomials have the secret at 0, so their difference is known in as many points as it has coefficients
    const xs = [...COLLUDERS.map((i) => BigInt(i + 1)), 0n]
    const differences = [...COLLUDERS.map((i) => modOrder(share(2n, i) - share(1n, i))), 0n]
    const at = (x: bigint) => interpolate(xs, differences, x)
    for (const other of [2, 3, 4]) {
      assert.equal(at(BigInt(other + 1)), modOrder(share(2n, other) - share(1n, other)))
      // so that shares of one sharing are no better than those of the other
      const moved = modOrder(at(BigInt(other + 1)) + share(1n, COLLUDERS[0] as number))
      assert.equal(isRound([...COLLUDERS.map((i) => partial(i, share(2n, i))), partial(other, moved)]), false)
    }
  })

  it('cannot have the secret from any equation between what was dealt to them', () => {
    const honest = [2, 3, 4]
    const own = COLLUDERS.map((i) => i + 1)
    // unknowns: the coefficients of each honest dealer in the first session, then those but the constant in the second
    const width = honest.length * (2 * THRESHOLD - 1)
    const row = (fill: (row: bigint[]) => void): bigint[] => {
      const made = new Array<bigint>(width).fill(0n)
      fill(made)
      return made
    }
    const powers = (x: number) => Array.from({ length: THRESHOLD }, (_, k) => modOrder(BigInt(x) ** BigInt(k)))
    /** The part that the honest have in the share of the first sharing at `x`, into a row. */
    const firstShare = (into: bigint[], x: number) => {
      for (const h of honest.keys()) for (const [k, power] of powers(x).entries()) into[h * THRESHOLD + k] = power
    }
    const known = honest.flatMap((dealer, h) =>
      own.flatMap((x) => [
        row((one) => {
          for (const [k, power] of powers(x).entries()) one[h * THRESHOLD + k] = power
        }),
        // what it deals in the second has its share of the first as its constant
        row((one) => {
          firstShare(one, dealer + 1)
          const base = honest.length * THRESHOLD + h * (THRESHOLD - 1)
          for (const [k, power] of powers(x).slice(1).entries()) one[base + k] = power
        }),
      ]),
    )
    const secret = row((one) => {
      for (const h of honest.keys()) one[h * THRESHOLD] = 1n
    })
    const before = rank(known)
    assert.equal(rank([...known, secret]), before + 1)
    // one more share of the first sharing, and they have it
    const more = [...known, row((one) => firstShare(one, 3))]
    assert.equal(rank([...more, secret]), rank(more))
    assert.equal(rank(more), before + 1)
  })
})

/** The value at `x` of the polynomial through the points. */
function interpolate(xs: readonly bigint[], ys: readonly bigint[], x: bigint): bigint {
  const shifted = xs.map((one) => modOrder(one - x))
  return lagrangeAtZero(shifted).reduce((sum, factor, i) => modOrder(sum + factor * (ys[i] ?? 0n)), 0n)
}

/** Rank of a matrix over the scalars. */
function rank(matrix: readonly (readonly bigint[])[]): number {
  const rows = matrix.map((row) => [...row])
  const width = rows[0]?.length ?? 0
  let done = 0
  for (let column = 0; column < width && done < rows.length; column++) {
    const at = rows.findIndex((row, i) => i >= done && row[column] !== 0n)
    if (at === -1) continue
    const [pivot] = rows.splice(at, 1) as [bigint[]]
    rows.splice(done, 0, pivot)
    const factor = inverse(pivot[column] as bigint)
    for (const row of rows.slice(done + 1)) {
      const times = modOrder((row[column] as bigint) * factor)
      for (const [i, value] of pivot.entries()) row[i] = modOrder((row[i] as bigint) - times * value)
    }
    done++
  }
  return done
}
