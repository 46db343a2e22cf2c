import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyGenerationAbi } from '../../src/avs/randomness/abi/keyGeneration.ts'
import { combine, openGroupKey, verifyRound } from '../../src/bls/threshold/group.ts'
import { verifyPartial } from '../../src/bls/threshold/partials.ts'
import { openPolynomial } from '../../src/bls/threshold/polynomial.ts'
import { startThreshold } from '../../src/bls/threshold/start.ts'
import type { PartialRound } from '../../src/bls/threshold/types.ts'
import { seededRandom } from '../../src/util/random.ts'
import { type CeremonyChain, ceremonyChain } from '../support/ceremonyChain.ts'
import { ceremonyLives, type Lives, type LivesOptions } from '../support/ceremonyLives.ts'
import { eventually } from '../support/eventually.ts'
import { leaksIn } from '../support/secretSearch.ts'

/** Kills at random instants: none but in `npm run check:deep -- beacon`. */
const RANDOM_KILLS = Number(process.env.LARIAT_CEREMONY_KILLS ?? 0)
const SEED = Number(process.env.KILL_SEED ?? Date.now() & 0x7fffffff)
/** Longest time from one of them to the next, ms. */
const KILL_EVERY_MS = 6_000
/** Seconds of a block: more for a machine on which much else runs. */
const PACE = Number(process.env.LARIAT_PACE ?? 1)
/** ms for a session, an attempt or two of it, and all deaths in it. */
const SESSION_MS = 240_000 * PACE
/** Blocks of a second; on a loaded machine seven processes need some of them for what they do at once. */
const PHASES = { dealBlocks: 14, complaintBlocks: 12, foldBlocks: 40 }
const TURNS = { staggerMs: 500 * PACE, patienceMs: 30_000 * PACE }

