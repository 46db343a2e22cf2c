import assert from 'node:assert/strict'
import { encodeAbiParameters, keccak256 } from 'viem'
import type { Certified, ServiceChain } from '../../../../src/avs/api.ts'
import type { Conduct } from '../../../../src/avs/randomness/beacon/participation.ts'
import {
  type ConductReport,
  conductPayload,
  observeConduct,
  submitConduct,
} from '../../../../src/avs/randomness/conduct.ts'
import type { Address } from '../../../../src/util/hex.ts'

const operator = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const WINDOWS = { genesis: 10_000n, seconds: 600 }
const SCHEDULE = { genesis: 9_000n, period: 3 }

/** What was seen of window 1, which ends at 10,600 and covers the 200 rounds up to 30 s before. */
const seenOf = (operators: readonly Conduct[], seen = 200) => {
  const asked: [bigint, bigint][] = []
  return {
    asked,
    conduct(from: bigint, to: bigint) {
      asked.push([from, to])
      return { seen, operators }
    },
  }
}
const missed = (n: number, count: number): Conduct => ({ operator: operator(n), rounds: 200, missed: count })

describe('conduct', () => {
  it('names who missed more than half of its rounds in the window, ascending', () => {
    const seen = seenOf([missed(9, 150), missed(3, 101), missed(4, 100), missed(5, 0)])
    const report = observeConduct(1n, WINDOWS, SCHEDULE, seen)
    assert.deepEqual(report, { window: 1n, operators: [operator(3), operator(9)] })
    // rounds at 9,970 < t ≤ 10,570
    assert.deepEqual(seen.asked, [[(9_972n - 9_000n) / 3n + 1n, (10_570n - 9_000n) / 3n + 1n]])
  })

  it('names at most 16, those that missed most', () => {
    const report = observeConduct(
      1n,
      WINDOWS,
      SCHEDULE,
      seenOf(Array.from({ length: 20 }, (_, i) => missed(i + 1, 120 + i))),
    )
    assert.deepEqual(
      report.operators,
      Array.from({ length: 16 }, (_, i) => operator(i + 5)),
    )
  })

  it('is not judged of a window that this node saw too little of, and is nobody’s fault before there are rounds', () => {
    assert.throws(() => observeConduct(1n, WINDOWS, SCHEDULE, seenOf([missed(1, 90)], 100)), {
      code: 'observe.conduct-unseen',
    })
    const nobody = { window: 1n, operators: [] }
    assert.deepEqual(observeConduct(1n, WINDOWS, undefined, seenOf([])), nobody)
    assert.deepEqual(observeConduct(1n, WINDOWS, { genesis: 20_000n, period: 3 }, seenOf([], 0)), nobody)
  })

  it('is certified as the contract computes it', () => {
    const report = { window: 7n, operators: [operator(3), operator(9)] }
    const encoded = encodeAbiParameters([{ type: 'address[]' }, { type: 'uint64' }], [report.operators, 7n])
    assert.equal(conductPayload(report), keccak256(encoded))
    assert.notEqual(conductPayload({ ...report, operators: [] }), conductPayload(report))
  })

  it('goes on chain only when somebody is to leave, and once', async () => {
    const certified = (operators: readonly Address[]) =>
      ({
        value: { window: 7n, operators },
        certificate: { statement: { epoch: 2n, attempt: 0 } },
        onChain: { absent: '0x', signature: '0x01' },
      }) as unknown as Certified<ConductReport>
    const written: unknown[] = []
    let reported = false
    const chain = {
      read: async () => reported,
      write: async ({ args }: { args: unknown }) => {
        written.push(args)
        return { hash: '0x', blockNumber: 1n, gasUsed: 1n, status: 'success' }
      },
    } as unknown as ServiceChain
    const submit = (operators: readonly Address[]) =>
      submitConduct(operator(1), chain, certified(operators), new AbortController().signal)
    assert.equal((await submit([])).status, 'not-due')
    assert.equal((await submit([operator(3)])).status, 'landed')
    assert.deepEqual(written, [[2n, 7n, 0, { absent: '0x', signature: '0x01' }, [operator(3)]]])
    reported = true
    assert.equal((await submit([operator(3)])).status, 'already-there')
    assert.equal(written.length, 1)
  })
})
