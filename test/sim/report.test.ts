import assert from 'node:assert/strict'
import { leaderOf, ranking } from '../../src/avs/rank.ts'
import { Kind } from '../../src/types/statement.ts'
import { median } from '../support/services.ts'
import { payloadOf, SERVICE } from '../support/simnet.ts'
import { type SimRun, simRun } from '../support/simrun.ts'

const SEED = 20_261_122
/** Operators observe 1000 + slot + their number, 1 to 4. */
const honest = (operator: string, slot: bigint) => 1000n + slot + BigInt(operator.slice(-1))

const leader = (run: SimRun, slot: bigint, attempt: number) =>
  leaderOf(ranking(run.cast.table, SERVICE, slot), attempt) as number
const exposition = async (run: SimRun, index: number) => (await run.nodes[index]?.metrics.expose())?.body ?? ''

describe(`report agreement, simulated (seed ${SEED})`, () => {
  let run: SimRun
  afterEach(() => run.stop())

  it('certifies every slot in attempt 0 with a value between honest observations', async () => {
    run = await simRun({ count: 4, seed: SEED, definition: median({ observe: honest }) })
    await run.pass(20)
    for (const index of [0, 1, 2, 3]) {
      const all = run.records(index)
      assert.ok(all.length >= 18, `${all.length} slots`)
      for (const { slot, outcome, attempt, reason } of all) {
        assert.deepEqual([outcome, attempt, reason], ['certified', 0, null], `slot ${slot}`)
        const payload = run.nodes[index]?.data.certificates.get(SERVICE, slot)?.payload
        assert.ok([1n, 2n, 3n, 4n].some((own) => payload === payloadOf(1000n + slot + own)))
      }
    }
  })

  it('finishes a dead leader’s round in attempt 1 within its interval', async () => {
    run = await simRun({ count: 4, seed: SEED, definition: median({ observe: honest }), down: [2] })
    await run.pass(30)
    const led = new Set<number>()
    for (const { slot, outcome, attempt, certificateMs } of run.records(0)) {
      assert.equal(outcome, 'certified', `slot ${slot}`)
      assert.equal(attempt, leader(run, slot, 0) === 2 ? 1 : 0, `slot ${slot}`)
      assert.ok((certificateMs ?? Number.POSITIVE_INFINITY) < 2000)
      led.add(leader(run, slot, 0))
    }
    assert.ok(led.has(2), 'the dead operator led none of the slots: choose another seed')
  })

  it('misses slots with a reason when no quorum is up, and goes on when it is back', async () => {
    run = await simRun({ count: 4, seed: SEED, definition: median({ observe: honest }), down: [2] })
    await run.pass(5)
    run.network.setFaults(['peer-0', 'peer-3'].map((other) => ({ kind: 'cut', between: ['peer-1', other] as const })))
    await run.pass(5)
    run.network.setFaults([])
    await run.pass(5)
    const all = run.records(0)
    const missed = all.filter(({ outcome }) => outcome === 'missed')
    assert.ok(missed.length >= 4 && missed.length <= 6, `${missed.length} missed`)
    for (const { reason } of missed) {
      assert.ok(reason === 'agree.no-observations' || reason === 'agree.no-proposal', String(reason))
    }
    assert.equal(all.at(-1)?.outcome, 'certified')
  })

  it('stays between honest values when one operator lies about its observation', async () => {
    const lying = (operator: string, slot: bigint) => (operator.endsWith('3') ? 1n : honest(operator, slot))
    run = await simRun({ count: 4, seed: SEED, definition: median({ observe: lying }) })
    await run.pass(20)
    for (const { slot, outcome } of run.records(0)) {
      assert.equal(outcome, 'certified', `slot ${slot}`)
      const payload = run.nodes[0]?.data.certificates.get(SERVICE, slot)?.payload
      assert.ok([1n, 2n, 4n].some((own) => payload === payloadOf(1000n + slot + own)))
    }
  })

  it('cuts off an operator whose signatures are false, and certifies without it', async () => {
    run = await simRun({
      count: 4,
      seed: SEED,
      definition: median({ observe: honest }),
      wrapSigner: (index, signer) =>
        index !== 1
          ? signer
          : {
              ...signer,
              // a valid point, so that only a check of the signature itself can tell
              sign: (request) =>
                signer.sign({ ...request, statement: { ...request.statement, payload: payloadOf(7n) } }),
            },
    })
    await run.pass(20)
    const all = run.records(0)
    for (const { slot, outcome, signers } of all) {
      assert.equal(outcome, 'certified', `slot ${slot}`)
      assert.equal(signers.includes(run.cast.operators[1] as string), false, `slot ${slot}`)
    }
    assert.ok(all.length >= 18)
  })

  it('does not sign a report outside its band, and says so', async () => {
    // three see 5000, one sees 1000: its band refuses, the others' quorum goes on
    const apart = (operator: string, slot: bigint) => (operator.endsWith('4') ? 1000n : 5000n) + slot
    run = await simRun({ count: 4, seed: SEED, definition: median({ observe: apart }) })
    await run.pass(10)
    for (const { outcome, signers } of run.records(0)) {
      assert.equal(outcome, 'certified')
      assert.equal(signers.includes(run.cast.operators[3] as string), false)
    }
    assert.match(await exposition(run, 3), /lariat_stage_errors_total\{service="median",stage="agree"\} [1-9]/)
  })

  it('never signs two payloads for one kind, slot and attempt', async () => {
    const signed = new Map<string, string>()
    run = await simRun({
      count: 4,
      seed: SEED,
      definition: median({ observe: honest }),
      down: [0],
      wrapSigner: (index, signer) => ({
        ...signer,
        async sign(request) {
          const { kind, slot, attempt, payload } = request.statement
          const key = `${index}/${kind}/${slot}/${attempt}`
          const signature = await signer.sign(request)
          assert.equal(signed.get(key) ?? payload, payload, key)
          signed.set(key, payload)
          return signature
        },
      }),
    })
    await run.pass(20)
    assert.ok([...signed.keys()].some((key) => key.includes(`/${Kind.propose}/`)))
    assert.ok(signed.size > 100, `${signed.size} statements`)
  })
})
