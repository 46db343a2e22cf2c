import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { parseAbi } from 'viem'
import { keyGenerationAbi } from '../../src/avs/randomness/abi/keyGeneration.ts'
import { randomnessServiceAbi } from '../../src/avs/randomness/abi/randomnessService.ts'
import { combine, openGroupKey, verifyRound } from '../../src/bls/threshold/group.ts'
import { verifyPartial } from '../../src/bls/threshold/partials.ts'
import { openPolynomial } from '../../src/bls/threshold/polynomial.ts'
import { roundTime } from '../../src/bls/threshold/rounds.ts'
import type { PartialRound } from '../../src/bls/threshold/types.ts'
import { FULL_MAGNITUDE } from '../../src/chain/core.ts'
import { bytesToBig, type Hex, hexToBytes } from '../../src/util/hex.ts'
import { seededRandom } from '../../src/util/random.ts'
import type { CeremonyNode, CeremonyRun } from './ceremonies.ts'
import { eventually } from './eventually.ts'
import { type Malice, REASON, type Refused } from './malice.ts'

const magnitudeAbi = parseAbi([
  'function getMaxMagnitude(address operator, address strategy) view returns (uint64)',
  'event OperatorSlashed(address operator, (address avs, uint32 id) operatorSet, address[] strategies, uint256[] wadSlashed, string description)',
])
const { G2 } = bls12_381
const G2_BYTES = 192
/** A tenth, as `deployRandomness` has it. */
const CONVICTION_WAD = 10n ** 17n
/** Subsets that are combined, of sharings that have more. */
const MAX_SUBSETS = 200

/** What a message of `Witness` says of each reason. */
const WHY: Readonly<Record<number, string>> = {
  [REASON.wrongShare]: 'dealt a wrong share',
  [REASON.wrongCommitment]: 'committed to what is no point of the group',
  [REASON.falseComplaint]: 'complained of a share that is right',
  [REASON.twoDealings]: 'dealt twice',
}

/** Who misbehaved, by number. */
export type Culprits = ReadonlyMap<number, Malice>

type EventName = 'Convicted' | 'Dealt' | 'EncryptionKeyRegistered' | 'Folded' | 'SessionOpened' | 'SharingStarted'

/** Events of the run's KeyGeneration, in their order. */
export function eventsOf<const Name extends EventName>(run: CeremonyRun, eventName: Name) {
  const { client, contracts } = run
  const filter = {
    address: contracts.keyGeneration,
    abi: keyGenerationAbi,
    eventName,
    fromBlock: 0n,
    strict: true,
  } as const
  return client.getContractEvents(filter)
}

/** Waits until every node knows of a sharing, and those that hold shares of it have them. */
export async function untilShared(nodes: readonly CeremonyNode[], sharing: bigint, timeoutMs: number): Promise<void> {
  const is = ({ sharings, vault, operator }: CeremonyNode) => {
    const known = sharings.byNumber(sharing)
    const has = known?.members.some((member) => member.operator.toLowerCase() === operator.toLowerCase())
    return known !== undefined && (has === false || vault.sharings().some((held) => held.sharing === sharing))
  }
  await eventually(() => nodes.every(is), `no sharing ${sharing}`, timeoutMs).catch((error) =>
    assert.fail(
      `${error.message}\n${nodes.map(({ index, ceremony }) => `${index}: ${ceremony.problems().join('; ')}`).join('\n')}`,
    ),
  )
}

/** That the group's key is the sum of the constants that those committed to who dealt and were not convicted: by other code than ours. */
export async function checkKeyIsTheSum(run: CeremonyRun, nodes: readonly CeremonyNode[], session: bigint) {
  const convicted = new Set(
    (await eventsOf(run, 'Convicted')).flatMap(({ args }) => (args.session === session ? [args.operator] : [])),
  )
  const dealt = (await eventsOf(run, 'Dealt')).filter(
    ({ args }) => args.session === session && !convicted.has(args.dealer),
  )
  const sum = dealt.reduce((all, { args }) => all.add(constantOf(args.commitments)), G2.Point.ZERO)
  for (const { sharings } of nodes) {
    assert.equal(Buffer.from(sharings.group()?.publicKey ?? []).toString('hex'), sum.toHex(true))
  }
}

