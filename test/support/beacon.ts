import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { Shares } from '../../src/avs/api.ts'
import type { BeaconSharing, Group } from '../../src/avs/randomness/beacon/sharings.ts'
import { chainHash } from '../../src/bls/threshold/chain.ts'
import { hashRound } from '../../src/bls/threshold/hash.ts'
import { compressG1 } from '../../src/bls/threshold/points.ts'
import { roundTime } from '../../src/bls/threshold/rounds.ts'
import { scalar } from '../../src/bls/threshold/scalars.ts'
import { library } from '../../src/bls/threshold/start.ts'
import type { Schedule } from '../../src/bls/threshold/types.ts'
import type { Clock } from '../../src/util/clock.ts'
import { LariatError } from '../../src/util/errors.ts'
import { type Address, bigToBytes } from '../../src/util/hex.ts'
import { seededRandom } from '../../src/util/random.ts'

const { Fr } = bls12_381.fields
const G2 = bls12_381.G2.Point

/** A group whose secret a trusted dealer knows: what a key generation would have made. */
export interface DealtGroup {
  readonly secret: bigint
  readonly group: Group
}

/** A sharing with all its shares, by index. */
export interface DealtSharing {
  readonly sharing: BeaconSharing
  readonly shares: readonly bigint[]
}

export function dealGroup(seed: number, schedule: Schedule): DealtGroup {
  const secret = scalarOf(seededRandom(seed))
  const publicKey = G2.BASE.multiply(secret).toBytes(true)
  const groupHash = `0x${'5a'.repeat(32)}` as const
  return { secret, group: { publicKey, schedule, groupHash, chainHash: chainHash({ publicKey, schedule, groupHash }) } }
}

export interface SharingPlan {
  readonly number: bigint
  readonly switchRound: bigint
  readonly threshold: number
  readonly members: readonly { readonly operator: Address; readonly shares: number }[]
}

/** Splits the group's secret anew. */
export function dealSharing({ secret }: DealtGroup, plan: SharingPlan): DealtSharing {
  const random = seededRandom(Number(plan.number) + 1_000)
  const coefficients = [secret, ...Array.from({ length: plan.threshold - 1 }, () => scalarOf(random))]
  const total = plan.members.reduce((sum, { shares }) => sum + shares, 0)
  const polynomial = Buffer.concat(coefficients.map((a) => affine(a)))
  return {
    sharing: {
      sharing: plan.number,
      switchRound: plan.switchRound,
      threshold: plan.threshold,
      members: plan.members,
      polynomial: Uint8Array.from(polynomial),
    },
    shares: Array.from({ length: total }, (_, index) => valueAt(coefficients, BigInt(index + 1))),
  }
}

/** The signature of a round by the group's secret itself: what every subset of shares must come to. */
export function signatureBySecret({ secret }: DealtGroup, round: bigint): Uint8Array {
  return signWith(secret, round)
}

/** The share vault of one operator, as far as the beacon uses it: in memory, and with the same rule about a round's time. */
export function dealtVault(
  operator: Address,
  dealt: readonly DealtSharing[],
  schedule: Schedule,
  clock: Clock,
  spoil: (index: number, signature: Uint8Array) => Uint8Array = (_, signature) => signature,
): Pick<Shares, 'sign' | 'scope'> {
  return {
    scope: { chainId: 31_337, genesisHash: '0x', keyGeneration: `0x${'cc'.repeat(20)}`, operator },
    async sign(number, round) {
      if (clock.now() < roundTime(schedule, round)) throw new LariatError('shares.too-early', `round ${round}`)
      const found = dealt.find(({ sharing }) => sharing.sharing === number)
      const indices = found === undefined ? [] : indicesOf(found.sharing, operator)
      if (found === undefined || indices.length === 0) throw new LariatError('shares.no-share', `sharing ${number}`)
      return indices.map((index) => ({
        index,
        signature: spoil(index, signWith(found.shares[index] as bigint, round)),
      }))
    },
  }
}

/** Share indices of a member. */
export function indicesOf({ members }: BeaconSharing, operator: Address): number[] {
  let next = 0
  for (const member of members) {
    const own = Array.from({ length: member.shares }, (_, i) => next + i)
    if (member.operator.toLowerCase() === operator.toLowerCase()) return own
    next += member.shares
  }
  return []
}

export function signWith(share: bigint, round: bigint): Uint8Array {
  return compressG1(library().mul(hashRound(round), scalar(share)), 'partial')
}

function valueAt(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, coefficient) => Fr.add(Fr.mul(sum, x), coefficient), 0n)
}

/** Four numbers of 32 bits' worth of randomness each would do; this is not for secrets. */
function scalarOf(random: () => number): bigint {
  let value = 0n
  for (let i = 0; i < 8; i++) value = (value << 32n) | BigInt(Math.floor(random() * 2 ** 32))
  return Fr.create(value) || 1n
}

/** x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1 of value·G2. */
function affine(value: bigint): Uint8Array {
  const { x, y } = G2.BASE.multiply(value).toAffine()
  return Buffer.concat([x.c0, x.c1, y.c0, y.c1].map((coordinate) => bigToBytes(coordinate, 48)))
}
