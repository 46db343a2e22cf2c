import assert from 'node:assert/strict'
import type { BeaconSharing } from '../../src/avs/randomness/beacon/sharings.ts'
import { decodeAsk, encodePartials, encodeRounds } from '../../src/avs/randomness/beacon/wire.ts'
import { combine } from '../../src/bls/threshold/group.ts'
import type { Address } from '../../src/util/hex.ts'
import { dealSharing, indicesOf, signatureBySecret, signWith } from '../support/beacon.ts'
import { type BeaconRun, type BeaconRunOptions, beaconRun, GENESIS, PERIOD, WINDOW } from '../support/beaconRun.ts'
import { CONTRACT, SERVICE } from '../support/simnet.ts'
import { metricValue } from '../unit/signer/fixtures.ts'

const SEED = 41

const timeOf = (round: bigint) => Number(GENESIS + (round - 1n) * BigInt(PERIOD)) * 1_000

describe(`beacon in one process (seed ${SEED})`, function () {
  this.timeout(120_000)
  let run: BeaconRun
  afterEach(() => run.stop())
  const begin = async (options: Omit<BeaconRunOptions, 'seed'>) => {
    run = await beaconRun({ seed: SEED, ...options })
  }
  const operator = (index: number) => run.cast.operators[index] as Address

  /** Rounds of a node from `from` to `to` that are missing or not the group's. */
  function faulty(index: number, from: bigint, to: bigint): bigint[] {
    const kept = run.node(index).state.engine.chain?.rounds.list(from, to, 10_000) ?? []
    const signatures = new Map(kept.map(({ round, signature }) => [round, Buffer.from(signature)]))
    const wrong: bigint[] = []
    for (let round = from; round <= to; round++) {
      if (!signatures.get(round)?.equals(signatureBySecret(run.dealt, round))) wrong.push(round)
    }
    return wrong
  }

  /** Rounds that a node verified at their time, not later. */
  const onTime = async (index: number) => {
    const of = (by: string) => metricValue(run.node(index).metrics, `lariat_randomness_round_seconds_count{by="${by}"}`)
    return (await of('own')) + (await of('peer'))
  }

  const part = (index: number, of: number, what: string) =>
    metricValue(
      run.node(index).metrics,
      `lariat_randomness_participation_total{operator="${operator(of)}",part="${what}"}`,
    )

  for (const count of [4, 7]) {
    const f = Math.floor((count - 1) / 3)

    it(`${count} operators make every round at its time, with ${f} of them silent, and name who is silent`, async () => {
      const down = Array.from({ length: f }, (_, i) => count - 1 - i)
      await begin({ count, down })
      await run.toRound(14n)
      for (let index = 0; index < count - f; index++) {
        assert.deepEqual(faulty(index, 1n, 14n), [])
        assert.equal(await onTime(index), 14)
        assert.equal(await part(index, 0, 'present'), 13) // the newest round is not counted yet
        for (const silent of down) assert.equal(await part(index, silent, 'missed'), 13)
        const named = run.node(index).log.entries.filter(({ message }) => message.includes('withholds'))
        assert.deepEqual(named.map(({ fields }) => fields.operator).sort(), down.map(operator).sort())
      }
    })
  }

  it('7 operators of which 2 send false partials make every round, and name those two alone', async () => {
    const other = (index: number) => signWith(7n + BigInt(index), 1n)
    const noPoint = (_: number, signature: Uint8Array) => signature.map((byte) => byte ^ 0xff)
    await begin({ count: 7, spoil: { 1: other, 4: noPoint } })
    await run.toRound(6n)
    for (const index of [0, 2, 3, 5, 6]) {
      assert.deepEqual(faulty(index, 1n, 6n), [])
      const { participation } = run.node(index).state.engine
      for (const one of [1, 4]) {
        const told = `lariat_randomness_false_partials_total{operator="${operator(one)}"}`
        assert.ok((await metricValue(run.node(index).metrics, told)) > 0, `${index} does not name ${one}`)
      }
      for (const one of [0, 2, 3, 5, 6]) assert.equal(await part(index, one, 'present'), 5)
      const blamed = participation.list(1n, 6n, 10).flatMap((round) => round.false)
      assert.deepEqual([...new Set(blamed)].sort(), [operator(1), operator(4)].sort())
    }
  })

  it('a node that was down has every missed round soon after, and no round late because of it', async () => {
    await begin({ count: 4 })
    await run.toRound(3n)
    await run.kill(2)
    await run.toRound(25n)
    await run.start(2)
    await run.toRound(29n)
    assert.deepEqual(faulty(2, 1n, 29n), [])
    assert.equal((await metricValue(run.node(2).metrics, 'lariat_randomness_caught_up_total{by="peer"}')) >= 20, true)
    assert.ok((await onTime(2)) >= 4)
    assert.equal(await metricValue(run.node(2).metrics, 'lariat_randomness_missing_rounds'), 0)
  })

  it('rounds that nobody has are made anew once there are enough operators again', async () => {
    await begin({ count: 4 })
    await run.toRound(3n)
    await run.kill(2)
    await run.kill(3)
    await run.toRound(7n)
    assert.deepEqual(faulty(0, 1n, 7n), [4n, 5n, 6n, 7n])
    await run.start(3)
    await run.toRound(18n)
    for (const index of [0, 1, 3]) assert.deepEqual(faulty(index, 1n, 18n), [], `operator ${index}`)
  })

  it('nodes whose clocks are ahead leak nothing before the time of the others', async () => {
    await begin({ count: 4, ahead: { 3: 10_000, 2: 400 } })
    await run.toRound(8n)
    assert.ok(run.sightings.some(({ from }) => from === 'peer-2'))
    assert.deepEqual(
      run.sightings.filter(({ round, at }) => at < timeOf(round)),
      [],
    )
    for (const index of [0, 1, 2, 3]) assert.deepEqual(faulty(index, 1n, 8n), [])
    const held = 'lariat_randomness_held_back_total{reason="peers-behind"}'
    assert.ok((await metricValue(run.node(3).metrics, held)) > 0)
  })

  for (const [count, ahead] of [
    [4, { 2: 500, 3: 5_000 }],
    [7, { 3: 500, 4: 5_000, 5: 3_600_000, 6: 3_600_000 }],
  ] as const) {
    const skews = Object.values(ahead).map((ms) => ms / 1_000)
    it(`one less than the threshold of ${count} whose clocks are ahead by ${skews.join(', ')} s give nobody a round early`, async () => {
      const threshold = Object.keys(ahead).length + 1
      await begin({ count, ahead, threshold })
      await run.toRound(4n)
      // who collects all that is on its way has neither enough partials of a round nor the round before its time
      for (let round = 1n; round <= 4n; round++) {
        const early = run.sightings.filter((one) => one.round === round && one.at < timeOf(round))
        assert.deepEqual(early, [], `partials of round ${round}`)
      }
      assert.ok(run.sightings.length > 0 && run.roundSightings.length > 0)
      assert.deepEqual(
        run.roundSightings.filter(({ round, at }) => at < timeOf(round)),
        [],
      )
      // those whose clocks are right have each round all the same, where they are enough for it or the others nearly right
      const right = Array.from({ length: count }, (_, i) => i).filter((i) => !(i in ahead))
      const makers = count - Object.values(ahead).filter((ms) => ms > 60_000).length
      for (const index of right) assert.deepEqual(faulty(index, 1n, 4n).length === 0, makers >= threshold)
    })
  }

  for (const behind of [5_000, 3_600_000]) {
    it(`a node whose clock is ${behind / 1_000} s behind holds nobody up, and serves nothing that is wrong`, async () => {
      await begin({ count: 4, ahead: { 3: -behind } })
      await run.toRound(4n)
      for (const index of [0, 1, 2]) {
        assert.deepEqual(faulty(index, 1n, 4n), [])
        assert.equal(await onTime(index), 4)
        const told = 'lariat_service_messages_total{service="randomness",type="partial",via="direct",verdict="reject"}'
        assert.equal(await metricValue(run.node(index).metrics, told), 0)
      }
      // it has what its own clock says that there is, each round the group's, and blames nobody for being early
      const own = Math.floor((run.clock.now() - behind - Number(GENESIS) * 1_000) / (PERIOD * 1_000)) + 1
      const due = BigInt(Math.max(0, own - 2))
      const { chain } = run.node(3).state.engine
      assert.deepEqual(faulty(3, 1n, due), [])
      assert.ok((chain?.latest?.round ?? 0n) <= 4n)
      for (const { round, signature } of chain?.rounds.list(1n, 4n, 10) ?? []) {
        assert.ok(Buffer.from(signature).equals(signatureBySecret(run.dealt, round)))
      }
      for (const [type, via] of [
        ['partial', 'direct'],
        ['round', 'gossip'],
        ['rounds', 'direct'],
      ]) {
        const rejected = `lariat_service_messages_total{service="randomness",type="${type}",via="${via}",verdict="reject"}`
        assert.equal(await metricValue(run.node(3).metrics, rejected), 0)
      }
      if (chain === undefined) return
      const hash = chain.group.chainHash.slice(2)
      const future = await run.get(3, `/${hash}/public/${BigInt(Math.max(0, own)) + 1n}`)
      assert.equal(future.status, 404)
    })
  }

  it('the signature is one, whichever partials are combined', async () => {
    await begin({ count: 4, shares: [2, 1, 3, 1], threshold: 4 })
    await run.toRound(2n)
    const partials = run.first.shares.map((share, index) => ({ index, signature: signWith(share, 2n) }))
    const whole = Buffer.from(signatureBySecret(run.dealt, 2n))
    let subsets = 0
    for (let mask = 0; mask < 2 ** partials.length; mask++) {
      const chosen = partials.filter((_, i) => (mask >> i) & 1)
      if (chosen.length !== 4) continue
      subsets++
      assert.ok(whole.equals(combine(chosen, 4)))
    }
    assert.equal(subsets, 35)
    for (const index of [0, 1, 2, 3]) assert.deepEqual(faulty(index, 1n, 2n), [])
  })

  it('a member whose clock is behind takes part in every round, though it finds them made', async () => {
    await begin({ count: 4, threshold: 3, ahead: { 2: -200 } })
    await run.toRound(6n)
    for (const index of [0, 1, 2, 3]) assert.deepEqual(faulty(index, 1n, 6n), [], `operator ${index}`)
    for (const index of [0, 1, 3]) assert.equal(await part(index, 2, 'present'), 5)
  })

  it('another sharing takes over at its round without a missed one, and those who left still read every round', async () => {
    await begin({ count: 7, shares: [1, 1, 1, 1, 0, 0, 0], threshold: 3 })
    await run.toRound(2n)
    const members = [2, 3, 4, 5, 6].map((index) => ({ operator: operator(index), shares: index === 4 ? 2 : 1 }))
    run.announce(dealSharing(run.dealt, { number: 2n, switchRound: 5n, threshold: 4, members }))
    await run.toRound(9n)
    for (let index = 0; index < 7; index++) {
      assert.deepEqual(faulty(index, 1n, 9n), [], `operator ${index}`)
      assert.equal(await onTime(index), 9)
    }
    const rounds = (index: number) => run.node(index).state.engine.participation.list(1n, 9n, 10)
    const [eighth, ...others] = rounds(2)
    assert.deepEqual([eighth?.round, eighth?.members.length, eighth?.missed], [8n, 5, []])
    assert.deepEqual([others.length, others.at(-1)?.members.length], [7, 4])
    assert.deepEqual(
      rounds(0).map(({ round }) => round),
      [4n, 3n, 2n, 1n],
    )
    assert.equal(await metricValue(run.node(0).metrics, 'lariat_randomness_sharing'), 2)
    const next = run.node(0).state.sharings.byNumber(2n) as BeaconSharing
    assert.deepEqual(indicesOf(next, operator(0)), [])
  })

  it('a node that learns of a sharing after its first round has begun makes that round with it', async () => {
    await begin({ count: 4, threshold: 3 })
    await run.toRound(2n)
    const members = [0, 1, 2, 3].map((index) => ({ operator: operator(index), shares: 1 }))
    const next = dealSharing(run.dealt, { number: 2n, switchRound: 4n, threshold: 4, members })
    for (const index of [0, 1, 2]) run.announce(next, [index])
    await run.clock.advance(timeOf(4n) + 500 - run.clock.now())
    assert.deepEqual(faulty(0, 1n, 4n), [4n])
    run.announce(next, [3])
    await run.clock.advance(500)
    for (const index of [0, 1, 2, 3]) {
      assert.deepEqual(faulty(index, 1n, 4n), [], `operator ${index}`)
      assert.equal(await onTime(index), 4)
    }
  })

  it('two nodes that cannot reach each other hear of each other’s partials by gossip', async () => {
    await begin({ count: 4, faults: [{ kind: 'cut', between: ['peer-0', 'peer-1'] }] })
    await run.toRound(6n)
    assert.deepEqual(faulty(0, 1n, 6n), [])
    assert.equal(await part(0, 1, 'present'), 5)
    assert.equal(await part(1, 0, 'present'), 5)
  })

  it('an operator that sends rubbish of every kind costs nobody a round, and pays for it', async () => {
    await begin({ count: 4, threshold: 2, down: [3] })
    await run.toRound(2n)
    const rogue = run.rogue(3)
    const topic = (type: string) => `/lariat-m/1/31337/${CONTRACT.toLowerCase()}/${SERVICE.slice(2, 18)}/${type}`
    const lie = (round: bigint) => ({ round, signature: signWith(9n, round) })
    const partial = (round: bigint, index: number) =>
      encodePartials({ sharing: 1n, round, partials: [{ index, signature: signWith(9n, round) }] })[0] as Uint8Array
    // to who asks it for missed rounds it tells false ones
    rogue.subscribe(topic('ask'), async ({ from, data }) => {
      const ask = decodeAsk(data)
      if (ask !== undefined) await rogue.send(from, topic('rounds'), encodeRounds([lie(ask.to)]))
      return 'ignore'
    })
    // those that joined after it ask it first
    for (const index of [0, 1]) {
      await run.kill(index)
      await run.start(index)
    }
    await run.kill(2)
    await run.toRound(6n)
    await run.start(2)
    await run.clock.advance(PERIOD * 500 + 100)
    for (const peer of ['peer-0', 'peer-1', 'peer-2']) {
      await rogue.send(peer, topic('partial'), new Uint8Array(65))
      await rogue.send(peer, topic('partial'), partial(7n, 0)) // another's share
      await rogue.send(peer, topic('partial'), partial(7n, 3)) // its own, and false
      await rogue.send(peer, topic('partial'), partial(7n, 9)) // nobody's
      await rogue.send(peer, topic('rounds'), encodeRounds([lie(5n)])) // not asked for
    }
    await rogue.publish(topic('round'), encodeRounds([lie(7n)]))
    await rogue.publish(topic('round'), encodeRounds([lie(999n)])) // of the future
    await run.toRound(10n)
    for (const index of [0, 1, 2]) {
      assert.deepEqual(faulty(index, 1n, 10n), [], `operator ${index}`)
      const { metrics } = run.node(index)
      const rejected = (type: string, via: string) =>
        metricValue(
          metrics,
          `lariat_service_messages_total{service="randomness",type="${type}",via="${via}",verdict="reject"}`,
        )
      assert.equal(await rejected('partial', 'direct'), 3, `operator ${index}`)
      assert.equal(await rejected('round', 'gossip'), 1)
    }
    assert.ok((await metricValue(run.node(2).metrics, 'lariat_randomness_asked_total{outcome="false"}')) > 0)
  })

  it('a first teller that keeps rounds to itself costs them 100 ms, and all others nothing', async () => {
    await begin({ count: 4, withhold: [1] })
    const times: number[] = []
    for (let round = 1n; round <= 8n; round++) {
      const boundary = timeOf(round)
      await run.clock.advance(boundary - run.clock.now())
      const has = (index: number) => run.node(index).state.engine.chain?.rounds.get(round) !== undefined
      const others = [0, 2, 3]
      while (!others.every(has) && run.clock.now() < boundary + PERIOD * 500) await run.clock.advance(1)
      times.push(run.clock.now() - boundary)
    }
    // operator 1 is the first teller of rounds 1 and 5
    const late = times.filter((_, i) => i % 4 === 0)
    const soon = times.filter((_, i) => i % 4 !== 0)
    assert.ok(
      late.every((ms) => ms > 100 && ms <= 120),
      `${times}`,
    )
    assert.ok(
      soon.every((ms) => ms <= 20),
      `${times}`,
    )
  })

  it('windows of conduct are certified, and name who was missing for most of them', async () => {
    await begin({ count: 4, down: [3] })
    await run.clock.advance((2 * WINDOW + 30) * 1_000)
    const slots = run.node(0).data.journal.list({ service: SERVICE, limit: 10 })
    assert.equal(slots.find(({ slot }) => slot === 2n)?.outcome, 'landed')
    assert.ok(run.reports.some(({ window }) => window === 2n))
    for (const { operators } of run.reports) assert.deepEqual(operators, [operator(3)])
    const { engine, windows } = run.node(0).state
    assert.ok(engine.chain)
    const { operators } = engine.participation.conduct(10n, 30n)
    assert.deepEqual(
      operators.map((one) => [one.operator, one.missed === one.rounds]),
      run.cast.operators.map((one, i) => [one, i === 3]),
    )
    assert.equal(windows.seconds, WINDOW)
  })
})