/** That all nodes have the same sharing. */
export function checkSame(nodes: readonly CeremonyNode[], sharing: bigint): void {
  const told = nodes.map(({ sharings }) => JSON.stringify(sharings.byNumber(sharing), plain))
  assert.equal(new Set(told).size, 1)
  assert.equal(new Set(nodes.map(({ sharings }) => sharings.group()?.chainHash)).size, 1)
}

/**
 * That whatever `threshold` partials come to the same signature of a round, which verifies, and one partial less to none.
 * @param seed of the subsets, when there are too many to try all
 * @returns the signature
 */
export async function checkSubsets(
  nodes: readonly CeremonyNode[],
  sharing: bigint,
  seed: number,
  round = 1n,
): Promise<Uint8Array> {
  const [first] = nodes
  const group = first?.sharings.group()
  const known = first?.sharings.byNumber(sharing)
  assert.ok(group !== undefined && known !== undefined)
  const { threshold } = known
  await eventually(() => Date.now() >= roundTime(group.schedule, round), `round ${round} does not come`, 120_000)
  const partials: PartialRound[] = []
  for (const { vault } of nodes) {
    if (vault.sharings().some((held) => held.sharing === sharing)) partials.push(...(await vault.sign(sharing, round)))
  }
  const polynomial = openPolynomial(known.polynomial)
  for (const partial of partials) assert.ok(verifyPartial(polynomial, round, partial), `partial of ${partial.index}`)
  const key = openGroupKey(group.publicKey)
  const subsets = subsetsOf(partials, threshold, seed)
  const signatures = subsets.map((subset) => Buffer.from(combine(subset, threshold)).toString('hex'))
  assert.equal(new Set(signatures).size, 1, `of ${subsets.length} subsets of ${threshold} by seed ${seed}`)
  const signature = combine(subsets[0] ?? [], threshold)
  assert.ok(verifyRound(key, round, signature))
  const few = (subsets[0] ?? []).slice(1)
  assert.throws(() => combine(few, threshold), { code: 'bls.invalid-partials' })
  assert.equal(verifyRound(key, round, combine(few, threshold - 1)), false)
  return signature
}

/** All subsets of `size`, or so many by chance when there are more. */
export function subsetsOf<T>(list: readonly T[], size: number, seed: number): T[][] {
  assert.ok(list.length >= size, `${list.length} of ${size}`)
  const all: T[][] = []
  const walk = (from: number, taken: readonly T[]): void => {
    if (all.length > MAX_SUBSETS) return
    if (taken.length === size) return void all.push([...taken])
    for (let i = from; i <= list.length - (size - taken.length); i++) walk(i + 1, [...taken, list[i] as T])
  }
  walk(0, [])
  if (all.length <= MAX_SUBSETS) return all
  const random = seededRandom(seed)
  const drawn = () => list.map((one) => ({ one, draw: random() })).sort((a, b) => a.draw - b.draw)
  return Array.from({ length: MAX_SUBSETS }, () =>
    drawn()
      .slice(0, size)
      .map(({ one }) => one),
  )
}

