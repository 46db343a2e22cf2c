import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyGenerationAbi } from '../../src/avs/randomness/abi/keyGeneration.ts'
import { combine, openGroupKey, verifyRound } from '../../src/bls/threshold/group.ts'
import { verifyPartial } from '../../src/bls/threshold/partials.ts'
import { openPolynomial } from '../../src/bls/threshold/polynomial.ts'
import { startThreshold } from '../../src/bls/threshold/start.ts'
import type { PartialRound } from '../../src/bls/threshold/types.ts'
import { openShareVault } from '../../src/signer/shares/open.ts'
import { type BeaconLife, beaconLife, type LifeNode } from '../support/beaconLife.ts'
import { eventually } from '../support/eventually.ts'
import { metricValue } from '../unit/signer/fixtures.ts'

/** Seconds of a round: more for a machine on which much else runs. Blocks wait for that of themselves. */
const PACE = Number(process.env.LARIAT_PACE ?? 1)
/** ms for a session with an attempt or two, and what else runs on the machine. */
const SESSION_MS = 150_000 * PACE
/** ms after its time by which a round counts as made in it, at whoever was first: a session's mathematics run in the same process. */
const IN_TIME_MS = 2_000 * PACE
const FAILED = 3

describe('a beacon through changes of its operators', function () {
  this.timeout(450_000 * PACE)
  let life: BeaconLife
  let copies: string
  before(async () => {
    await startThreshold()
    copies = mkdtempSync(join(tmpdir(), 'lariat-copies-'))
    const delays = { startDelay: 8 * PACE, switchDelay: 10 * PACE }
    const phases = { dealBlocks: 9, complaintBlocks: 6, foldBlocks: 14 }
    life = await beaconLife(7, { ...phases, ...delays, period: PACE })
  })
  after(async () => {
    await life?.close()
    rmSync(copies, { recursive: true, force: true })
  })

  const node = (i: number): LifeNode => {
    const found = life.nodes.find(({ index }) => index === i)
    assert.ok(found !== undefined)
    return found
  }
  const told = () =>
    life.nodes
      .map(({ index, log, state }) => {
        const lines = log.entries
          .filter(({ level }) => level !== 'debug')
          .map((entry) => JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
        return [`${index}: ${state.ceremony.problems().join('; ')}`, ...lines].join('\n')
      })
      .join('\n')
  const until = (probe: () => boolean | Promise<boolean>, otherwise: string, ms = SESSION_MS) =>
    eventually(probe, otherwise, ms).catch((error) => assert.fail(`${error.message}\n${told()}`))

  const contract = () => ({ address: life.run.contracts.keyGeneration, abi: keyGenerationAbi }) as const
  const newest = (i: number) => node(i).state.sharings.at(10n ** 12n)
  const current = () => node(0).state.engine.chain?.current() ?? 0n
  const latest = (i: number) => node(i).state.engine.chain?.latest?.round ?? 0n

  /** Resolves when all of `at` know a sharing among exactly `members`, and have a round by it. */
  async function untilShared(members: readonly number[], at: readonly number[]): Promise<void> {
    const wanted = String(members.map((i) => life.run.operator(i)).toSorted())
    const isShared = (i: number) =>
      String(
        newest(i)
          ?.members.map(({ operator }) => operator)
          .toSorted(),
      ) === wanted
    await until(() => at.every(isShared), `no sharing among ${members}`)
    await until(() => at.every((i) => latest(i) > (newest(i)?.switchRound ?? 0n)), `no round by ${members}`)
  }

  const copyOf = (i: number) => join(copies, `operator-${i}`)
  /** Partials of a round by what the copy of a vault holds of a sharing. */
  async function partialsOf(i: number, sharing: bigint, round: bigint): Promise<readonly PartialRound[]> {
    const vault = await openShareVault(life.vaultOptions(i, copyOf(i)))
    try {
      return await vault.sign(sharing, round)
    } finally {
      await vault.close()
    }
  }

  it('makes every round in its time while operators come and leave and a resharing fails, under one key', async () => {
    const [founders, all, stayed, left] = [
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4, 5, 6],
      [0, 1, 2, 3, 4],
      [5, 6],
    ]
    await Promise.all(founders.map((i) => life.start(i)))
    await life.run.join(...founders)
    await untilShared(founders, founders)
    const { chain } = node(0).state.engine
    assert.ok(chain !== undefined)
    const key = await life.run.account(0).read({ ...contract(), functionName: 'group', args: [] })

    await Promise.all([4, 5, 6].map((i) => life.start(i)))
    await life.run.join(4, 5, 6)
    await untilShared(all, all)
    const second = newest(0)
    assert.ok(second !== undefined && second.threshold === 5)
    const holdsOnly = (i: number, sharing: bigint | undefined) =>
      String(
        node(i)
          .vault.sharings()
          .map((held) => held.sharing),
      ) === String(sharing ?? '')
    await until(() => all.every((i) => holdsOnly(i, second.sharing)), 'shares of the first sharing are kept')
    for (const i of all) cpSync(node(i).folder, copyOf(i), { recursive: true })

    // four of seven can deal, and five are needed
    for (const i of [0, 1, 2]) node(i).provider.down = true
    const before = await life.run
      .account(3)
      .read({ ...contract(), functionName: 'latestSession', args: [], block: 'latest' })
    for (const i of left) await life.run.leave(i)
    const failed = async () => {
      const call = { ...contract(), functionName: 'sessionInfo', args: [before + 1n], block: 'latest' } as const
      return (await life.run.account(3).read(call)).state === FAILED
    }
    await until(failed, 'no resharing fails')
    const whenFailed = current()
    assert.equal(newest(3)?.sharing, second.sharing)
    // the old sharing goes on
    await until(() => all.every((i) => latest(i) > whenFailed), 'no round after a resharing that failed')
    for (const i of [0, 1, 2]) node(i).provider.down = false
    await untilShared(stayed, all)
    const third = newest(0)
    assert.ok(third !== undefined && third.sharing > second.sharing)
    await until(() => stayed.every((i) => holdsOnly(i, third.sharing)), 'shares of the second sharing are kept')
    await until(() => left.every((i) => holdsOnly(i, undefined)), 'those who left keep their shares')

    // one key, one chain, no round missing, and none made later than in its time
    const last = current() - 2n
    const now = await life.run.account(0).read({ ...contract(), functionName: 'group', args: [] })
    assert.deepEqual(now, key)
    for (const i of all) assert.equal(node(i).state.engine.chain?.group.chainHash, chain.group.chainHash)
    for (const i of founders) {
      await until(
        () => (node(i).state.engine.chain?.rounds.list(1n, last, 10_000).length ?? 0) === Number(last),
        `operator ${i} lacks rounds`,
        10_000,
      )
    }
    const first = new Map<bigint, number>()
    for (const i of founders) {
      for (const { round, lateMs } of node(i).arrivals) first.set(round, Math.min(lateMs, first.get(round) ?? lateMs))
    }
    const late = [...first].filter(([round, ms]) => round <= last && ms > IN_TIME_MS)
    const sorted = [...first.values()].sort((a, b) => a - b)
    const at = (part: number) => Math.round(sorted[Math.floor(sorted.length * part)] ?? 0)
    const value = (i: number, name: string) => metricValue(node(i).metrics, name)
    const made = await value(0, 'lariat_randomness_round_seconds_count{by="own"}')
    const heard = await value(0, 'lariat_randomness_round_seconds_count{by="peer"}')
    console.log(
      `      ${last} rounds, ${made} made and ${heard} heard by operator 0; first at anyone p50 ${at(0.5)} ms, p99 ${at(0.99)} ms after its time`,
    )
    assert.deepEqual(late, [])
    for (const i of all) {
      const remade = node(i).log.entries.filter(({ message }) => message.includes('made anew'))
      assert.deepEqual(remade, [], `operator ${i} asked for rounds that nobody had`)
    }

    // who left can do nothing with all that it had
    const round = last
    const theirs = (await Promise.all(left.map((i) => partialsOf(i, second.sharing, round)))).flat()
    assert.ok(theirs.length > 0 && theirs.length < second.threshold)
    for (const i of left) await assert.rejects(partialsOf(i, third.sharing, round), { code: 'shares.no-share' })
    const groupKey = openGroupKey(chain.group.publicKey)
    const points = openPolynomial(third.polynomial)
    assert.equal(verifyRound(groupKey, round, combine(theirs, theirs.length)), false)
    for (const { signature } of theirs) {
      for (let index = 0; index < 5; index++) assert.equal(verifyPartial(points, round, { index, signature }), false)
    }
    const mixed = [
      ...theirs,
      ...(await node(0).vault.sign(third.sharing, round)),
      ...(await node(1).vault.sign(third.sharing, round)),
    ]
    assert.equal(
      verifyRound(
        groupKey,
        round,
        combine(
          mixed.filter((one, i) => mixed.findIndex(({ index }) => index === one.index) === i),
          3,
        ),
      ),
      false,
    )
    // while the copies of as many as the threshold, those that stayed included, would have been enough
    const enough = (await Promise.all([0, 1, 2, 5, 6].map((i) => partialsOf(i, second.sharing, round)))).flat()
    assert.ok(verifyRound(groupKey, round, combine(enough, second.threshold)))
    for (const i of all) {
      const files = readdirSync(node(i).folder).filter((file) => file.startsWith('sharing-'))
      assert.deepEqual(files, stayed.includes(i) ? [`sharing-${third.sharing}.sealed`] : [], `operator ${i}`)
    }
  })
})