describe('key generation and resharing under kill -9', function () {
  this.timeout(PACE * Math.max(600_000, RANDOM_KILLS * 20_000))
  let run: CeremonyChain
  let lives: Lives | undefined
  before(() => startThreshold())
  afterEach(async () => {
    await lives?.close()
    await run?.close()
  })

  const contract = () => ({ address: run.contracts.keyGeneration, abi: keyGenerationAbi }) as const
  const onChain = () => run.account(0)
  const session = () => onChain().read({ ...contract(), functionName: 'latestSession', args: [], block: 'latest' })
  const sharing = () => onChain().read({ ...contract(), functionName: 'latestSharing', args: [], block: 'latest' })

  /** Fails with what the processes told. */
  async function until(of: Lives, probe: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
    const looked = async () => {
      of.check()
      return probe()
    }
    await eventually(looked, otherwise, SESSION_MS).catch((error) => {
      const told = Array.from({ length: 8 }, (_, i) =>
        of
          .told(i)
          .map((event) => `${i}: ${JSON.stringify(event)}`)
          .filter((line) => !line.includes('"debug"')),
      )
      throw new Error(`${error.message}\n${told.flat().join('\n')}`)
    })
  }

  const begin = async (accounts: number, options: Partial<LivesOptions>) => {
    let isDown = false
    run = await ceremonyChain(accounts, { ...PHASES, blockSeconds: PACE, isHeld: () => isDown })
    const onDown = (is: boolean) => {
      isDown = is
    }
    return ceremonyLives({ run, ...TURNS, ...options, onDown })
  }

  /** Nobody dealt twice, as the processes told it, over all of their lives. */
  function assertOneDealing(of: Lives, count: number): void {
    for (let i = 0; i < count; i++) {
      const payloads = new Map<unknown, Set<unknown>>()
      for (const event of of.told(i)) {
        if (!('log' in event) || event.log !== 'posting our dealing') continue
        const { session, payload } = event.fields
        payloads.set(session, (payloads.get(session) ?? new Set()).add(payload))
      }
      for (const [session, all] of payloads)
        assert.equal(all.size, 1, `operator ${i} dealt twice in session ${session}`)
    }
  }

  /** The sharing's shares at these operators make the group's signature, and nothing is left of those before it. */
  async function assertShares(of: Lives, indices: readonly number[], number: bigint): Promise<void> {
    const { session, switchRound } = await onChain().read({
      ...{ ...contract(), functionName: 'sharingInfo', args: [number], block: 'latest' },
    })
    const { key } = await onChain().read({ ...contract(), functionName: 'group', args: [], block: 'latest' })
    const [started] = await onChain().logs({
      ...{ ...contract(), eventName: 'SharingStarted', to: await run.block() },
      from: (await onChain().read({ ...contract(), functionName: 'sessionInfo', args: [session] })).complaintEnd,
    })
    assert.ok(started !== undefined)
    const { polynomial, threshold } = started.args as { polynomial: `0x${string}`; threshold: number }
    const partials: PartialRound[] = []
    for (const i of indices) {
      const vault = await of.open(i)
      assert.deepEqual(
        vault.sharings().map((held) => held.sharing),
        [number],
        `operator ${i}`,
      )
      partials.push(...(await vault.sign(number, switchRound)))
      await vault.close()
    }
    const points = openPolynomial(Buffer.from(polynomial.slice(2), 'hex'))
    for (const partial of partials) assert.ok(verifyPartial(points, switchRound, partial))
    const groupKey = openGroupKey(Buffer.from(key.slice(2), 'hex'))
    assert.ok(verifyRound(groupKey, switchRound, combine(partials.slice(0, threshold), threshold)))
    assert.ok(verifyRound(groupKey, switchRound, combine(partials.slice(-threshold), threshold)))
  }

  const points = (of: Lives, i: number, name: string) =>
    of.told(i).filter((event) => 'point' in event && event.point === name).length

  /** All that died did so without a readable secret in their files, and nobody but `guilty` was convicted. */
  function assertDeaths(of: Lives, operators: readonly number[], guilty: readonly number[]): void {
    for (const { index, point, leaks } of of.deaths) assert.deepEqual(leaks, [], `operator ${index}, ${point}`)
    const convicted = operators.flatMap((i) =>
      of.told(i).flatMap((event) => ('log' in event && event.log.includes('convicted') ? [event.fields.operator] : [])),
    )
    const named = new Set(convicted.map((operator) => String(operator).toLowerCase()))
    assert.deepEqual(
      [...named],
      guilty.map((i) => run.operator(i).toLowerCase()),
    )
  }

  it('finishes in every phase that operators are killed in, with the same dealings, and no secret is on disk', async () => {
    const malicious = 6
    const operators = [0, 1, 2, 3, 4, 5, malicious]
    const faults = new Map<number, readonly string[]>([
      [0, ['sent-registerEncryptionKey', 'sent-fold@key', 'write-sharing-1', 'dealing-signed@resharing']],
      [1, ['registerEncryptionKey-landed', 'before-deal@key', 'before-fold@key', 'deal@resharing-landed']],
      // what it has not signed before it dies it does not sign after: others have to be enough in that attempt
      [2, ['dealing-made@key', 'before-fold@key', 'assemble@key-done', 'write-sharing-2', 'retire@2-done']],
      [
        3,
        [
          'dealing-signed@key',
          'sent-complainShare@key',
          'sent-fold@key',
          'before-assemble@key',
          'before-fold@resharing',
          'before-retire@2',
        ],
      ],
      [4, ['sent-deal@key', 'fold@key-landed', 'write-encryption', 'sent-deal@resharing', 'sent-fold@resharing']],
      [5, ['deal@key-landed', 'complaint-made@key', 'complainShare@key-landed', 'before-fold@resharing']],
    ])
    for (const i of [0, 1, 5]) faults.set(i, [...(faults.get(i) ?? []), 'destroy-sharing-1', 'assemble@resharing-done'])
    lives = await begin(7, { faults, spoilers: [malicious] })
    const all = lives
    await run.join(...operators)
    // when these are back from their first death the others come: a session that opens meanwhile would be without them
    for (const i of [0, 1]) all.start(i)
    await until(all, () => [0, 1].every((i) => points(all, i, 'started') === 2), 'they do not die and come back')
    for (const i of [2, 3, 4, 5, malicious]) all.start(i)

    await until(all, async () => (await sharing()) >= 1n, 'no key is generated')
    // convicted in an attempt that failed, who dealt badly is no member, and somebody else has to leave for a resharing
    const members = await onChain().read({
      ...{ ...contract(), functionName: 'membersOf', args: [await session()], block: 'latest' },
    })
    const isMember = members.toLowerCase().includes(run.operator(malicious).slice(2).toLowerCase())
    if (!isMember) await run.leave(4)
    const stayed = isMember ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3, 5]
    await until(all, async () => (await sharing()) >= 2n, 'the key is not handed on')
    const last = await sharing()
    // once more than it died of it
    const isOver = (i: number) => {
      const name = `retire@${last}-done`
      return points(all, i, name) > all.deaths.filter(({ index, point }) => index === i && point === name).length
    }
    await until(all, () => stayed.every(isOver), 'old shares are kept')
    assert.deepEqual(await all.stop(), [])

    const { deaths } = all
    console.log(`      ${deaths.length} kills: ${deaths.map(({ index, point }) => `${index} ${point}`).join(', ')}`)
    assertOneDealing(all, 7)
    assertDeaths(all, operators, [malicious])
    await assertShares(all, stayed, last)
    assert.ok(deaths.length >= 12)
    const phases = [/registerEncryptionKey/, /deal/, /complain/, /fold/, /assemble|write-sharing/, /retire|destroy/]
    for (const phase of phases)
      assert.ok(
        deaths.some(({ point }) => phase.test(point)),
        String(phase),
      )
    assert.ok(
      deaths.some(({ temporary }) => temporary.length > 0),
      'no kill left a temporary file',
    )

    // that the search would find one
    const [secret] = all.secretsOf(0).slice(-1)
    assert.ok(secret !== undefined && all.secretsOf(0).length >= 4)
    const planted = join(all.folderOf(0), 'shares', 'planted.tmp')
    writeFileSync(planted, `{"share":"${Buffer.from(secret).toString('base64')}"}`)
    assert.deepEqual(leaksIn(all.folderOf(0), all.secretsOf(0)), [planted])
  })

  if (RANDOM_KILLS > 0) {
    it(`goes on through ${RANDOM_KILLS} kills at random (KILL_SEED=${SEED})`, async () => {
      const random = seededRandom(SEED)
      const stayed = [0, 1, 2, 3, 4]
      // who left can be slashed for two weeks of blocks, and joins no more in this test: others come in its place
      const guests = [5, 6, 7, 8, 9]
      const changes = guests.flatMap((guest, i) => [
        ...(i === 0 ? [] : [{ guest, joins: true }]),
        { guest, joins: false },
      ])
      const [first] = guests as [number]
      const running = [...stayed, first]
      lives = await begin(5 + guests.length, {})
      const all = lives
      await run.join(...running)
      for (const i of running) all.start(i)
      await until(all, async () => (await sharing()) >= 1n, 'no key is generated')
      let [known, resharings] = [await sharing(), 0]
      const change = async () => {
        const next = changes.shift()
        if (next === undefined) throw new Error('more resharings than guests: add some')
        if (!next.joins) return run.leave(next.guest)
        await run.join(next.guest)
        all.start(next.guest)
        running.push(next.guest)
      }
      /** Whether the key was handed on; somebody leaves or joins then, so that it will be again. */
      const turn = async () => {
        const now = await sharing()
        if (now === known) return false
        resharings += Number(now - known)
        known = now
        await change()
        return true
      }
      await change()
      let next = Date.now()
      while (all.deaths.length < RANDOM_KILLS) {
        all.check()
        if (changes.length > 2) await turn()
        if (Date.now() >= next) {
          all.kill(running[Math.floor(random() * running.length)] ?? 0)
          next = Date.now() + random() * KILL_EVERY_MS
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      // left alone, it comes to an end
      await until(all, turn, 'the key is not handed on after the last kill')
      await until(all, turn, 'the key is not handed on once more')
      console.log(`      ${all.deaths.length} kills, ${await session()} sessions, ${resharings} resharings`)
      const last = await sharing()
      const isOver = (i: number) => points(all, i, `retire@${last}-done`) > 0
      await until(all, () => stayed.every(isOver), 'old shares are kept')
      assert.deepEqual(await all.stop(), [])
      assertOneDealing(all, 5 + guests.length)
      assertDeaths(all, running, [])
      await assertShares(all, stayed, await sharing())
    })
  }
})