/** That each culprit paid for what it did, those whom nothing can be shown of are named absent, and nobody else lost anything. */
export async function checkCulprits(
  run: CeremonyRun,
  honest: readonly CeremonyNode[],
  culprits: Culprits,
  session: bigint,
): Promise<void> {
  const convicted = (await eventsOf(run, 'Convicted')).map(({ args }) => [args.session, args.operator, args.reason])
  const absent = [...culprits].filter(([, { reason }]) => reason === undefined).map(([index]) => run.operator(index))
  const expected = [...culprits].flatMap(([index, { reason }]) =>
    reason === undefined ? [] : [[session, run.operator(index), reason]],
  )
  assert.deepEqual(convicted.map(String).sort(), expected.map(String).sort())
  const started = (await eventsOf(run, 'SharingStarted')).find(({ args }) => args.session === session)
  assert.deepEqual(started?.args.absent.toSorted(), absent.toSorted())

  const { client, contracts, deployed } = run
  const slashed = await client.getContractEvents({
    ...{ address: deployed.deployment.core.allocationManager, abi: magnitudeAbi, eventName: 'OperatorSlashed' },
    ...{ fromBlock: 0n, strict: true },
  })
  assert.equal(slashed.length, expected.length)
  const members = honest.map(({ index }) => index)
  for (const index of [...culprits.keys(), ...members]) {
    const operator = run.operator(index)
    const isConvicted = culprits.get(index)?.reason !== undefined
    const service = { address: contracts.service, abi: randomnessServiceAbi } as const
    const name = culprits.get(index)?.name ?? 'honest'
    assert.equal(
      await client.readContract({ ...service, functionName: 'isOperator', args: [operator] }),
      !isConvicted,
      name,
    )
    const magnitude = await client.readContract({
      ...{ address: deployed.deployment.core.allocationManager, abi: magnitudeAbi, functionName: 'getMaxMagnitude' },
      args: [operator, deployed.strategy],
    })
    assert.equal(
      magnitude,
      isConvicted ? FULL_MAGNITUDE - (FULL_MAGNITUDE * CONVICTION_WAD) / 10n ** 18n : FULL_MAGNITUDE,
      name,
    )
  }
  for (const node of honest) checkLog(run, node, culprits, absent, session)
}

function checkLog(
  run: CeremonyRun,
  { index, log }: CeremonyNode,
  culprits: Culprits,
  absent: readonly Hex[],
  session: bigint,
): void {
  const named = log.entries.flatMap(({ message, fields }) =>
    message === 'an operator was convicted in key generation' && fields.session === session
      ? [[fields.operator, fields.why]]
      : [],
  )
  const expected = [...culprits].flatMap(([i, { reason }]) =>
    reason === undefined ? [] : [[run.operator(i).toLowerCase(), WHY[reason]]],
  )
  assert.deepEqual(named.map(String).sort(), expected.map(String).sort(), `the log of operator ${index}`)
  const missed = log.entries.find(
    ({ message, fields }) => message === 'no dealing came from some operators' && fields.session === session,
  )
  assert.deepEqual(
    ((missed?.fields.absent ?? []) as Hex[]).toSorted(),
    absent.toSorted(),
    `the log of operator ${index}`,
  )
}

/** C_0 of a dealing's first polynomial. */
function constantOf(commitments: Hex) {
  const bytes = hexToBytes(commitments).subarray(0, G2_BYTES)
  const coordinate = (i: number) => bytesToBig(bytes.subarray(48 * i, 48 * (i + 1)))
  const { Fp2 } = bls12_381.fields
  return G2.Point.fromAffine({
    x: Fp2.fromBigTuple([coordinate(0), coordinate(1)]),
    y: Fp2.fromBigTuple([coordinate(2), coordinate(3)]),
  })
}

const plain = (_: string, value: unknown) =>
  typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value

/** Errors that the contract refuses dealings with. */
const REFUSAL: Readonly<Record<string, string>> = {
  late: 'SessionPhase',
  'bytes of a wrong length': 'DealingLength',
  'a bad proof of knowledge': 'EphemeralProofInvalid',
}

/** That what the contract refused was sent, and reverted, each for its reason. */
export async function checkRefused(run: CeremonyRun, culprits: Culprits, refused: readonly Refused[]): Promise<void> {
  const names = [...culprits.values()].map(({ name }) => name).filter((name) => REFUSAL[name] !== undefined)
  assert.deepEqual(refused.map(({ name }) => name).sort(), names.sort())
  for (const { name, error, hash } of refused) {
    assert.equal(error, REFUSAL[name])
    assert.equal((await run.client.getTransactionReceipt({ hash })).status, 'reverted', name)
  }
}
